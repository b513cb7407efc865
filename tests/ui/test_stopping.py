"""A server that is told to stop finishes what it answers and ends with 0; one that changes its index loses nothing."""

from __future__ import annotations

import json
import signal
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.compose.evidence import UnitVectors
from assistant.settings import Settings
from assistant.wiring import assemble
from ingest.embedders import load_embedder
from ingest.generations import Generations
from ingest.pipeline import ingest
from tests.ui.house import build
from tests.ui.served import served
from ui.http import stopping
from ui.http.app import create_app
from ui.http.stopping import FinishingServer, end_with_success

QUESTION = {"question": "What are the weaknesses of partition keys?"}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Path:
    return build(tmp_path_factory.mktemp("stopping"), models)


def ask_until_refused(address: str, stream: bool, ready: threading.Event) -> list[str]:
    """What became of each question: "answered", "refused" (never accepted) or "lost"."""
    became: list[str] = []
    while True:
        try:
            answer = httpx.post(f"{address}/v1/answers", json={**QUESTION, "stream": stream}, timeout=30)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            return [*became, "refused"]
        except httpx.ReadError:  # closed before a byte of the request was read: the connection was still waiting
            return [*became, "refused"]
        except httpx.HTTPError as error:
            return [*became, f"lost: {error!r}"]
        whole = answer.text.rstrip().endswith("}") and ("event: done" in answer.text) == stream
        became.append("answered" if answer.status_code == 200 and whole else f"lost: {answer.text[-200:]}")
        ready.set()


def keep_open(address: str) -> int:
    """Listens as a chat page does, until the server goes; how many bytes it heard."""
    heard = 0
    try:
        with httpx.stream("GET", f"{address}/gradio_api/heartbeat/page", timeout=60) as response:
            for piece in response.iter_raw():
                heard += len(piece)
    except httpx.RemoteProtocolError:
        pass
    return heard


def test_stopping_finishes_running_answers_and_ends_with_0_although_a_page_is_open(house: Path) -> None:
    with served(house, ASKWELL_LOG_FORMAT="json") as server, ThreadPoolExecutor(5) as pool:
        page = pool.submit(keep_open, server.address)
        ready = threading.Event()
        asking = [pool.submit(ask_until_refused, server.address, stream, ready) for stream in (True, False, True)]
        assert ready.wait(60)
        began = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - began < 15
        became = [one for future in asking for one in future.result()]
        assert page.result() > 0
    assert {one.partition(":")[0] for one in became} <= {"answered", "refused"}, became
    lines = [json.loads(line) for line in server.said if line.startswith("{")]
    assert not [line for line in lines if line["level"] == "error"], lines
    requests = [line for line in lines if line["event"] == "request" and line["path"] == "/v1/answers"]
    assert len(requests) >= became.count("answered") > 0
    assert "partition keys" not in "".join(server.said)


def test_being_told_to_stop_while_starting_counts_although_the_exit_was_swallowed() -> None:
    """A library that is being loaded may catch everything, and uvicorn takes the signals only later."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        end_with_success()
        with suppress(SystemExit):
            signal.raise_signal(signal.SIGTERM)
        announced: list[str] = []
        with socket.create_server(("127.0.0.1", 0)) as listening:
            config = uvicorn.Config(FastAPI(), log_config=None)
            FinishingServer(config, lambda: announced.append("ready"), lambda: 0).run([listening])
        assert announced == []
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        stopping._told.clear()


def test_reading_ahead_has_ended_when_the_process_does(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread that is inside the embedder when Python goes away brings the process down with a signal."""
    said: list[str] = []
    begun = threading.Event()

    def slow(_: UnitVectors, go_on: Callable[[], bool]) -> None:
        begun.set()
        while go_on():
            time.sleep(0.01)
        time.sleep(0.2)  # the batch in hand
        said.append("ended")

    monkeypatch.setattr(UnitVectors, "warm", slow)
    assistant = assemble(Settings(data_dir=house, _env_file=None))
    assistant.keep_warm()
    assert begun.wait(10)
    assistant.close()
    assert said == ["ended"]


def test_several_workers_answer_count_together_and_end_with_0(house: Path) -> None:
    with served(house, "--workers", "2") as server:
        with ThreadPoolExecutor(4) as pool:
            statuses = list(
                pool.map(lambda _: httpx.post(f"{server.address}/v1/answers", json=QUESTION).status_code, range(8))
            )
        assert statuses == [200] * 8
        told = httpx.get(f"{server.address}/metrics").text
        assert 'askwell_answers_total{generator="extractive",status="answered"} 8.0' in told
        assert "askwell_index_live 1.0" in told
        assert server.stop() == 0


def test_new_generations_while_questions_run_lose_none(tmp_path: Path, models: Path) -> None:
    changing = build(tmp_path, models)
    settings = Settings(data_dir=changing, _env_file=None)
    assistant = assemble(settings)
    client = TestClient(create_app(assistant, settings, chat=False), raise_server_exceptions=False)
    embedder = load_embedder("all-MiniLM-L6-v2", changing)
    over = threading.Event()
    seen: list[tuple[int, str]] = []

    def ask() -> None:
        while not over.is_set():
            response = client.post("/v1/answers", json=QUESTION)
            seen.append((response.status_code, response.json().get("index_generation", "")))

    with ThreadPoolExecutor(3) as pool:
        asking = [pool.submit(ask) for _ in range(3)]
        for number in range(4):
            page = changing.parent / "default" / "limits.md"
            page.write_text(f"# Limits\n\nAn Orchid table holds at most {500 + number} columns.\n")
            ingest([changing.parent / "default"], data_dir=changing, embedder=embedder, collection="default")
        live = Generations(changing).live()
        deadline = time.monotonic() + 30
        while (not seen or seen[-1][1] != live) and time.monotonic() < deadline:
            time.sleep(0.02)
        over.set()
        for one in asking:
            one.result()
    assistant.close()
    assert {status for status, _ in seen} == {200}
    assert len({generation for _, generation in seen}) > 1
    assert seen[-1][1] == live
