"""``python -m tests.faults.slack_soak``: a thousand Slack events against a server that is killed, and a bad Slack.

Events are delivered as Slack does it (three retries with X-Slack-Retry-Num when no 200 comes within three seconds),
out of order, some twice although they were acknowledged, some as mention and as message. Slack's API answers with 429,
500, stalls and cut connections, before or after it did what it was asked. The server processes are killed with SIGKILL
in between. At the end every question must have exactly one answer, and threads their order.

The pauses between retries are a quarter of Slack's (immediately, after 1 and 5 minutes), so that a run takes minutes.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import nullcontext, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import Any

import aiohttp
from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.records import open_records
from assistant.records.inbox_tables import InboxRow
from assistant.records.store import SqlRecords
from assistant.settings import Settings
from tests.postgresql import binaries, private_server
from tests.slack.fake import SECRET, FakeSlack, Mood, event_body, mention, message, signed

QUESTIONS = (
    "What is a partition key?",
    "And its weaknesses?",
    "How large is a sort key?",
    "How many columns does an Orchid table hold?",
    "What does the observatory telescope need?",
    "Who won the chess championship of 1972?",
)
MOODS: tuple[Mood, ...] = ("429", "500 before", "500 after", "cut", "internal_error")
RETRY_AFTER = (0.2, 15.0, 75.0)
SLACK_WAITS = 3.0


@dataclass
class Delivery:
    """One question on its way in."""

    event: dict[str, Any]
    event_id: str
    due: float


@dataclass
class Result:
    """What a run shows. ``wrong`` must be empty."""

    questions: int = 0
    requests: int = 0
    redelivered_after_ack: int = 0
    retries: int = 0
    never_acknowledged: int = 0
    """Questions of whose deliveries none was. Such a one may be answered all the same: taken, and killed before 200."""
    kills: int = 0
    api_calls: dict[str, int] = field(default_factory=dict)
    bad_moods: dict[str, int] = field(default_factory=dict)
    called_during_a_wait: int = 0
    """Calls of a process that had not yet been told to wait itself."""
    answers: int = 0
    answered_twice: int = 0
    lost: int = 0
    out_of_order_threads: int = 0
    acknowledged_late: int = 0
    """Not within three seconds, while the server was up."""
    ack_ms_p50: float = 0.0
    ack_ms_p99: float = 0.0
    ack_ms_most: float = 0.0
    """Of requests that found the server up."""
    acknowledged_after_start: int = 0
    """Requests that were sent while the server was starting, and waited for it."""
    seconds: float = 0.0

    @property
    def wrong(self) -> int:
        return self.answered_twice + self.lost + self.out_of_order_threads


class Server:
    """``askwell serve`` on one port, in a process group of its own, killed and started again."""

    def __init__(self, environment: dict[str, str], workers: int) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._environment, self._workers = environment, workers
        self._process: subprocess.Popen[bytes] | None = None
        self.up_since = float("inf")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [sys.executable, "-m", "ui.main", "serve", "--port", str(self.port), "--workers", str(self._workers)]
        self._process = subprocess.Popen(
            command, env=self._environment, stderr=subprocess.DEVNULL, start_new_session=True
        )

    def wait(self) -> None:
        """Until it answers."""
        for _ in range(1200):
            with suppress(OSError, http.client.HTTPException):
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=1)
                connection.request("GET", "/healthz")
                if connection.getresponse().status == 200:
                    self.up_since = time.monotonic()
                    return
            time.sleep(0.1)
        raise RuntimeError("the server did not start")

    def end(self, how: signal.Signals) -> None:
        self.up_since = float("inf")
        if self._process is not None:
            os.killpg(self._process.pid, how)
            self._process.wait(60)
            self._process = None


def questions_of(count: int, chance: random.Random, slack: FakeSlack, seconds: float) -> list[Delivery]:
    """Threads of one to four questions; the later ones are replies without a mention, some arrive before the first."""
    found: list[Delivery] = []
    while len(found) < count:
        root, at = slack.new_ts(), chance.uniform(0, seconds)
        for number in range(min(chance.randint(1, 4), count - len(found))):
            ts = root if number == 0 else slack.new_ts()
            text = chance.choice(QUESTIONS)
            event = mention(text, ts) if number == 0 else message(text, ts, thread=root)
            slack.said_by_people[event["channel"], ts] = event["text"]
            due = at + number * 0.3 + (chance.uniform(-1.5, 1.5) if chance.random() < 0.3 else 0)
            found.append(Delivery(event, f"Ev{len(found)}", max(0.0, due)))
    return found


async def deliver(
    server: Server, sent: list[Delivery], chance: random.Random, retry_after: tuple[float, ...], result: Result
) -> None:
    took: list[float] = []
    heard: set[str] = set()
    timeout = aiohttp.ClientTimeout(total=SLACK_WAITS)
    connector = aiohttp.TCPConnector(force_close=True, limit=64)

    async def once(client: aiohttp.ClientSession, event: dict[str, Any], event_id: str, retry: int) -> bool:
        body = event_body(event, event_id)
        headers = {**signed(body), "Content-Type": "application/json"}
        if retry:
            headers |= {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": "http_timeout"}
        began = time.perf_counter()
        is_up = server.up_since <= time.monotonic()
        result.requests += 1
        try:
            async with client.post(server.url + "/slack/events", data=body, headers=headers) as response:
                await response.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            was_up = server.up_since <= time.monotonic() - SLACK_WAITS
            result.acknowledged_late += isinstance(error, TimeoutError) and was_up
            return False
        if response.status == 200 and is_up:
            took.append(1000 * (time.perf_counter() - began))
        elif response.status == 200:
            result.acknowledged_after_start += 1
        if response.status == 200:
            heard.add(event["ts"])
        return response.status == 200

    async def delivered(client: aiohttp.ClientSession, event: dict[str, Any], event_id: str) -> None:
        for retry in range(4):
            if retry:
                result.retries += 1
                await asyncio.sleep(retry_after[retry - 1])
            if await once(client, event, event_id, retry):
                break
        if chance.random() < 0.2:
            result.redelivered_after_ack += 1
            await asyncio.sleep(chance.uniform(0, 5))
            await once(client, event, event_id, 1)

    async def one(client: aiohttp.ClientSession, delivery: Delivery) -> None:
        await asyncio.sleep(delivery.due)
        event = delivery.event
        if event["type"] == "app_mention" and chance.random() < 0.5:  # where message events are subscribed to as well
            twin = {**event, "type": "message", "channel_type": "channel"}
            await asyncio.gather(
                delivered(client, twin, delivery.event_id + "m"), delivered(client, event, delivery.event_id)
            )
        else:
            await delivered(client, event, delivery.event_id)

    async with aiohttp.ClientSession(timeout=timeout, connector=connector) as client:
        await asyncio.gather(*(one(client, delivery) for delivery in sent))
    result.never_acknowledged = len({delivery.event["ts"] for delivery in sent} - heard)
    if len(took) > 1:
        cuts = quantiles(took, n=100, method="inclusive")
        result.ack_ms_p50, result.ack_ms_p99 = round(cuts[49], 1), round(cuts[98], 1)
        result.ack_ms_most = round(max(took), 1)


async def killing(server: Server, times: int, within: float, chance: random.Random, result: Result) -> None:
    for number in range(times):
        moment = (number + chance.uniform(0.3, 0.9)) / times * within
        await asyncio.sleep(max(0.0, moment - (time.monotonic() - _STARTED[0])))
        await asyncio.to_thread(server.end, signal.SIGKILL)
        result.kills += 1
        await asyncio.sleep(0.5)
        server.start()
        await asyncio.to_thread(server.wait)


_STARTED = [0.0]


async def _run(
    server: Server,
    sent: list[Delivery],
    kills: int,
    seconds: float,
    seed: int,
    retry_after: tuple[float, ...],
    result: Result,
) -> None:
    _STARTED[0] = time.monotonic()
    await asyncio.gather(
        deliver(server, sent, random.Random(seed), retry_after, result),
        killing(server, kills, seconds, random.Random(seed + 1), result),
    )


def run(
    folder: Path,
    data_dir: Path,
    *,
    events: int = 1000,
    kills: int = 5,
    seconds: float = 60.0,
    workers: int = 2,
    database_url: str = "",
    badness: float = 0.15,
    stalls: float = 0.01,
    seed: int = 1,
    retry_after: tuple[float, ...] = RETRY_AFTER,
    lease: float = 20.0,
) -> Result:
    """One run over the index in ``data_dir``, with records in ``folder`` unless a database is named."""
    database_url = database_url or f"sqlite:///{folder / 'records.sqlite3'}"
    chance, result = random.Random(seed), Result(questions=events)
    bad: Counter[str] = Counter()

    def mood(method: str) -> Mood:
        drawn = chance.random()
        found: Mood = "well"
        if drawn < stalls:
            found = chance.choice(("stall before", "stall after"))
        elif drawn < badness:
            found = chance.choice(MOODS)
        bad[found] += found != "well"
        return found

    began = time.monotonic()
    with FakeSlack(mood=mood, stall_seconds=12.0) as slack:
        environment = {
            **os.environ,
            "ASKWELL_DATA_DIR": str(data_dir),
            "ASKWELL_DATABASE_URL": database_url,
            "ASKWELL_SLACK_SIGNING_SECRET": SECRET,
            "ASKWELL_SLACK_BOT_TOKEN": "xoxb-soak",
            "ASKWELL_SLACK_API_URL": slack.api_url,
            "ASKWELL_SLACK_LEASE_SECONDS": str(lease),
        }
        server = Server(environment, workers)
        records = open_records(Settings(data_dir=data_dir, database_url=database_url, _env_file=None))
        assert isinstance(records, SqlRecords)
        server.start()
        try:
            server.wait()
            sent = questions_of(events, chance, slack, seconds)
            asyncio.run(_run(server, sent, kills, seconds, seed, retry_after, result))
            keys = {f"slack:T0001:{one.event['channel']}:{one.event['ts']}" for one in sent}
            _wait_until_answered(records, len(keys) - result.never_acknowledged)
        finally:
            server.end(signal.SIGTERM)
        _judge(records, keys, slack, result)
        records.close()
        result.api_calls, result.called_during_a_wait = dict(slack.calls), slack.too_early
        result.bad_moods = dict(+bad)
    result.seconds = round(time.monotonic() - began, 1)
    return result


def _judge(records: SqlRecords, keys: set[str], slack: FakeSlack, result: Result) -> None:
    with Session(records.engine) as session:
        rows = {row.key: row for row in session.scalars(select(InboxRow))}
    posted = Counter(one.metadata["event_payload"]["id"] for one in slack.posted)
    result.answers = sum(posted.values())
    result.answered_twice = sum(count - 1 for count in posted.values())
    result.lost = sum(1 for key in keys if key not in rows or posted[rows[key].answer_id] == 0)
    asked = {row.answer_id: row for row in rows.values()}
    threads: dict[str, list[InboxRow]] = {}
    for one in slack.posted:
        threads.setdefault(one.thread_ts, []).append(asked[one.metadata["event_payload"]["id"]])
    result.out_of_order_threads = sum(map(_out_of_order, threads.values()))


def _out_of_order(answered: list[InboxRow]) -> bool:
    """Whether a question was answered after a later one although it had arrived first, or was the thread's first."""
    return any(
        earlier.position < later.position
        and (earlier.received_at <= later.received_at or earlier.lane.endswith(earlier.position))
        for at, later in enumerate(answered)
        for earlier in answered[at + 1 :]
    )


def _wait_until_answered(records: SqlRecords, count: int, seconds: float = 600) -> None:
    open_ = ("waiting", "claimed", "held")
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with Session(records.engine) as session:
            states = Counter(session.scalars(select(InboxRow.state)))
        if not any(states[state] for state in open_) and sum(states.values()) >= count:
            return
        time.sleep(0.5)


def small_index(folder: Path) -> Path:
    from tests.ui.house import build

    models = folder / "models"
    models.mkdir(parents=True)
    return build(folder, models)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=90.0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgresql", action="store_true")
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="askwell-soak-"))
    data_dir = small_index(folder / "house")
    where = binaries() if asked.postgresql else None
    with private_server(where) if where else nullcontext("") as url:
        result = run(
            folder,
            data_dir,
            events=asked.events,
            kills=asked.kills,
            seconds=asked.seconds,
            workers=asked.workers,
            seed=asked.seed,
            database_url=url.format(database="postgres") if url else "",
        )
    print(json.dumps(asdict(result), indent=2))
    return 1 if result.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
