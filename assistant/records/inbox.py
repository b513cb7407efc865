"""What arrived from outside and must be answered exactly once, whichever process does it and whichever one dies.

An event is stored before its sender is told that it arrived, under a key that the same event always has. Workers
claim events for a short lease that they renew while they work; what a killed worker held is claimed again when its
lease runs out. Events of one lane (a thread) are handed out one at a time, in the order of their positions.
Leaves out what an event means and how an answer is posted: see ``ui/slack``.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, cast

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Engine,
    Insert,
    Update,
    and_,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from assistant.records.engine import AT_ONCE, WRITING, checkpoint
from assistant.records.failures import translated
from assistant.records.inbox_tables import InboxRow, PostingRow, ThreadRow
from assistant.records.tables import now

OPEN = ("waiting", "claimed")
HELD_SECONDS = 600.0
"""As long as chats go on sending an event that was not acknowledged, and a little longer."""
KEPT = timedelta(days=7)
"""How long the key of a finished event is remembered; chats stop sending an event again after hours."""

Outcome = Literal["done", "failed", "ignored"]


@dataclass(frozen=True, slots=True)
class Event:
    """Something to answer. ``position`` orders a lane; ``event_id`` is the sender's own id, where it has one."""

    key: str
    lane: str
    position: str
    kind: str
    body: Mapping[str, str]
    event_id: str | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """An event in the hands of one worker. ``answer_id`` is the id that its answer has or will have.

    ``posting`` says that somebody began to post the answer, ``message`` where it stands once that is known.
    """

    sequence: int
    event: Event
    owner: str
    attempts: int
    answer_id: str
    posting: bool
    message: str


@dataclass(frozen=True, slots=True)
class Posting:
    """Where an answer was posted."""

    answer_id: str
    team: str
    channel: str
    thread: str
    message: str


class Inbox:
    """Safe to share between threads and processes. A write is one statement wherever that is enough (``AT_ONCE``)."""

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._writing = engine.execution_options(**{WRITING: True})
        self._at_once = engine.execution_options(**{AT_ONCE: True})
        self._clock = clock

    def put(self, event: Event, *, hold: bool = False) -> bool:
        """Stores an event; False for one that is known already.

        With ``hold`` it waits until its lane is known and is forgotten after ``HELD_SECONDS`` if that never happens:
        a reply may arrive before the message it replies to.
        """
        row = insert(InboxRow).values(
            key=event.key,
            event_id=event.event_id,
            lane=event.lane,
            position=event.position,
            kind=event.kind,
            body=dict(event.body),
            state="held" if hold else "waiting",
            due_at=self._clock(),
            answer_id=uuid.uuid4().hex,
        )
        try:
            self._write_at_once(row)
        except IntegrityError:
            return False
        if not hold:  # now the lane is known; should this process die here, ``tidy`` wakes them
            self._wake(event.lane)
        return True

    def claim(self, owner: str, seconds: float) -> Job | None:
        """The next event that is due, for ``seconds``; None when nothing is."""
        moment = self._clock()
        candidate = aliased(InboxRow)
        due = self._due(candidate, moment)
        with self._read() as session:  # a look takes no lock, a claim on SQLite takes the only one
            if not session.scalar(select(exists().where(due))):
                return None
        chosen = (
            select(candidate.sequence)
            .where(due)
            .order_by(candidate.due_at, candidate.sequence)
            .limit(1)
            .with_for_update(skip_locked=True)
            .scalar_subquery()
        )
        taken = (
            update(InboxRow)
            .where(InboxRow.sequence == chosen)
            .values(state="claimed", owner=owner, due_at=moment + seconds, attempts=InboxRow.attempts + 1)
            .returning(InboxRow)
            .execution_options(synchronize_session=False)
        )
        with self._statements() as session:
            row = session.scalars(taken).one_or_none()
            return None if row is None else _job(row)

    def renew(self, owner: str, seconds: float) -> None:
        """Keeps everything that ``owner`` holds for ``seconds`` more."""
        held = update(InboxRow).where(InboxRow.owner == owner, InboxRow.state == "claimed")
        self._write_at_once(held.values(due_at=self._clock() + seconds))

    def begin_posting(self, job: Job) -> bool:
        """Written before an answer is posted. False when the lease was lost: somebody else has the event now."""
        return self._change(job, posting=True)

    def posted(self, job: Job, message: str) -> bool:
        """``message`` is where the answer stands, empty when it is certain that nothing was posted."""
        return self._change(job, posting=bool(message), message=message)

    def later(self, job: Job, seconds: float, *, counted: bool = True) -> None:
        """Gives an event back, to be tried again in ``seconds``; not ``counted`` when nobody is at fault."""
        attempts = InboxRow.attempts if counted else InboxRow.attempts - 1
        self._change(job, state="waiting", owner="", due_at=self._clock() + seconds, attempts=attempts)

    def pause(self, seconds: float) -> None:
        """Nothing that waits is handed out before, by any process: a chat asked all of us to slow down."""
        until = self._clock() + seconds
        early = update(InboxRow).where(InboxRow.state == "waiting", InboxRow.due_at < until)
        self._write_at_once(early.values(due_at=until))

    def finish(self, job: Job, outcome: Outcome = "done", posting: Posting | None = None) -> None:
        """Remembers where the answer of an event was posted, closes it and empties its body."""
        if posting:
            self._remember(posting)
        self._change(job, state=outcome, owner="", body={}, finished_at=now(), due_at=self._clock())

    def has(self, key: str) -> bool:
        """Whether an event with this key was stored, and not forgotten yet."""
        with self._read() as session:
            return bool(session.scalar(select(exists().where(InboxRow.key == key))))

    def knows(self, lane: str) -> bool:
        """Whether something of this lane was answered or waits to be."""
        with self._read() as session:
            return bool(session.scalar(select(_known(lane))))

    def conversation(self, lane: str) -> str | None:
        """The conversation that a thread is, None for one that has none yet."""
        with self._read() as session:
            return session.scalar(select(ThreadRow.conversation_id).where(ThreadRow.lane == lane))

    def converse(self, lane: str, conversation_id: str) -> None:
        """From now on the thread is this conversation."""
        with suppress(IntegrityError), self._statements() as session:  # unless it was deleted meanwhile
            session.merge(ThreadRow(lane=lane, conversation_id=conversation_id))

    def posting(self, answer_id: str) -> Posting | None:
        """Where an answer was posted."""
        with self._read() as session:
            row = session.get(PostingRow, answer_id)
            return None if row is None else Posting(row.answer_id, row.team, row.channel, row.thread, row.message)

    def counts(self) -> dict[str, int]:
        """How many events are in each state: {"waiting": 3, "done": 120}."""
        with self._read() as session:
            found = session.execute(select(InboxRow.state, func.count()).group_by(InboxRow.state))
            return {row[0]: row[1] for row in found}

    def tidy(self) -> None:
        """Wakes replies whose thread is known by now, forgets those whose thread never was, and old finished events.

        Does the slow part of writing, too, so that no acknowledgement waits for the disk.
        """
        checkpoint(self._engine)
        moment = self._clock()
        with self._read() as session:
            old = now() - KEPT
            stale = and_(InboxRow.state.not_in((*OPEN, "held")), InboxRow.received_at < old)
            if not session.scalar(select(exists().where(or_(InboxRow.state == "held", stale)))):
                return
        with self._write() as session:
            other = aliased(InboxRow)
            known = or_(
                exists().where(ThreadRow.lane == InboxRow.lane),
                exists().where(other.lane == InboxRow.lane, other.state != "held"),
            )
            held = InboxRow.state == "held"
            awake = update(InboxRow).where(held, known).values(state="waiting", due_at=moment)
            session.execute(awake.execution_options(synchronize_session=False))
            session.execute(delete(InboxRow).where(held, InboxRow.due_at < moment - HELD_SECONDS))
            session.execute(delete(InboxRow).where(stale))

    @staticmethod
    def _due(row: type[InboxRow], moment: float) -> ColumnElement[bool]:
        other = aliased(InboxRow)
        before = or_(
            other.position < row.position,
            and_(other.position == row.position, other.sequence < row.sequence),
        )
        # a held reply has its place in the thread, too: what comes after it waits until it is woken
        first = ~exists().where(other.lane == row.lane, other.state.in_((*OPEN, "held")), before)
        busy = exists().where(
            other.lane == row.lane,
            other.sequence != row.sequence,
            other.state == "claimed",
            other.due_at > moment,
        )
        return and_(row.state.in_(OPEN), row.due_at <= moment, first, ~busy)

    def _wake(self, lane: str) -> None:
        with self._read() as session:
            if not session.scalar(select(exists().where(InboxRow.lane == lane, InboxRow.state == "held"))):
                return
        held = update(InboxRow).where(InboxRow.lane == lane, InboxRow.state == "held")
        self._write_at_once(held.values(state="waiting", due_at=self._clock()))

    def _remember(self, posting: Posting) -> None:
        row = PostingRow(
            answer_id=posting.answer_id,
            team=posting.team,
            channel=posting.channel,
            thread=posting.thread,
            message=posting.message,
        )
        with suppress(IntegrityError), self._statements() as session:  # an answer that is not in the records has none
            session.merge(row)

    def _change(self, job: Job, **values: object) -> bool:
        return self._write_at_once(update(InboxRow).where(_held_by(job)).values(**values)) > 0

    def _write_at_once(self, statement: Insert | Update) -> int:
        """How many rows it changed."""
        with self._statements() as session:
            done = session.execute(statement, execution_options={"synchronize_session": False})
            return cast("CursorResult[tuple[()]]", done).rowcount

    @contextmanager
    def _read(self) -> Iterator[Session]:
        with translated(self._engine), Session(self._engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def _write(self) -> Iterator[Session]:
        with translated(self._engine), Session(self._writing, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def _statements(self) -> Iterator[Session]:
        with translated(self._engine), Session(self._at_once, expire_on_commit=False) as session, session.begin():
            yield session


def _held_by(job: Job) -> ColumnElement[bool]:
    return and_(InboxRow.sequence == job.sequence, InboxRow.owner == job.owner, InboxRow.state == "claimed")


def _known(lane: str) -> ColumnElement[bool]:
    return or_(exists().where(ThreadRow.lane == lane), exists().where(InboxRow.lane == lane, InboxRow.state != "held"))


def _job(row: InboxRow) -> Job:
    event = Event(row.key, row.lane, row.position, row.kind, dict(row.body), row.event_id)
    return Job(row.sequence, event, row.owner, row.attempts, row.answer_id, row.posting, row.message)
