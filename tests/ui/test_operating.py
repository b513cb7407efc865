"""What an operator sees: metrics, logs without anybody's words, and a readiness that turns red."""

from __future__ import annotations

import io
import json
import logging
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from assistant.records.store import SqlRecords
from assistant.settings import Settings
from ingest.errors import DatabaseAwayError
from ingest.holder import IndexHolder
from tests.ui.access import guarded
from ui.http.request_log import RequestLog
from ui.log_writer import PatientHandler
from ui.logs import configure_logs
from ui.metrics import count_tokens, route_of, slack_outcome

SECRET = "What are the weaknesses of partition keys?"


def scraped(client: TestClient) -> dict[tuple[str, ...], float]:
    """{(name, label value, ...): value} of everything at /metrics."""
    response = client.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain")
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def test_metrics_count_answers_stages_requests_tokens_and_slack(client: TestClient) -> None:
    before = scraped(client)
    client.post("/v1/answers", json={"question": SECRET})
    client.post("/v1/answers", json={"question": "Who won the football match yesterday?"})
    client.get("/wp-admin/x")
    count_tokens("openai:x", 120, 30)
    slack_outcome("answered")
    after = scraped(client)

    def grown(*name: str) -> float:
        return after.get(name, 0) - before.get(name, 0)

    answers = {name[1:]: grown(*name) for name in after if name[0] == "askwell_answers_total" and grown(*name)}
    assert sum(answers.values()) == 2
    assert answers["extractive", "answered"] == 1
    assert grown("askwell_stage_seconds_count", "retrieve") == 2
    assert sum(grown(*name) for name in after if name[0] == "askwell_model_tokens_total") == 150
    assert grown("askwell_slack_events_total", "answered") == 1
    assert sum(grown(*name) for name in after if name[0] == "askwell_http_requests_total" and "other" in name) == 1
    assert after["askwell_index_live",] == 1
    assert after["askwell_index_age_seconds",] >= 0
    assert after["askwell_running_answers",] == 0
    assert "partition keys" not in client.get("/metrics").text


def test_what_people_type_into_the_address_makes_no_new_series() -> None:
    assert {route_of(f"/v1/documents/{name}") for name in "abc"} == {"/v1/documents"}
    assert {route_of(path) for path in ("/a", "/v1/x", "/v1/answersx", "//")} == {"other"}


def test_metrics_need_their_scope(data_dir: Path, tmp_path: Path) -> None:
    house = guarded(data_dir, database_url=f"sqlite:///{tmp_path / 'keys.sqlite3'}")
    assert house.client().get("/metrics").status_code == 401
    assert house.with_key("person").get("/metrics").status_code == 403
    assert house.with_key("prometheus", ("metrics",)).get("/metrics").status_code == 200
    house.assistant.close()


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Logs of this process as a server would write them; set back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield io.StringIO()
    root.handlers, root.level = handlers, level


def lines(logged: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in logged.getvalue().splitlines()]


def test_a_request_is_one_line_with_its_id_and_without_its_words(client: TestClient, logged: io.StringIO) -> None:
    configure_logs(Settings(log_format="json", _env_file=None), logged)
    response = client.post("/v1/answers?q=words", json={"question": SECRET}, headers={"X-Request-ID": "abc-1"})
    assert response.headers["X-Request-ID"] == "abc-1"
    answered, request = lines(logged)
    assert answered["event"] == "answered"
    assert (answered["answer_id"], answered["status"]) == (response.json()["id"], "answered")
    assert (request["path"], request["status"], request["request_id"]) == ("/v1/answers", 200, "abc-1")
    assert "partition" not in logged.getvalue()
    assert "q=words" not in logged.getvalue()
    client.get("/healthz")
    assert len(lines(logged)) == 2


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", 'forged"}\n{"event": "x'])
def test_an_id_that_could_forge_a_line_is_replaced(client: TestClient, given: str) -> None:
    response = client.get("/healthz", headers={b"X-Request-ID": given.encode()})
    assert len(response.headers["X-Request-ID"]) == 32


def test_questions_are_logged_only_when_it_is_said_so(data_dir: Path, logged: io.StringIO, tmp_path: Path) -> None:
    configure_logs(Settings(log_format="json", log_questions=True, _env_file=None), logged)
    database = f"sqlite:///{tmp_path / 'log.sqlite3'}"
    house = guarded(data_dir, require_key=False, log_questions=True, database_url=database)
    house.client().post("/v1/answers", json={"question": SECRET})
    assert [line["question"] for line in lines(logged) if line["event"] == "answered"] == [SECRET]
    house.assistant.close()


@pytest.mark.parametrize("allowed", [False, True])
def test_an_unexpected_error_is_logged_with_its_place_and_not_with_its_message(
    logged: io.StringIO, allowed: bool
) -> None:
    configure_logs(Settings(log_format="json", log_questions=allowed, _env_file=None), logged)
    try:
        raise ValueError(f"cannot parse {SECRET}")
    except ValueError:
        logging.getLogger("askwell").exception("unexpected")
    (line,) = lines(logged)
    assert "ValueError" in str(line["exception"])
    assert "test_operating.py" in str(line["exception"])
    assert (SECRET in str(line["exception"])) is allowed


def test_text_logs_are_one_readable_line(logged: io.StringIO) -> None:
    configure_logs(Settings(_env_file=None), logged)
    app = FastAPI()
    app.add_middleware(RequestLog)
    TestClient(app).get("/v1/nothing")
    (line,) = logged.getvalue().splitlines()
    assert "path=/v1/nothing" in line
    assert "status=404" in line


def test_a_reader_of_the_logs_that_has_stopped_reading_holds_up_nobody() -> None:
    reading, writing = os.pipe()
    handler = PatientHandler(os.fdopen(writing, "w"))
    began = time.monotonic()
    for number in range(2000):  # ten times what a pipe holds
        handler.emit(logging.LogRecord("askwell", logging.INFO, "", 0, f"{number} " + "x" * 300, (), None))
    handler.flush()
    assert time.monotonic() - began < 5
    first = os.read(reading, 100)
    assert first.startswith(b"0 xxx")
    os.close(reading)


def test_readiness_turns_red_when_the_index_is_taken_away_and_green_when_it_is_back(
    data_dir: Path, tmp_path: Path, models: Path
) -> None:
    own = tmp_path / "data"
    shutil.copytree(data_dir, own, symlinks=True, ignore=shutil.ignore_patterns("askwell.sqlite3*"))
    house = guarded(own, require_key=False)
    client = house.client()
    assert client.get("/readyz").status_code == 200
    current = own / "index" / "CURRENT"
    away = current.rename(own / "CURRENT.away")
    red = client.get("/readyz")
    assert red.status_code == 503
    assert "askwell ingest" in red.json()["detail"]
    assert client.get("/healthz").status_code == 200
    assert "askwell_index_live 0.0" in client.get("/metrics").text
    away.rename(current)
    assert client.get("/readyz").status_code == 200
    house.assistant.close()


def test_readiness_turns_red_while_the_records_cannot_be_reached(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_: SqlRecords) -> None:
        raise DatabaseAwayError("Cannot use the database at postgresql://ann@db.internal/askwell (refused).")

    with monkeypatch.context() as without:
        without.setattr(SqlRecords, "check", away)
        red = client.get("/readyz")
        assert red.status_code == 503
        assert "reach its database" in red.json()["detail"]
        assert "db.internal" not in red.text, "where it is, is for the log"
        assert client.get("/healthz").status_code == 200, "restarting the process would not mend it"
    assert client.get("/readyz").status_code == 200


def test_a_vector_index_that_is_away_is_told_without_its_address(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told() -> tuple[str, str]:
        lines = client.get("/metrics").text.splitlines()
        away = next(line for line in lines if line.startswith("askwell_vectors_away "))
        return client.get("/readyz").json()["problem"], away.split()[1]

    assert told() == ("", "0.0")
    monkeypatch.setattr(IndexHolder, "slow", "The Chroma server at http://chroma.internal:8000 does not answer.")
    problem, away = told()
    assert away == "1.0"
    assert problem.startswith("The vector index cannot be used")
    assert "internal" not in problem
