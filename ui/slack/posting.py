"""Posts the answer of one job exactly once, whatever the network does and whoever dies when.

That something is about to be posted is written down first; where it was posted, after. Whoever takes the job over and
finds only the first looks in the thread for the message that carries the job's marker, before posting anything.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from assistant.records.inbox import Inbox, Job
from ingest.errors import AskwellError
from ui.slack.blocks import SlackMessage
from ui.slack.web import RefusedError, SlackWeb, UnsureError, WaitError

_TOO_LONG = ("msg_too_long", "msg_blocks_too_long", "invalid_blocks", "invalid_blocks_format")


class LostError(AskwellError):
    """Another worker has this job now."""


class Poster:
    """The one message of a job: posted at the first ``show``, changed by the later ones.

    ``since``: no message of ours can be older than this ts.
    """

    def __init__(self, web: SlackWeb, inbox: Inbox, job: Job, channel: str, thread: str, since: str) -> None:
        self._web, self._inbox, self._job = web, inbox, job
        self._channel, self._thread, self._since = channel, thread, since

    @property
    def message(self) -> str:
        """The ts of the message, "" before there is one."""
        return self._job.message

    def show(self, message: SlackMessage) -> None:
        """Raises WaitError, UnsureError or RefusedError when it is not certain that the message reads so."""
        if not self._job.message and self._job.posting:
            self._remember(self._web.find(self._channel, self._thread, self._since, self._job.answer_id))
        if self._job.message:
            self._with_fallback(message, lambda said: self._web.update(self._channel, self._job.message, said))
        else:
            self._with_fallback(message, self._post)

    def _post(self, message: SlackMessage) -> None:
        if not self._inbox.begin_posting(self._job):
            raise LostError("Another worker has taken this over.")
        self._job = replace(self._job, posting=True)
        try:
            ts = self._web.post(self._channel, self._thread, message, self._job.answer_id)
        except (WaitError, RefusedError):
            self._remember("")  # certainly not posted
            raise
        self._remember(ts)

    def _remember(self, ts: str) -> None:
        if not self._inbox.posted(self._job, ts):
            raise LostError("Another worker has taken this over.")
        self._job = replace(self._job, posting=bool(ts), message=ts)

    @staticmethod
    def _with_fallback(message: SlackMessage, say: Callable[[SlackMessage], None]) -> None:
        """Blocks that Slack does not take must not cost the answer: its words alone are sent then."""
        try:
            say(message)
        except RefusedError as error:
            if error.reason not in _TOO_LONG or not message.blocks:
                raise
            say(SlackMessage(message.text, ()))


class Growing:
    """Shows an answer while it is written: not before it has taken a while, and not more often than Slack allows.

    What goes wrong here is of no consequence: the finished answer is shown in any case.
    """

    FIRST_AFTER, THEN_EVERY = 1.0, 1.5

    def __init__(self, poster: Poster, shown: Callable[[str], SlackMessage]) -> None:
        self._poster, self._shown = poster, shown
        self._next = time.monotonic() + self.FIRST_AFTER

    def grown(self, text: str) -> None:
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + self.THEN_EVERY
        try:
            self._poster.show(self._shown(text))
        except WaitError as error:
            self._next += error.seconds
        except (UnsureError, RefusedError):
            self._next += 2 * self.THEN_EVERY
