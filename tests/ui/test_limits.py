"""Limits through the front door: how often, how large, how long, how many at once, and by which name."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.callers import Caller, acting_as
from ingest.errors import BadInputError
from tests.ports import free_port
from tests.ui.access import Guarded, guarded
from ui.http import rates
from ui.http.load import RequestSize, Running
from ui.http.places import Places
from ui.http.rates import RateLimits, WrongKeys, address, key_of, policy, rate_limiter

SEARCH = {"question": "size of a sort key", "k": 1}


async def fine(scope: Scope, receive: Receive, send: Send) -> None:
    while (await receive()).get("more_body", False):
        pass
    await PlainTextResponse("fine")(scope, receive, send)


def client_at(app: ASGIApp, where: str = "203.0.113.7") -> TestClient:
    return TestClient(app, client=(where, 50_000), raise_server_exceptions=False)


def per_address(written: str, storage: str = "memory://") -> ASGIApp:
    return RateLimits(fine, rate_limiter(storage), policy("address", written, "X", address))


def test_the_headers_tell_what_is_left_and_when_to_come_back() -> None:
    client = client_at(per_address("2/minute; 100/hour"))
    first = client.post("/v1/search")
    assert first.headers["RateLimit-Policy"] == '"address";q=2;w=60, "address";q=100;w=3600'
    assert first.headers["RateLimit"].startswith('"address";r=1;t=')
    assert (first.headers["RateLimit-Limit"], first.headers["RateLimit-Remaining"]) == ("2", "1")
    client.post("/v1/search")
    third = client.post("/v1/search")
    assert third.status_code == 429
    assert third.headers["content-type"] == "application/problem+json"
    assert 1 <= int(third.headers["Retry-After"]) <= 60
    assert f"in {third.headers['Retry-After']} seconds" in third.json()["detail"]


def test_each_address_counts_alone_and_this_machine_not_at_all() -> None:
    app = per_address("1/minute")
    for where in ("203.0.113.7", "203.0.113.8", "2001:db8:1::1", "2001:db8:2::1"):
        assert client_at(app, where).post("/v1/search").status_code == 200
        assert client_at(app, where).post("/v1/search").status_code == 429
    assert client_at(app, "2001:db8:1::2").post("/v1/search").status_code == 429  # the same /64
    for where in ("127.0.0.1", "::1"):
        assert {client_at(app, where).post("/v1/search").status_code for _ in range(3)} == {200}


def test_the_chats_own_files_and_slack_are_not_counted() -> None:
    client = client_at(per_address("1/minute"))
    for _ in range(3):
        assert client.get("/assets/index.js").status_code == 200
        assert client.post("/slack/events").status_code == 200
    assert client.get("/v1/documents").status_code == 200
    assert client.get("/v1/documents").status_code == 429


def test_each_key_counts_alone() -> None:
    app = RateLimits(fine, rate_limiter("memory://"), policy("key", "1/minute", "X", key_of))
    for name in ("key:a", "key:b"):
        with acting_as(Caller(name)):
            statuses = [asyncio.run(status_of(app)) for _ in range(2)]
        assert statuses == [200, 429]
    assert asyncio.run(status_of(app)) == 200  # nobody named


async def status_of(app: ASGIApp) -> int:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app, client=("203.0.113.7", 1)), base_url="http://x"
    ) as client:
        return (await client.post("/v1/search")).status_code


def test_many_wrong_keys_are_refused_before_they_are_looked_up() -> None:
    looked_up = 0

    async def refusing(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal looked_up
        looked_up += 1
        await PlainTextResponse("no", 401)(scope, receive, send)

    client = client_at(WrongKeys(refusing, rate_limiter("memory://")))
    statuses = [client.get("/v1/documents", headers={"Authorization": "Bearer x"}).status_code for _ in range(25)]
    assert statuses == [401] * 20 + [429] * 5
    assert looked_up == 20
    assert client.get("/v1/documents").status_code == 401  # a page that is not signed in yet


@pytest.mark.parametrize("written", ["many", "12", "-1/minute", "5 per"])
def test_a_rate_that_cannot_be_read_names_its_setting(written: str) -> None:
    with pytest.raises(BadInputError, match="ASKWELL_RATE_LIMIT_KEY is not a rate"):
        policy("key", written, "ASKWELL_RATE_LIMIT_KEY", key_of)


def test_a_storage_that_cannot_be_used_is_named() -> None:
    with pytest.raises(BadInputError, match="ASKWELL_RATE_LIMIT_STORAGE"):
        rate_limiter("mongodb://x")


@pytest.fixture(scope="module")
def redis() -> Iterator[str]:
    program = shutil.which("redis-server")
    if program is None:
        if os.environ.get("ASKWELL_REQUIRE_ALL") == "1":
            pytest.fail("redis-server is not installed")
        pytest.skip("redis-server is not installed")
    port = free_port()
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    time.sleep(0.3)
    yield f"redis://127.0.0.1:{port}/0"
    server.terminate()
    server.wait(timeout=10)


def test_processes_that_share_redis_count_together(redis: str) -> None:
    async def run() -> list[int]:
        one, other = per_address("3/minute", redis), per_address("3/minute", redis)
        return [await status_of(app) for app in (one, other, one, other, one)]

    assert asyncio.run(run()) == [200, 200, 200, 429, 429]


def test_without_redis_requests_are_served_and_the_operator_is_told(caplog: pytest.LogCaptureFixture) -> None:
    client = client_at(per_address("1/minute", f"redis://127.0.0.1:{free_port()}/0"))
    assert [client.post("/v1/search").status_code for _ in range(2)] == [200, 200]
    assert "rate limits are not counted" in caplog.text


def test_a_redis_that_says_nothing_costs_one_request_its_patience(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rates, "SECONDS_FOR_REDIS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections and answers none
        app = per_address("1/minute", f"redis://127.0.0.1:{silent.getsockname()[1]}/0")

        async def run() -> list[tuple[int, float]]:
            asked = []
            for _ in range(3):
                begun = time.monotonic()
                asked.append((await status_of(app), time.monotonic() - begun))
            return asked

        (first, waited), *others = asyncio.run(run())
    assert first == 200
    assert 0.3 <= waited < 3
    assert all(status == 200 and waited < 0.2 for status, waited in others)
    assert caplog.text.count("rate limits are not counted") == 1


def test_a_body_that_is_too_large_is_refused_whether_it_says_its_size_or_not() -> None:
    app = FastAPI()
    app.add_middleware(RequestSize, most=1000)

    @app.post("/v1/search")
    async def read(body: dict[str, str]) -> int:
        return len(body)

    client = client_at(app)
    assert client.post("/v1/search", json={"a": "x" * 2000}).status_code == 413

    def pieces() -> Iterator[bytes]:
        yield b'{"a": "'
        for _ in range(20):
            yield b"x" * 100

    assert client.post("/v1/search", content=pieces(), headers={"content-type": "application/json"}).status_code == 413
    assert client.post("/v1/search", json={"a": "x"}).status_code == 200


def test_a_body_that_never_arrives_is_given_up() -> None:
    async def never() -> Message:
        await asyncio.sleep(30)
        return {"type": "http.disconnect"}

    async def run() -> int:
        app = FastAPI()
        app.add_middleware(RequestSize, most=1000, seconds=0.05)

        @app.post("/v1/search")
        async def read(body: dict[str, str]) -> int:
            return len(body)

        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        scope = {"type": "http", "method": "POST", "path": "/v1/search", "headers": [], "query_string": b""}
        await app({**scope, "http_version": "1.1", "scheme": "http", "server": ("x", 80)}, never, send)
        return int(sent[0]["status"])

    assert asyncio.run(run()) == 408


def test_files_cannot_be_left_in_the_chats_host() -> None:
    client = client_at(RequestSize(fine, most=1000))
    for path in ("/gradio_api/upload", "/gradio_api/proxy=http://10.0.0.1/", "/gradio_api/stream/a/b/c"):
        assert client.post(path).status_code == 404


def slow(seconds: float) -> Running:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(seconds)
        await PlainTextResponse("done")(scope, receive, send)

    return Running(app, places=Places(3, 2), seconds=0.3)


async def ask_at_once(app: ASGIApp, names: list[str]) -> list[int]:
    async def one(name: str) -> int:
        with acting_as(Caller(name) if name else None):
            return await status_of(app)

    return list(await asyncio.gather(*(one(name) for name in names)))


def test_only_so_many_run_at_once() -> None:
    assert asyncio.run(ask_at_once(slow(0.05), ["", "", "", "", ""])) == [200, 200, 200, 503, 503]
    assert asyncio.run(ask_at_once(slow(0.05), ["a", "a", "a", "b"])) == [200, 200, 429, 200]


def test_a_question_that_takes_too_long_is_given_up_and_keeps_its_place_until_it_ends() -> None:
    async def run() -> list[int]:
        app = slow(0.5)
        late = await ask_at_once(app, ["", "", ""])
        at_once = await status_of(app)
        await asyncio.sleep(0.4)
        return [*late, at_once, await status_of(Running(fine, places=Places(1, 1), seconds=1))]

    assert asyncio.run(run()) == [504, 504, 504, 503, 200]


def test_the_chats_events_take_no_place_of_their_own() -> None:
    full = Places(1, 1)
    assert full.take("") is None
    client = client_at(Running(fine, places=full, seconds=1))
    assert client.post("/v1/answers").status_code == 503
    assert client.post("/gradio_api/queue/join").status_code == 200  # may be a Stop


def test_what_slack_sends_is_taken_however_many_questions_run() -> None:
    full = Places(1, 1)
    assert full.take("") is None
    assert client_at(Running(fine, places=full, seconds=1)).post("/slack/events").status_code == 200


def test_a_name_that_is_not_this_servers_is_refused(data_dir: Path) -> None:
    house = guarded(data_dir, require_key=False, allowed_hosts="localhost, docs.example.com")
    client = house.client()
    for host, status in (("localhost:8000", 200), ("docs.example.com", 200), ("evil.example", 400)):
        response = client.get("/v1/documents", headers={"Host": host})
        assert response.status_code == status
    assert "ASKWELL_ALLOWED_HOSTS" in response.json()["detail"]
    for health in ("/healthz", "/readyz"):  # a load balancer asks by the address that it has
        assert client.get(health, headers={"Host": "10.0.0.7:8000"}).status_code == 200
    house.assistant.close()


def test_a_keys_limit_holds_through_the_whole_application(data_dir: Path, tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'keys.sqlite3'}"
    house: Guarded = guarded(data_dir, rate_limit_key="2/minute", database_url=database)
    client, other = house.with_key("busy"), house.with_key("quiet")
    statuses = [client.post("/v1/search", json=SEARCH).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert other.post("/v1/search", json=SEARCH).headers["RateLimit"].startswith('"key";r=1;')
    house.assistant.close()
