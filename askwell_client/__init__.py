"""A client for Askwell's HTTP API, sync and async. It needs httpx and nothing of the server.

from askwell_client import Askwell

with Askwell("http://127.0.0.1:8000") as askwell:
    answer = askwell.ask("What are the weaknesses of graph databases?")
    print(answer.text)
"""

from askwell_client.client import Askwell, AsyncAskwell
from askwell_client.errors import AskwellError, NotReachedError, RefusedError
from askwell_client.types import (
    Answer,
    Check,
    Citation,
    Document,
    Hit,
    Related,
    Section,
    Sources,
    StreamEvent,
    Token,
)

__all__ = [
    "Answer",
    "Askwell",
    "AskwellError",
    "AsyncAskwell",
    "Check",
    "Citation",
    "Document",
    "Hit",
    "NotReachedError",
    "RefusedError",
    "Related",
    "Section",
    "Sources",
    "StreamEvent",
    "Token",
]
