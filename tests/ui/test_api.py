"""The HTTP API through its front door: shapes, streams, and a sentence for everything that is wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.ui.house import DOCUMENTS
from ui.http.app import MAX_BODY

QUESTION = "What are the weaknesses of partition keys?"


def ask(client: TestClient, question: str = QUESTION, **more: object) -> dict[str, Any]:
    response = client.post("/v1/answers", json={"question": question, **more})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def events(client: TestClient, **body: object) -> list[tuple[str, dict[str, Any]]]:
    """The server-sent events of a question, as (name, data)."""
    response = client.post("/v1/answers", json={"question": QUESTION, "stream": True, **body})
    assert response.headers["content-type"].startswith("text/event-stream")
    found = []
    for frame in response.text.strip().split("\n\n"):
        name, data = frame.split("\n")
        found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def test_an_answer_has_the_promised_fields_and_quotes_letter_for_letter(client: TestClient) -> None:
    answer = ask(client)
    promised = {"id", "conversation_id", "question", "standalone_question", "status", "answer", "citations", "related"}
    assert promised | {"generator", "index_generation", "timings_ms"} <= set(answer)
    assert answer["status"] == "answered"
    assert answer["citations"]
    for number, citation in enumerate(answer["citations"], 1):
        assert citation["number"] == number
        assert f"[{number}]" in answer["answer"]
        text = DOCUMENTS[citation["document"]]
        assert text[citation["start"] : citation["end"]] == citation["quote"]
        assert client.get(citation["url"]).status_code == 200
        assert {"title", "heading_path", "score", "supported"} <= set(citation)


def test_a_stream_tells_sources_then_words_then_the_whole_answer(client: TestClient) -> None:
    told = events(client)
    names = [name for name, _ in told]
    assert names[0] == "sources"
    assert names[-1] == "done"
    assert set(names[1:-1]) <= {"token", "citation"}
    done = told[-1][1]
    assert "".join(data["text"] for name, data in told if name == "token") == done["answer"]
    assert [data for name, data in told if name == "citation"] == done["citations"]
    plain = ask(client)
    assert (done["answer"], done["status"]) == (plain["answer"], plain["status"])
    assert [c["quote"] for c in done["citations"]] == [c["quote"] for c in plain["citations"]]


def test_a_follow_up_continues_its_conversation(client: TestClient) -> None:
    first = ask(client, "What is a partition key?")
    second = ask(client, "And its weaknesses?", conversation_id=first["conversation_id"])
    assert second["conversation_id"] == first["conversation_id"]
    assert "partition key" in second["standalone_question"].lower()


def test_a_collection_limits_the_answer(client: TestClient) -> None:
    answer = ask(client, "How is the mail gateway restarted?", collections=["handbook"])
    assert {citation["collection"] for citation in answer["citations"]} == {"handbook"}


def test_search_returns_passages_with_their_places(client: TestClient) -> None:
    hits = client.post("/v1/search", json={"question": "size of a sort key", "k": 3}).json()["hits"]
    assert 1 <= len(hits) <= 3
    assert {"document", "title", "heading_path", "url", "text", "start", "end", "score"} <= set(hits[0])
    for hit in hits:
        assert hit["score"] == round(hit["score"], 4)
        text = (DOCUMENTS | {"restart.md": ""}).get(hit["document"], "")
        assert hit["collection"] == "handbook" or text[hit["start"] : hit["end"]] == hit["text"]


def test_documents_are_listed_and_their_sections_shown(client: TestClient) -> None:
    listed = client.get("/v1/documents").json()
    assert listed["total"] == len(DOCUMENTS) + 1
    assert {one["id"] for one in listed["documents"]} >= set(DOCUMENTS)
    only = client.get("/v1/documents", params={"collection": "handbook"}).json()
    assert [one["id"] for one in only["documents"]] == ["restart.md"]
    document = client.get("/v1/documents/guides/keys.md").json()
    assert document["title"] == "Keys in Orchid tables"
    assert document["metadata"]["services"] == ["Orchid"]
    assert document["sections"][0]["heading_path"]


def test_feedback_is_recorded_and_can_be_changed(client: TestClient) -> None:
    answer = ask(client)
    for rating in ("down", "up"):
        sent = client.post("/v1/feedback", json={"answer_id": answer["id"], "rating": rating, "comment": "wrong"})
        assert sent.status_code == 204


BAD: list[tuple[str, str, dict[str, Any], int, str]] = [
    ("POST", "/v1/answers", {"json": {"question": ""}}, 422, "empty"),
    ("POST", "/v1/answers", {"json": {"question": " \n\t"}}, 422, "empty"),
    ("POST", "/v1/answers", {"json": {"question": "x" * 100_000}}, 422, "100,000 characters"),
    ("POST", "/v1/answers", {"json": {"question": "", "stream": True}}, 422, "empty"),
    ("POST", "/v1/answers", {"json": {}}, 422, "question"),
    ("POST", "/v1/answers", {"json": {"question": 7}}, 422, "question"),
    ("POST", "/v1/answers", {"json": []}, 422, "body"),
    ("POST", "/v1/answers", {"json": {"question": "x", "colections": ["a"]}}, 422, "'colections'"),
    ("POST", "/v1/answers", {"json": {"question": "What?", "collections": ["nope"]}}, 404, "default, handbook"),
    ("POST", "/v1/answers", {"json": {"question": "What?", "filters": {"colour": "red"}}}, 422, "colour"),
    ("POST", "/v1/answers", {"json": {"question": "What?", "filters": {"pillars": "x"}}}, 422, "reliability"),
    ("POST", "/v1/answers", {"json": {"question": "What?", "filters": {"pillars": []}}}, 422, "pillars"),
    ("POST", "/v1/answers", {"json": {"question": "What?", "conversation_id": "nope"}}, 404, "nope"),
    ("POST", "/v1/answers", {"content": "{", "headers": {"content-type": "application/json"}}, 400, "JSON"),
    ("POST", "/v1/answers", {"content": b"\xff", "headers": {"content-type": "application/json"}}, 400, "JSON"),
    ("POST", "/v1/answers", {"content": "a=b", "headers": {"content-type": "text/plain"}}, 415, "Content-Type"),
    ("POST", "/v1/answers", {"content": b"x" * (MAX_BODY + 1)}, 413, "larger"),
    ("GET", "/v1/answers", {}, 405, "POST"),
    ("DELETE", "/v1/documents", {}, 405, "GET"),
    ("POST", "/v1/search", {"json": {"question": "x", "k": 0}}, 422, "k:"),
    ("POST", "/v1/search", {"json": {"question": "x", "k": 101}}, 422, "k:"),
    ("POST", "/v1/search", {"json": {"question": "What?", "collections": ["nope"]}}, 404, "default, handbook"),
    ("POST", "/v1/feedback", {"json": {"answer_id": "nope", "rating": "up"}}, 404, "nope"),
    ("POST", "/v1/feedback", {"json": {"answer_id": "nope", "rating": "meh"}}, 422, "rating"),
    ("GET", "/v1/documents/none.md", {}, 404, "none.md"),
    ("GET", "/v1/documents?collection=nope", {}, 404, "default, handbook"),
    ("GET", "/v1/documents?limit=0", {}, 422, "limit"),
    ("GET", "/v1/nothing", {}, 404, "/docs"),
    ("GET", "/sources/none.md", {}, 404, "none.md"),
    ("GET", "/sources/guides/keys.md?start=x", {}, 422, "start"),
    ("GET", "/sources/../../etc/passwd", {}, 404, ""),
    ("GET", "/nothing", {}, 404, "/docs"),
]


@pytest.mark.parametrize(("method", "path", "sent", "status", "says"), BAD)
def test_what_is_wrong_is_said_as_a_problem(
    client: TestClient, method: str, path: str, sent: dict[str, Any], status: int, says: str
) -> None:
    response = client.request(method, path, **sent)
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert {"type", "title", "status", "detail"} <= set(problem)
    assert problem["status"] == status
    assert says in problem["detail"]


def test_odd_characters_in_a_question_are_no_error(client: TestClient) -> None:
    for question in ("What is a \x00 partition key?", "Qu'est-ce que 🔑 \u202e partition?", '"((partition key AND'):
        ask(client, question)
    lone = client.post(
        "/v1/answers", content=r'{"question": "key \ud800?"}', headers={"content-type": "application/json"}
    )
    assert lone.status_code in (200, 422)


def test_without_an_index_everything_says_what_to_run(empty_client: TestClient) -> None:
    assert empty_client.get("/healthz").status_code == 200
    assert empty_client.get("/").status_code == 200
    for response in (
        empty_client.get("/readyz"),
        empty_client.get("/v1/documents"),
        empty_client.get("/sources/a.md"),
        empty_client.post("/v1/answers", json={"question": QUESTION}),
        empty_client.post("/v1/answers", json={"question": QUESTION, "stream": True}),
        empty_client.post("/v1/search", json={"question": QUESTION}),
    ):
        assert response.status_code == 503
        assert "askwell ingest" in response.json()["detail"]


def test_ready_names_the_generation(client: TestClient) -> None:
    ready = client.get("/readyz").json()
    assert ready["documents"] == len(DOCUMENTS) + 1
    assert ready["index_generation"]


def test_every_answer_carries_the_security_headers_and_no_cors(client: TestClient) -> None:
    for path in ("/", "/v1/documents", "/sources/payload.md", "/nothing", "/docs"):
        headers = client.get(path, headers={"origin": "https://evil.example.com"}).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src" in headers["content-security-policy"]
        assert "http" not in headers["content-security-policy"]
        assert "access-control-allow-origin" not in headers


def test_an_unforeseen_error_is_a_problem_without_details(client: TestClient) -> None:
    assert isinstance(client.app, FastAPI)
    app = FastAPI()
    from ui.http.problems import add_problem_handlers

    add_problem_handlers(app)

    @app.get("/broken")
    def broken() -> None:
        raise ValueError("a secret")

    response = TestClient(app, raise_server_exceptions=False).get("/broken")
    assert (response.status_code, response.headers["content-type"]) == (500, "application/problem+json")
    assert "secret" not in response.text


def test_an_error_in_the_middle_of_a_stream_is_its_last_event() -> None:
    from collections.abc import Iterator

    from assistant.types import AnswerEvent, TokenEvent
    from ingest.errors import DiskFullError
    from ui.http.answers import server_sent

    def breaking() -> Iterator[AnswerEvent]:
        yield TokenEvent("first")
        raise DiskFullError("No space is left.")

    frames = list(server_sent(breaking()))
    assert [frame.split("\n")[0] for frame in frames] == ["event: token", "event: error"]
    assert '"status":507' in frames[-1]


def test_the_reference_page_lists_every_route_without_scripts(client: TestClient) -> None:
    page = client.get("/docs").text
    for path in client.get("/openapi.json").json()["paths"]:
        assert path in page
    assert "<script" not in page
    assert "https://" not in page
