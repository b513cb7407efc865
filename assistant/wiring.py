"""The one place that assembles the read path from settings. Tests assemble small parts themselves."""

from __future__ import annotations

from assistant.assistant import Assistant
from assistant.compose.extractive import ExtractiveGenerator
from assistant.knowing import default_judge
from assistant.names import load_glossary
from assistant.ranking import default_ranking
from assistant.records import open_records
from assistant.settings import Settings


def assemble(settings: Settings) -> Assistant:
    """An assistant over the live index of ``settings.data_dir``. Raises AskwellError subclasses.

    A missing index is not an error here: the first question says so.
    """
    from ingest.embedders import load_embedder
    from ingest.holder import IndexHolder

    embedder = load_embedder(settings.embedding_model, settings.data_dir, settings.threads)
    return Assistant(
        holder=IndexHolder(settings.data_dir, embedder, chroma_url=settings.chroma_url),
        embedder=embedder,
        records=open_records(settings),
        glossary=load_glossary(settings.glossary),
        ranking=default_ranking(),
        judge=default_judge(),
        generator=ExtractiveGenerator(),
        max_question_chars=settings.max_question_chars,
    )
