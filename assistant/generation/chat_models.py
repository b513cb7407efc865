"""The one module that knows LangChain's chat models: opens one by name, streams its text, translates its errors."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from assistant.generation.failures import ModelFailure, failure_of
from ingest.errors import BadInputError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

_EXTRAS = {
    "openai": ("langchain_openai", "openai"),
    "azure_openai": ("langchain_openai", "openai"),
    "anthropic": ("langchain_anthropic", "anthropic"),
    "ollama": ("langchain_ollama", "ollama"),
    "bedrock": ("langchain_aws", "bedrock"),
    "bedrock_converse": ("langchain_aws", "bedrock"),
    "google_genai": ("langchain_google_genai", "google"),
}
"""Providers that an extra of ours installs: provider -> (module, extra)."""

_ENDS = ("finish_reason", "stop_reason", "stopReason", "done_reason")
_FINISHED = frozenset({"stop", "end_turn", "stop_sequence", "STOP", "eos", "1"})
_CUT_SHORT = frozenset({"length", "max_tokens", "MAX_TOKENS", "model_context_window_exceeded"})
_WITHHELD = frozenset(
    {"content_filter", "refusal", "guardrail_intervened", "content_filtered", "SAFETY", "PROHIBITED_CONTENT"}
)


@dataclass(frozen=True, slots=True)
class ModelOptions:
    """``seconds`` is how long a single wait for the provider may be."""

    name: str
    base_url: str = ""
    api_key: str = ""
    seconds: float = 45.0
    output_tokens: int = 1200


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of text, or what became known: tokens used, whether the answer was cut short by its length."""

    text: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    finished: bool = False
    too_short: bool = False


class ChatModel(Protocol):
    @property
    def name(self) -> str: ...

    def stream(self, system: str, data: str) -> Iterator[Delta]:
        """Raises ModelFailure, and nothing else, when the provider fails."""
        ...


def open_chat_model(options: ModelOptions) -> ChatModel:
    """Raises BadInputError with what to install or set when the model cannot be opened. Nothing is sent yet."""
    return LangChainChat(options.name, open_langchain_model(options))


def open_langchain_model(options: ModelOptions) -> BaseChatModel:
    """LangChain's own object, for what needs more of it than text. Raises as ``open_chat_model`` does."""
    provider, colon, model = options.name.partition(":")
    if not colon or not provider or not model:
        raise BadInputError(
            f"ASKWELL_MODEL is {options.name!r}; write provider:name, for example openai:gpt-5-mini or ollama:llama3.2"
        )
    module, extra = _EXTRAS.get(provider, ("", ""))
    if module and importlib.util.find_spec(module) is None:
        raise BadInputError(f"ASKWELL_MODEL={options.name} needs more packages. Run: pip install 'askwell[{extra}]'")
    from langchain.chat_models import init_chat_model

    arguments = _arguments(provider, options)
    try:
        try:
            opened: BaseChatModel = init_chat_model(model, model_provider=provider, **arguments)
        except Exception:
            if provider != "openai" or not options.base_url or options.api_key:
                raise
            # A server of one's own often wants no key; the library insists on having one.
            opened = init_chat_model(model, model_provider=provider, **arguments, api_key="none")
    except ImportError as error:
        raise BadInputError(f"ASKWELL_MODEL={options.name} needs more packages: {error}") from error
    except Exception as error:  # each provider checks its own arguments in its own way
        said = str(error).strip().splitlines() or [type(error).__name__]
        hint = f" {said[0][:200]}"
        raise BadInputError(
            f"ASKWELL_MODEL={options.name} cannot be used:{hint} Set ASKWELL_MODEL_API_KEY or the provider's own "
            "variable, or leave ASKWELL_MODEL empty to answer with quotes"
        ) from error
    return opened


def _arguments(provider: str, options: ModelOptions) -> dict[str, Any]:
    """Each provider's names for the same few options. Retries are ours, so theirs are switched off."""
    given: dict[str, Any] = {}
    if options.base_url:
        given["base_url"] = options.base_url
    if provider == "ollama":
        return {**given, "num_predict": options.output_tokens, "client_kwargs": {"timeout": options.seconds}}
    if provider in ("bedrock", "bedrock_converse"):
        from botocore.config import Config

        if options.base_url:
            given = {"endpoint_url": options.base_url}
        config = Config(read_timeout=options.seconds, connect_timeout=10, retries={"total_max_attempts": 1})
        return {**given, "max_tokens": options.output_tokens, "config": config}
    if options.api_key:
        given["api_key"] = options.api_key
    given |= {"max_tokens": options.output_tokens, "max_retries": 0, "timeout": options.seconds}
    if provider == "openai":
        given["stream_usage"] = True
    return given


class LangChainChat:
    """Any ``BaseChatModel`` as a ``ChatModel``."""

    def __init__(self, name: str, model: BaseChatModel) -> None:
        self._name = name
        self._model = model

    @property
    def name(self) -> str:
        return self._name

    def stream(self, system: str, data: str) -> Iterator[Delta]:
        from langchain_core.messages import HumanMessage, SystemMessage

        begun = ended = False
        try:
            for chunk in self._model.stream([SystemMessage(system), HumanMessage(data)]):
                text = _text_of(chunk)
                begun = begun or bool(text)
                end = _end_of(getattr(chunk, "response_metadata", {}) or {})
                ended = ended or bool(end)
                if end in _WITHHELD:
                    raise ModelFailure("refused", f"the provider withheld the answer ({end})")
                used = getattr(chunk, "usage_metadata", None) or {}
                delta = Delta(
                    text,
                    int(used.get("input_tokens") or 0),
                    int(used.get("output_tokens") or 0),
                    finished=bool(end),
                    too_short=end in _CUT_SHORT,
                )
                if delta != Delta():
                    yield delta
        except Exception as error:
            raise failure_of(error, begun=begun) from error
        if not ended and self._name.partition(":")[0] in _EXTRAS:
            raise ModelFailure("cut", "the stream ended without its end mark", transient=True)


def _text_of(chunk: Any) -> str:
    """The words of a chunk; reasoning and tool calls, which some models send along, are no part of the answer."""
    content = chunk.content
    if isinstance(content, str):
        return content
    return "".join(
        part
        if isinstance(part, str)
        else str(part.get("text", ""))
        if part.get("type") in ("text", "output_text")
        else ""
        for part in content
    )


def _end_of(metadata: dict[str, Any]) -> str:
    return next((str(metadata[name]) for name in _ENDS if metadata.get(name)), "")
