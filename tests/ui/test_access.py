"""Keys through the front door: who gets in, what each may do, and that other collections and owners do not exist."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from ingest.errors import DatabaseAwayError
from tests.ui.access import Guarded, guarded
from tests.ui.house import build
from ui.http import access

ORCHID = "What are the weaknesses of partition keys?"
GATEWAY = "How is the mail gateway restarted?"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[Guarded]:
    """A server of its own, since asking for keys changes the assistant and writes the records."""
    made = guarded(build(tmp_path_factory.mktemp("guarded"), models))
    yield made
    made.assistant.close()


@pytest.fixture(scope="module")
def everything(house: Guarded) -> TestClient:
    return house.with_key("everything")


@pytest.fixture(scope="module")
def handbook(house: Guarded) -> TestClient:
    return house.with_key("handbook only", ("ask", "read"), "handbook")


def ask(client: TestClient, question: str, **more: object) -> dict[str, Any]:
    response = client.post("/v1/answers", json={"question": question, **more})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer nonsense", "Bearer askwell_0123456789ab_" + "x" * 43, "Basic YTpi", "bearer \xff"]
)
def test_without_a_valid_key_nothing_is_told(house: Guarded, header: str) -> None:
    client = house.client()
    response = client.post(
        "/v1/answers", json={"question": ORCHID}, headers={b"Authorization": header.encode("latin-1")}
    )
    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith("Bearer")
    assert response.headers["content-type"] == "application/problem+json"
    assert "askwell keys create" in response.json()["detail"]
    sent = bool(header)  # a key that does not count is told apart from a missing one
    assert ("was revoked" in response.json()["detail"]) == sent


def test_while_the_keys_cannot_be_read_everything_is_closed_and_tells_no_place(
    house: Guarded, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = house.with_key("unlucky")

    def away(*_: object) -> None:
        raise DatabaseAwayError("Cannot use the database at postgresql://ann@db.internal/askwell (refused).")

    monkeypatch.setattr(type(house.keys), "holder", away)
    refused = client.post("/v1/answers", json={"question": ORCHID})
    assert refused.status_code == 503
    assert "db.internal" not in refused.text
    assert client.get("/healthz").status_code == 200


def test_a_database_that_does_not_say_whose_key_it_is_holds_nobody_for_long(
    house: Guarded, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, go_on = house.with_key("patient"), threading.Event()
    monkeypatch.setattr(type(house.keys), "holder", lambda *_: go_on.wait(30))
    monkeypatch.setattr(access, "SECONDS_FOR_A_KEY", 0.2)
    begun = time.monotonic()
    refused = client.post("/v1/answers", json={"question": ORCHID})
    go_on.set()
    assert refused.status_code == 503
    assert "cannot reach its database" in refused.json()["detail"]
    assert time.monotonic() - begun < 5


def test_a_browser_is_sent_to_the_sign_in_page_and_comes_back(house: Guarded) -> None:
    client = house.client()
    sent = client.get("/sources/guides/keys.md?start=1", headers={"Accept": "text/html"})
    assert (sent.status_code, sent.headers["location"]) == (303, "/sign-in?next=/sources/guides/keys.md%3Fstart%3D1")
    page = client.get(sent.headers["location"])
    assert 'value="/sources/guides/keys.md?start=1"' in page.text
    assert "form-action 'self'" in page.headers["content-security-policy"]

    assert "not known here" in client.post("/sign-in", data={"key": "wrong"}).text
    text = house.keys.create("a person")[1]
    back = client.post("/sign-in", data={"key": text, "next": "/sources/guides/keys.md?start=1"})
    assert (back.status_code, back.headers["location"]) == (303, "/sources/guides/keys.md?start=1")
    cookie = back.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert text not in cookie
    assert client.get("/sources/guides/keys.md").status_code == 200

    forged = client.post("/v1/answers", json={"question": ORCHID}, headers={"Origin": "https://evil.example"})
    assert forged.status_code == 403
    assert client.post("/v1/answers", json={"question": ORCHID}, headers={"Origin": "http://testserver"}).is_success
    assert "a person" in client.get("/sign-out").text
    assert client.post("/sign-out", headers={"Origin": "https://evil.example"}).status_code == 403
    client.post("/sign-out")
    assert client.get("/sign-out").headers["location"] == "/sign-in"
    assert client.get("/sources/guides/keys.md").status_code == 401
    client.cookies.set("askwell_session", "of-yesterday")
    assert "session is over" in client.get("/sources/guides/keys.md").json()["detail"]


@pytest.mark.parametrize("address", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:x"])
def test_signing_in_never_leads_to_another_site(house: Guarded, address: str) -> None:
    text = house.keys.create(f"lured to {address}")[1]
    assert house.client().post("/sign-in", data={"key": text, "next": address}).headers["location"] == "/"


def test_a_revoked_key_ends_at_once_and_so_do_its_pages(house: Guarded) -> None:
    key, text = house.keys.create("leaver")
    program, page = house.client(text), house.client()
    page.post("/sign-in", data={"key": text})
    assert program.get("/v1/documents").is_success
    assert page.get("/v1/documents").is_success
    house.keys.revoke(key.id)
    assert program.get("/v1/documents").status_code == 401
    assert page.get("/v1/documents").status_code == 401


def test_a_scope_that_is_missing_is_named(house: Guarded) -> None:
    reader = house.with_key("reader", ("read",))
    assert reader.get("/v1/documents").is_success
    refused = reader.post("/v1/answers", json={"question": ORCHID})
    assert refused.status_code == 403
    assert "'ask'" in refused.json()["detail"]
    monitor = house.with_key("monitor", ("metrics",))
    assert monitor.get("/v1/documents").status_code == 403
    assert monitor.get("/sources/guides/keys.md").status_code == 403


def test_other_collections_do_not_exist_for_a_key(everything: TestClient, handbook: TestClient) -> None:
    assert ask(everything, ORCHID)["citations"]
    answer = ask(handbook, ORCHID)
    assert answer["status"] == "not_found"
    told = [*answer["citations"], *answer["related"]]
    assert {one["collection"] for one in told} <= {"handbook"}
    assert ask(handbook, GATEWAY)["citations"]
    assert "Orchid" not in handbook.post("/v1/search", json={"question": ORCHID, "k": 50}).text

    assert "Orchid" not in handbook.get("/documents", headers={"Accept": "text/html"}).text
    listed = handbook.get("/v1/documents").json()
    assert [one["collection"] for one in listed["documents"]] == ["handbook"]
    for refused in (
        handbook.get("/v1/documents?collection=default"),
        handbook.get("/v1/documents/guides/keys.md"),
        handbook.get("/v1/documents/guides/keys.md?collection=default"),
        handbook.get("/sources/guides/keys.md"),
        handbook.get("/sources/guides/keys.md?collection=default&view=section&anchor=limits-of-keys"),
        handbook.post("/v1/answers", json={"question": ORCHID, "collections": ["default"]}),
        handbook.post("/v1/search", json={"question": ORCHID, "collections": ["handbook", "default"]}),
    ):
        assert refused.status_code == 404, refused.text
        assert "Orchid" not in refused.text
    filtered = handbook.post("/v1/search", json={"question": ORCHID, "filters": {"services": "Orchid"}})
    assert filtered.status_code == 422
    assert "There is no filter 'services'" in filtered.json()["detail"]


def test_a_stream_is_restricted_too(handbook: TestClient) -> None:
    told = handbook.post("/v1/answers", json={"question": ORCHID, "stream": True}).text
    assert "event: done" in told
    assert '"collection":"default"' not in told


def test_a_key_for_a_collection_that_is_gone_sees_nothing(house: Guarded) -> None:
    client = house.with_key("nothing", ("ask", "read"), "no-such-collection")
    assert client.get("/v1/documents").json()["total"] == 0
    assert ask(client, ORCHID)["status"] == "not_found"
    assert client.post("/v1/search", json={"question": ORCHID}).json() == {"hits": []}


def test_another_keys_conversation_and_answer_do_not_exist(everything: TestClient, house: Guarded) -> None:
    other = house.with_key("somebody else")
    mine = ask(everything, ORCHID)
    assert ask(everything, "And its strengths?", conversation_id=mine["conversation_id"])
    stolen = other.post("/v1/answers", json={"question": "And?", "conversation_id": mine["conversation_id"]})
    assert stolen.status_code == 404
    for client, status in ((other, 404), (everything, 204)):
        assert client.post("/v1/feedback", json={"answer_id": mine["id"], "rating": "up"}).status_code == status


def test_health_needs_no_key_and_tells_no_content(house: Guarded) -> None:
    assert house.client().get("/healthz").status_code == 200
    ready = house.client().get("/readyz")
    assert ready.status_code == 200
    assert "Orchid" not in ready.text


def test_a_face_that_forgets_to_say_who_asks_gets_no_index(house: Guarded) -> None:
    from assistant.callers import SignInError
    from assistant.types import Question

    with pytest.raises(SignInError, match="Sign in"):
        house.assistant.ask(Question(ORCHID))
    with pytest.raises(SignInError):
        house.assistant.examples()
    with pytest.raises(SignInError):
        house.assistant.search(ORCHID)
