"""The one place that assembles the read path from settings. Tests assemble small parts themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant.assistant import Assistant
from assistant.compose.extractive import ExtractiveGenerator
from assistant.exporting import send_spans
from assistant.knowing import default_judge
from assistant.names import load_glossary
from assistant.ranking import default_ranking
from assistant.records import open_records
from assistant.settings import Settings

if TYPE_CHECKING:
    from assistant.generation.writer import ModelWriter


def assemble(settings: Settings) -> Assistant:
    """An assistant over the live index of ``settings.data_dir``. Raises AskwellError subclasses.

    A missing index is not an error here: the first question says so.
    """
    from ingest.embedders import load_embedder
    from ingest.holder import IndexHolder

    send_spans(settings.otlp_endpoint)
    embedder = load_embedder(settings.embedding_model, settings.data_dir, settings.threads)
    return Assistant(
        holder=IndexHolder(settings.data_dir, embedder, chroma_url=settings.chroma_url),
        embedder=embedder,
        records=open_records(settings),
        glossary=load_glossary(settings.glossary),
        ranking=default_ranking(),
        judge=default_judge(),
        generator=ExtractiveGenerator(),
        writer=model_writer(settings),
        max_question_chars=settings.max_question_chars,
    )


def model_writer(settings: Settings) -> ModelWriter | None:
    """The chat model of the settings, ready to write; None without one. Raises BadInputError when it cannot be used."""
    if not settings.model:
        return None
    from assistant.generation.calls import Caller, Prices
    from assistant.generation.chat_models import ModelOptions, open_chat_model
    from assistant.generation.writer import ModelWriter, WriterOptions

    model = open_chat_model(
        ModelOptions(
            name=settings.model,
            base_url=settings.model_base_url,
            api_key=settings.model_api_key.get_secret_value(),
            seconds=settings.model_timeout,
            output_tokens=settings.model_output_tokens,
        )
    )
    prices = Prices(settings.model_input_price, settings.model_output_price)
    return ModelWriter(
        Caller(model, attempts=settings.model_attempts, prices=prices),
        WriterOptions(
            seconds=settings.model_timeout,
            context_tokens=settings.model_context_tokens,
            unsupported=settings.model_unsupported,
            judge=settings.model_judge,
        ),
    )
