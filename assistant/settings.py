"""Every setting, with its default: ``ASKWELL_*`` variables and ``.env``. The only place that reads the environment."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Settings of one process. Field ``data_dir`` is read from ``ASKWELL_DATA_DIR``, and so on."""

    model_config = SettingsConfigDict(env_prefix="ASKWELL_", env_file=".env", extra="ignore", frozen=True)

    data_dir: Path = Field(Path(".askwell"), description="Where the index, the models and the records live.")
    database_url: str = Field(
        "", description="SQLAlchemy URL for conversations and feedback; empty means SQLite in the data directory."
    )
    embedding_model: str = Field(
        "all-MiniLM-L6-v2", description="Embedder: the built-in model, or a folder or name sentence-transformers loads."
    )
    model: str = Field("", description="Chat model, as provider:name (openai:gpt-5-mini); empty means no model.")
    model_base_url: str = Field("", description="Address of the chat model's API, for an OpenAI-compatible server.")
    model_api_key: SecretStr = Field(
        SecretStr(""), description="Key for the chat model; empty leaves it to the provider's own variable."
    )
    model_timeout: float = Field(
        45, gt=0, description="Seconds that all calls for one answer may take; then quotes are given instead."
    )
    model_attempts: int = Field(3, ge=1, le=10, description="How often a call is tried when the provider is busy.")
    model_context_tokens: int = Field(
        8000, ge=500, description="Tokens that a prompt may have; passages are left out or cut to fit."
    )
    model_output_tokens: int = Field(1200, ge=50, description="Tokens that an answer may have.")
    model_unsupported: Literal["mark", "remove"] = Field(
        "mark", description="What happens to a sentence that no passage bears out: mark or remove."
    )
    model_judge: bool = Field(
        False, description="Let the chat model judge, too, whether passages bear the sentences out (one more call)."
    )
    model_input_price: float | None = Field(
        None, ge=0, description="Price of a million input tokens, to record the cost of answers."
    )
    model_output_price: float | None = Field(None, ge=0, description="Price of a million output tokens.")
    otlp_endpoint: str = Field(
        "", description="OTLP/gRPC address that receives OpenTelemetry spans; empty sends none by itself."
    )
    fast_embedding: bool = Field(
        False,
        description="Embed in bulk with OpenVINO (pip install 'askwell[fast]'): about twice as fast, and rounded a "
        "little, so that near ties may change places.",
    )
    chroma_url: str = Field(
        "", description="URL of a Chroma server that holds the vectors; empty means in the data directory."
    )
    sources: Path = Field(Path("sources.yaml"), description="The sources file that askwell sync reads.")
    threads: int = Field(2, ge=1, description="Threads for the embedder.")
    keep_generations: int = Field(2, ge=1, description="Index generations kept on disk, the live one included.")
    max_question_chars: int = Field(4000, ge=1, description="Longest question that is accepted, in characters.")
    host: str = Field("127.0.0.1", description="Address that the server listens on.")
    port: int = Field(8000, ge=0, le=65535, description="Port that the server listens on.")
    allow_public: bool = Field(
        False, description="Listen on a public address although nobody has to sign in (`ASKWELL_REQUIRE_KEY`)."
    )
    allowed_hosts: str = Field(
        "",
        description="Names that requests may address this server by, separated by commas (docs.example.com); empty "
        "means localhost alone where nobody signs in on a loopback address, and any name elsewhere.",
    )
    require_key: bool = Field(
        False, description="Everyone needs a key (`askwell keys create`): programs send it, people sign in with it."
    )
    trusted_proxies: str = Field(
        "",
        description="Addresses of proxies in front of this server, separated by commas; their X-Forwarded-For counts.",
    )
    rate_limit_key: str = Field(
        "120/minute", description="Requests of one key, for example 10/second; 2000/day. Empty means no limit."
    )
    rate_limit_address: str = Field(
        "300/minute", description="Requests from one address, this machine's own excepted. Empty means no limit."
    )
    rate_limit_storage: str = Field(
        "memory://",
        description="Where requests are counted: memory:// (each process alone) or redis://host:6379/0 (together).",
    )
    max_running: int = Field(256, ge=1, description="Questions that one process answers at once; more get 503.")
    max_running_per_key: int = Field(16, ge=1, description="Questions of one key at once; more get 429.")
    request_seconds: float = Field(120, gt=0, description="Seconds that a question may take; then it gets 504.")
    shutdown_seconds: int = Field(30, ge=0, description="Seconds that running answers get when the server is stopped.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="What a server logs: debug, info (a line for each request and answer), warning or error."
    )
    log_format: Literal["text", "json"] = Field("text", description="How a server logs: text or json, on stderr.")
    log_questions: bool = Field(
        False, description="Logs may hold the words of questions, and the messages of unexpected errors."
    )
    retention_days: int = Field(
        0, ge=0, description="Days after which a server removes conversations that nobody continued; 0 keeps them."
    )
    session_hours: int = Field(12, ge=1, le=8760, description="Hours until a page has to sign in again.")
    eval_report: Path | None = Field(
        None,
        description="Results of `askwell eval --out` to show on the Quality page: a file, or a folder whose newest "
        "is shown; empty means the folder evals in the data directory.",
    )
    glossary: Path | None = Field(
        None, description="A YAML file of terms and what they stand for; extends the built-in one."
    )
    public_url: str = Field(
        "", description="Where people reach this server (https://askwell.example.com); links in Slack begin with it."
    )
    slack_signing_secret: SecretStr = Field(
        SecretStr(""), description="Signing secret of the Slack app: turns on POST /slack/events."
    )
    slack_bot_token: SecretStr = Field(SecretStr(""), description="Bot token of the Slack app (xoxb-...).")
    slack_app_token: SecretStr = Field(
        SecretStr(""), description="App-level token (xapp-...): turns on Socket Mode, which needs no public address."
    )
    slack_collections: str = Field(
        "", description="Collections that Slack may be answered from, separated by commas; empty means all."
    )
    slack_lease_seconds: float = Field(
        20.0,
        ge=2,
        le=600,
        description="Seconds that a question from Slack stays with a worker that gives no sign of life; "
        "then another takes it.",
    )
    slack_api_url: str = Field("https://slack.com/api/", description="Slack's Web API; another one is for tests.")
