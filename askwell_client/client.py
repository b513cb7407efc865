"""The two clients. Each method is one request; what they share (bodies, answers, errors) stands above them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Literal
from urllib.parse import quote

import httpx

from askwell_client.errors import NotReachedError, RefusedError
from askwell_client.types import Answer, Document, Hit, Json, StreamEvent, answer_of, document_of, event_of, made

Filters = Mapping[str, str | Sequence[str]]
SECONDS = 120.0


def _options(key: str | None, seconds: float) -> dict[str, Any]:
    return {"timeout": seconds, "headers": {"Authorization": f"Bearer {key}"} if key else {}}


def _body(question: str, **more: object) -> dict[str, object]:
    return {"question": question, **{name: value for name, value in more.items() if value is not None}}


@contextmanager
def _reached(address: str) -> Iterator[None]:
    try:
        yield
    except httpx.TimeoutException as error:
        raise NotReachedError(f"{address} did not answer in time. Raise seconds, or look at the server.") from error
    except httpx.TransportError as error:
        raise NotReachedError(f"No Askwell at {address} ({error}). Start it with: askwell serve") from error


def _checked(response: httpx.Response) -> httpx.Response:
    """Raises RefusedError with the server's sentence. The body has been read."""
    if response.is_success:
        return response
    try:
        sentence = str(response.json()["detail"])
    except (ValueError, KeyError, TypeError):
        sentence = f"The server answered {response.status_code}."
    after = response.headers.get("retry-after", "")
    raise RefusedError(sentence, response.status_code, float(after) if after.isdigit() else None)


def _hits(value: Json) -> list[Hit]:
    return [made(Hit, one) for one in value["hits"]]


class _Events:
    """Server-sent events, line by line."""

    def __init__(self) -> None:
        self._name = ""

    def read(self, line: str) -> StreamEvent | None:
        if line.startswith("event: "):
            self._name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            value = json.loads(line.removeprefix("data: "))
            if self._name == "error":
                raise RefusedError(value["detail"], value["status"])
            return event_of(self._name, value)
        return None


class Askwell:
    """One server. Safe for many threads; close it, or use it in a ``with`` block.

    Every method raises NotReachedError or RefusedError.
    """

    def __init__(
        self, address: str = "http://127.0.0.1:8000", *, key: str | None = None, seconds: float = SECONDS
    ) -> None:
        self.address = address.rstrip("/")
        self._http = httpx.Client(base_url=self.address, **_options(key, seconds))

    def ask(
        self,
        question: str,
        *,
        conversation_id: str | None = None,
        collections: Sequence[str] | None = None,
        filters: Filters | None = None,
    ) -> Answer:
        """An answer with its citations. Pass ``answer.conversation_id`` to ask further."""
        body = _body(question, conversation_id=conversation_id, collections=collections, filters=filters)
        return answer_of(self._post("/v1/answers", body).json())

    def stream(
        self,
        question: str,
        *,
        conversation_id: str | None = None,
        collections: Sequence[str] | None = None,
        filters: Filters | None = None,
    ) -> Iterator[StreamEvent]:
        """The same answer while it is written; its last event is the Answer."""
        body = _body(question, conversation_id=conversation_id, collections=collections, filters=filters, stream=True)
        events = _Events()
        with _reached(self.address), self._http.stream("POST", "/v1/answers", json=body) as response:
            if not response.is_success:
                response.read()
                _checked(response)
            for line in response.iter_lines():
                event = events.read(line)
                if event is not None:
                    yield event

    def search(
        self, question: str, k: int = 10, *, collections: Sequence[str] | None = None, filters: Filters | None = None
    ) -> list[Hit]:
        """The nearest passages, best first."""
        return _hits(self._post("/v1/search", _body(question, k=k, collections=collections, filters=filters)).json())

    def documents(self, collection: str | None = None) -> list[Document]:
        """All documents that are indexed."""
        found: list[Document] = []
        while True:
            parameters = {"limit": 1000, "offset": len(found)} | ({"collection": collection} if collection else {})
            page = self._get("/v1/documents", parameters).json()
            found += [document_of(one) for one in page["documents"]]
            if not page["documents"] or len(found) >= page["total"]:
                return found

    def document(self, id: str, collection: str | None = None) -> Document:
        """One document with its sections."""
        parameters = {"collection": collection} if collection else {}
        return document_of(self._get(f"/v1/documents/{quote(id)}", parameters).json())

    def rate(self, answer: Answer, rating: Literal["up", "down"], comment: str = "", expected: str = "") -> None:
        """Says how good an answer was; a second rating replaces the first."""
        body = {"answer_id": answer.id, "rating": rating, "comment": comment, "expected": expected}
        self._post("/v1/feedback", body)

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Askwell:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _post(self, path: str, body: Mapping[str, object]) -> httpx.Response:
        with _reached(self.address):
            return _checked(self._http.post(path, json=body))

    def _get(self, path: str, parameters: Mapping[str, str | int]) -> httpx.Response:
        with _reached(self.address):
            return _checked(self._http.get(path, params=parameters))


class AsyncAskwell:
    """The same with ``await`` and ``async for``."""

    def __init__(
        self, address: str = "http://127.0.0.1:8000", *, key: str | None = None, seconds: float = SECONDS
    ) -> None:
        self.address = address.rstrip("/")
        self._http = httpx.AsyncClient(base_url=self.address, **_options(key, seconds))

    async def ask(
        self,
        question: str,
        *,
        conversation_id: str | None = None,
        collections: Sequence[str] | None = None,
        filters: Filters | None = None,
    ) -> Answer:
        """An answer with its citations. Pass ``answer.conversation_id`` to ask further."""
        body = _body(question, conversation_id=conversation_id, collections=collections, filters=filters)
        return answer_of((await self._post("/v1/answers", body)).json())

    async def stream(
        self,
        question: str,
        *,
        conversation_id: str | None = None,
        collections: Sequence[str] | None = None,
        filters: Filters | None = None,
    ) -> AsyncIterator[StreamEvent]:
        """The same answer while it is written; its last event is the Answer."""
        body = _body(question, conversation_id=conversation_id, collections=collections, filters=filters, stream=True)
        events = _Events()
        with _reached(self.address):
            async with self._http.stream("POST", "/v1/answers", json=body) as response:
                if not response.is_success:
                    await response.aread()
                    _checked(response)
                async for line in response.aiter_lines():
                    event = events.read(line)
                    if event is not None:
                        yield event

    async def search(
        self, question: str, k: int = 10, *, collections: Sequence[str] | None = None, filters: Filters | None = None
    ) -> list[Hit]:
        """The nearest passages, best first."""
        body = _body(question, k=k, collections=collections, filters=filters)
        return _hits((await self._post("/v1/search", body)).json())

    async def documents(self, collection: str | None = None) -> list[Document]:
        """All documents that are indexed."""
        found: list[Document] = []
        while True:
            parameters = {"limit": 1000, "offset": len(found)} | ({"collection": collection} if collection else {})
            page = (await self._get("/v1/documents", parameters)).json()
            found += [document_of(one) for one in page["documents"]]
            if not page["documents"] or len(found) >= page["total"]:
                return found

    async def document(self, id: str, collection: str | None = None) -> Document:
        """One document with its sections."""
        parameters = {"collection": collection} if collection else {}
        return document_of((await self._get(f"/v1/documents/{quote(id)}", parameters)).json())

    async def rate(self, answer: Answer, rating: Literal["up", "down"], comment: str = "", expected: str = "") -> None:
        """Says how good an answer was; a second rating replaces the first."""
        body = {"answer_id": answer.id, "rating": rating, "comment": comment, "expected": expected}
        await self._post("/v1/feedback", body)

    async def aclose(self) -> None:
        await self._http.aclose()

    async def __aenter__(self) -> AsyncAskwell:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def _post(self, path: str, body: Mapping[str, object]) -> httpx.Response:
        with _reached(self.address):
            return _checked(await self._http.post(path, json=body))

    async def _get(self, path: str, parameters: Mapping[str, str | int]) -> httpx.Response:
        with _reached(self.address):
            return _checked(await self._http.get(path, params=parameters))
