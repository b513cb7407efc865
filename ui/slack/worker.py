"""What to do for each kind of job: ask the assistant, once, and post what it says.

Every failure ends in one of three ways: later (and how much later), a sentence in Slack, or a line in the log.
"""

from __future__ import annotations

import logging
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from assistant.callers import acting_as
from assistant.records.inbox import Inbox, Job, Posting
from assistant.settings import Settings
from assistant.types import Answer, DoneEvent, TokenEvent
from ingest.errors import AskwellError, BusyError, NotFoundError
from ui.metrics import SlackOutcome, slack_outcome
from ui.questions import checked_question, checked_text
from ui.slack.askers import slack_caller
from ui.slack.blocks import SlackMessage, answer_message, mrkdwn_message, plain_message
from ui.slack.posting import Growing, LostError, Poster
from ui.slack.web import RefusedError, SlackWeb, UnsureError, WaitError
from ui.slack.words import question_text

if TYPE_CHECKING:
    from assistant.assistant import Assistant

log = logging.getLogger("askwell.slack")

ATTEMPTS = 12
"""With the pauses between them this is about forty minutes, longer than most outages."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 300.0
TRIES_TO_ANSWER = 3
_METRIC: dict[str, SlackOutcome] = {
    "lost": "duplicate",
    "told_to_wait": "rate_limited",
    "retried": "retried",
    "failed": "failed",
    "ignored": "ignored",
    "refused": "refused",
}
"""What /metrics calls an outcome; everything else is an answer, a share or a correction that was posted."""
HELP = "Ask me something about the documents, for example: *What can you tell me about ...?*"
BROKEN = "Something went wrong while answering, and it was logged. Ask again; if it stays, tell the operator."
GONE = "This answer is no longer kept here, so it cannot be shared. Ask the question again."
INVITE = "I cannot post here. Invite me with `/invite` and press the button again."


class Worker:
    """Does one job at a time; many threads may share it. ``outcomes`` counts what became of them."""

    def __init__(self, assistant: Assistant, settings: Settings, inbox: Inbox, web: SlackWeb) -> None:
        self._assistant, self._settings, self._inbox, self._web = assistant, settings, inbox, web
        self.outcomes: Counter[str] = Counter()
        self._kinds: dict[str, Callable[[Job], None]] = {
            "question": self._question,
            "command": self._command,
            "share": self._share,
            "correction": self._correction,
        }

    def do(self, job: Job) -> None:
        """Never raises: a job that fails is put back or closed."""
        try:
            self._kinds[job.event.kind](job)
        except LostError:
            self._count("lost", job)
        except WaitError as error:
            self._count("told_to_wait", job)
            self._inbox.pause(min(error.seconds, LONGEST_PAUSE))
            self._inbox.later(job, error.seconds + random.uniform(0, 0.2), counted=False)
        except (UnsureError, BusyError) as error:
            self._again(job, error)
        except RefusedError as error:
            if error.hopeless:
                self._close(job, error)
            else:
                self._again(job, error)
        except Exception as error:
            log.exception("a Slack %s could not be handled", job.event.kind)
            self._again(job, error)

    def _question(self, job: Job) -> None:
        body = job.event.body
        poster = Poster(self._web, self._inbox, job, body["channel"], body["thread"], body["ts"])
        text = body["text"]
        if not text and body.get("unasked"):
            bot = body.get("bot", "")
            text = question_text(self._web.text_of(body["channel"], body["thread"], body["ts"]), bot)
            if not text:
                self._finish(job, "ignored")
                return
        growing = Growing(poster, plain_message)
        answer, message = self._answered(job, text, growing)
        small_talk = answer is not None and answer.status == "clarify" and not answer.choices
        if body.get("unasked") and small_talk and not poster.message:
            self._finish(job, "ignored")  # "thanks!" in a thread wants no reply
            return
        poster.show(message)
        posting = Posting(job.answer_id, body["team"], body["channel"], body["thread"], poster.message)
        self._finish(job, answer.status if answer else "not_asked", posting)

    def _command(self, job: Job) -> None:
        body = job.event.body
        answer, message = self._answered(job, question_text(body["text"]))
        if answer is not None:
            message = answer_message(answer, self._settings.public_url, place="private")
        self._web.respond(body["response_url"], message)
        self._finish(job, answer.status if answer else "not_asked")

    def _share(self, job: Job) -> None:
        body = job.event.body
        try:
            answer = self._assistant.records.answer(body["answer"])
        except NotFoundError:
            self._web.respond(body["response_url"], plain_message(GONE))
            self._finish(job, "refused")
            return
        message = answer_message(answer, self._settings.public_url, place="shared")
        asked = mrkdwn_message([f"<@{body['user']}> asked: {_quoted(answer.question)}"])
        poster = Poster(self._web, self._inbox, job, body["channel"], "", body["ts"])
        try:
            poster.show(SlackMessage(message.text, (*asked.blocks, *message.blocks)))
        except RefusedError as error:
            if error.reason not in ("not_in_channel", "channel_not_found", "restricted_action", "is_archived"):
                raise
            self._web.respond(body["response_url"], plain_message(INVITE))
            self._finish(job, "refused")
            return
        posting = Posting(answer.id, body["team"], body["channel"], poster.message, poster.message)
        self._finish(job, "shared", posting)

    def _correction(self, job: Job) -> None:
        body = job.event.body
        poster = Poster(self._web, self._inbox, job, body["channel"], body["thread"], body["thread"])
        poster.show(mrkdwn_message(body["text"].split("\n\n")))
        self._finish(job, "corrected")

    def _answered(self, job: Job, text: str, growing: Growing | None = None) -> tuple[Answer | None, SlackMessage]:
        """The answer, which may have been given before a crash, and its message; or a sentence instead of one."""
        try:
            answer = self._assistant.records.answer(job.answer_id)
        except NotFoundError:
            try:
                answer = self.ask(job, text, growing)
            except BusyError:
                raise
            except AskwellError as error:
                return None, plain_message(str(error) if text else HELP)
            except Exception:
                if job.attempts < TRIES_TO_ANSWER:
                    raise
                log.exception("a question from Slack could not be answered")
                return None, plain_message(BROKEN)
        return answer, answer_message(answer, self._settings.public_url, place="thread")

    def ask(self, job: Job, text: str, growing: Growing | None = None) -> Answer:
        """Asks in the conversation that the thread is, as the person who wrote in Slack."""
        who = slack_caller(job.event.body, self._settings)
        checked_text(text, self._settings)  # before a conversation begins
        conversation = self._inbox.conversation(job.event.lane) or self._begun(job.event.lane)
        written = ""
        with acting_as(who):
            question = checked_question(self._assistant, self._settings, text, conversation_id=conversation)
            for event in self._assistant.stream(replace(question, answer_id=job.answer_id)):
                match event:
                    case TokenEvent():
                        written += event.text
                        if growing is not None:
                            growing.grown(written)
                    case DoneEvent():
                        return event.answer
        raise RuntimeError("the chain ended without an answer")

    def _begun(self, lane: str) -> str:
        """A thread has many askers, so its conversation has no owner: whoever is in the thread goes on with it."""
        conversation = self._assistant.records.ensure_conversation(None)
        self._inbox.converse(lane, conversation)
        return conversation

    def _again(self, job: Job, error: Exception) -> None:
        if job.attempts >= ATTEMPTS:
            self._close(job, error)
            return
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** (job.attempts - 1)) * random.uniform(0.8, 1.2)
        log.warning("a Slack %s waits %.0f s: %s", job.event.kind, pause, error)
        self._count("retried", job)
        self._inbox.later(job, pause)

    def _close(self, job: Job, error: Exception) -> None:
        log.error("a Slack %s was given up after %d attempts: %s", job.event.kind, job.attempts, error)
        self._count("failed", job)
        self._inbox.finish(job, "failed")

    def _finish(self, job: Job, outcome: str, posting: Posting | None = None) -> None:
        self._inbox.finish(job, "ignored" if outcome == "ignored" else "done", posting)
        self._count(outcome, job)

    def _count(self, outcome: str, job: Job) -> None:
        self.outcomes[f"{job.event.kind}:{outcome}"] += 1
        slack_outcome(_METRIC.get(outcome, "answered"))
        log.info("slack %s %s", job.event.kind, outcome)


def _quoted(text: str) -> str:
    from ui.renderings.styles import Mrkdwn

    return f"“{Mrkdwn({}).words(' '.join(text.split()))}”"
