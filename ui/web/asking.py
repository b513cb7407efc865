"""What happens behind the chat: a question is asked and its answer grows; a conversation is opened, named, deleted.

Each handler yields values for (question box, messages, what is shown, conversation id, history).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr

from assistant.settings import Settings
from assistant.types import Answer, AnswerEvent, Citation, CitationEvent, DoneEvent, Question, SourcesEvent, TokenEvent
from ingest.errors import AskwellError
from ui.http.places import Places
from ui.http.problems import UNEXPECTED, sentence_of
from ui.questions import checked_question
from ui.web import filters
from ui.web.commands import Command, command_in
from ui.web.filters import Chosen, chosen
from ui.web.history import (
    TURNS_SHOWN,
    Message,
    conversation_messages,
    history_html,
    next_questions,
    turn_messages,
)
from ui.web.limited import within
from ui.web.messages import error_message, question_message, stopped_message, streaming_message, waiting_message
from ui.web.owner import owner_of
from ui.web.signed_in import as_sender, each_step_as_sender

if TYPE_CHECKING:
    from assistant.assistant import Assistant

log = logging.getLogger("askwell")

SECONDS_BETWEEN_UPDATES = 0.04

Drawn = tuple[Any, Any, Any, Any, Any]
KEEP: Any = gr.skip()
_IDLE = {"submit_btn": True, "stop_btn": False}
_BUSY = {"submit_btn": False, "stop_btn": True}


@dataclass(frozen=True, slots=True)
class Shown:
    """What one page shows: ``messages`` of ``conversation`` (its latest ``turns``), and a question without an answer
    when the last one failed or was stopped."""

    conversation: str = ""
    messages: tuple[Message, ...] = ()
    turns: int = TURNS_SHOWN
    open_question: Command | None = None


class Desk:
    """The handlers, over one assistant."""

    def __init__(self, assistant: Assistant, settings: Settings, places: Places) -> None:
        self._assistant = assistant
        self._settings = settings
        self._places = places

    @each_step_as_sender
    def ask(
        self,
        request: gr.Request,
        event: gr.EventData,
        typed: str,
        sent: str,
        conversation: str,
        shown: Shown | None,
        *only: list[str] | None,
    ) -> Iterator[Drawn]:
        """What was typed, one of the page's own buttons, or an example of the empty page."""
        try:
            command = _asked_by(event, typed, sent)
        except AskwellError as error:
            yield self._failed(error, owner_of(request.cookies), conversation, shown)
            return
        if command.do == "ask" and not command.text.strip():
            yield KEEP, KEEP, KEEP, KEEP, KEEP
            return
        yield from self._asked(command, conversation, shown, chosen(only), request)

    @as_sender
    def command(self, request: gr.Request, sent: str, conversation: str, shown: Shown | None) -> Drawn:
        """A button that asks nothing: open, rename, delete a conversation, show more of it."""
        owner = owner_of(request.cookies)
        conversations = self._assistant.records.conversations
        try:
            command = command_in(sent)
            match command.do:
                case "rename":
                    conversations.rename(owner, command.conversation, command.text)
                case "delete":
                    conversations.delete(owner, command.conversation)
                    if command.conversation == conversation:
                        return self._opened(owner, "")
                case "open":
                    return self._opened(owner, command.conversation)
                case "earlier":
                    return self._opened(owner, conversation, (shown.turns if shown else 0) + TURNS_SHOWN)
        except AskwellError as error:
            return self._failed(error, owner, conversation, shown)
        return KEEP, KEEP, KEEP, KEEP, history_html(self._assistant, owner, conversation)

    @as_sender
    def load(self, request: gr.Request) -> Drawn:
        """A page that was opened: the conversation in its address, if this browser has it."""
        owner = owner_of(request.cookies)
        wanted = str(request.query_params.get("c", ""))
        if wanted:
            try:
                return self._opened(owner, wanted)
            except AskwellError:
                log.info("a page asked for a conversation that is not there")
        # Nothing but the history: a quick hand may have sent a question already.
        return KEEP, KEEP, KEEP, KEEP, history_html(self._assistant, owner, "")

    @as_sender
    def begin(self, request: gr.Request) -> Drawn:
        return self._opened(owner_of(request.cookies), "")

    @as_sender
    def welcome(self, request: gr.Request) -> Any:
        """What an empty chat shows to who opened it."""
        return gr.Chatbot(**welcome(self._assistant))

    @as_sender
    def controls(self, request: gr.Request) -> list[Any]:
        """What the filters offer to who opened it."""
        return filters.offered(self._assistant)

    def stop(self, shown: Shown | None) -> Drawn:
        """The answer stops where it is: nothing of it was recorded, so it is not shown as if it were one."""
        if shown is None or shown.open_question is None:
            return gr.Textbox(**_IDLE), KEEP, KEEP, KEEP, KEEP
        messages = [*shown.messages[:-1], {"role": "assistant", "content": stopped_message()}]
        stopped = Shown(shown.conversation, tuple(messages), shown.turns, shown.open_question)
        return gr.Textbox(**_IDLE), messages, stopped, KEEP, KEEP

    def _opened(self, owner: str, conversation: str, turns: int = TURNS_SHOWN) -> Drawn:
        messages = conversation_messages(self._assistant, owner, conversation, turns) if conversation else []
        shown = Shown(conversation, tuple(messages), turns)
        history = history_html(self._assistant, owner, conversation)
        return gr.Textbox(**_IDLE), messages, shown, conversation, history

    def _failed(self, error: AskwellError, owner: str, conversation: str, shown: Shown | None) -> Drawn:
        before = shown.messages if shown else ()
        messages = [*before, {"role": "assistant", "content": error_message(sentence_of(error))}]
        history = history_html(self._assistant, owner, conversation)
        return gr.Textbox(**_IDLE), messages, KEEP, KEEP, history

    def _asked(
        self, command: Command, conversation: str, shown: Shown | None, only: Chosen, request: gr.Request
    ) -> Iterator[Drawn]:
        """Asks and lets the answer grow; whatever goes wrong becomes a message with a way on."""
        owner = owner_of(request.cookies)
        page = shown if shown is not None and shown.conversation == conversation else None
        try:
            if page is None:  # the server was restarted, or the page lost its session
                before = conversation_messages(self._assistant, owner, conversation) if conversation else []
                page = Shown(conversation, tuple(before))
            if command.do == "again":
                if page.open_question is None:
                    return
                command = page.open_question
                page = Shown(page.conversation, page.messages[:-2], page.turns)
            if command.instead_of:
                self._assistant.records.conversations.replace_from(owner, conversation, command.instead_of)
                before = conversation_messages(self._assistant, owner, conversation, page.turns)
                page = Shown(page.conversation, tuple(before), page.turns)
                command = command.model_copy(update={"instead_of": ""})
            if len(page.messages) > 2 * page.turns + TURNS_SHOWN:  # asked since the page was opened
                before = conversation_messages(self._assistant, owner, conversation, page.turns)
                page = Shown(page.conversation, tuple(before), page.turns)
            if not conversation and owner:
                conversation = self._assistant.records.conversations.begin(owner)
        except AskwellError as error:
            yield self._failed(error, owner, conversation, shown)
            return
        asked = [*page.messages, {"role": "user", "content": question_message(command.text)}]

        def grown(html: str) -> tuple[list[Message], Shown]:
            messages = [*asked, {"role": "assistant", "content": html}]
            return messages, Shown(conversation, tuple(messages), page.turns, command)

        yield gr.Textbox(value="", **_BUSY), *grown(waiting_message()), conversation, KEEP
        answer: Answer | None = None
        failure = ""
        try:
            for step in self._answer(command, conversation, only):
                if isinstance(step, Answer):
                    answer = step
                else:
                    yield KEEP, *grown(step), KEEP, KEEP
        except AskwellError as error:
            failure = sentence_of(error)
        except Exception:
            log.exception("unexpected error in the chat")
            failure = UNEXPECTED
        history = history_html(self._assistant, owner, conversation)
        if answer is None:
            yield gr.Textbox(**_IDLE), *grown(error_message(failure, again=True)), KEEP, history
            return
        messages = [*page.messages, *turn_messages(answer, next_questions(self._assistant, answer), only.words)]
        done = Shown(conversation, tuple(messages), page.turns)
        yield gr.Textbox(**_IDLE), messages, done, answer.conversation_id, history

    def _answer(self, command: Command, conversation: str, only: Chosen) -> Iterator[str | Answer]:
        """The message as the stream arrives, not more often than a screen shows; at last the answer."""
        question = checked_question(
            self._assistant,
            self._settings,
            command.text,
            conversation_id=conversation or None,
            collections=only.collections or None,
            filters=dict(only.filters),
            exact=command.exact,
        )
        citations: dict[int, Citation] = {}
        written, searched, shown_at = "", question.text, 0.0
        for event in within(self._places, self._settings.request_seconds, self._events(question)):
            match event:
                case SourcesEvent():
                    searched = event.standalone_question
                case TokenEvent():
                    written += event.text
                case CitationEvent():
                    citations[event.citation.number] = event.citation
                case DoneEvent():
                    yield event.answer
                    return
            if written and time.monotonic() - shown_at >= SECONDS_BETWEEN_UPDATES:
                shown_at = time.monotonic()
                yield streaming_message(written, citations, question.text, searched, only.words)

    def _events(self, question: Question) -> Generator[AnswerEvent, None, None]:
        yield from self._assistant.stream(question)


def _asked_by(event: gr.EventData, typed: str, sent: str) -> Command:
    """Which of the three was used: the question box, a button of the page, or an example."""
    name = getattr(event.target, "elem_id", "")
    if name == "ask":
        return command_in(sent)
    if name == "chat":
        return Command(do="ask", text=str(event._data["value"]["text"]))
    return Command(do="ask", text=typed.strip())


def welcome(assistant: Assistant) -> dict[str, Any]:
    """What an empty chat shows: example questions from the documents, or how to begin when there are none."""
    try:
        index = assistant.holder.current()
        examples = [{"text": example} for example in assistant.examples(4)]
    except AskwellError as error:
        return {"placeholder": f"## Nothing to answer from yet\n\n{error}", "examples": None}
    count = sum(index.document_counts().values())
    documents = "one document" if count == 1 else f"{count:,} documents"
    return {
        "placeholder": f"## What would you like to know?\n\nAnswers quote {documents} word for word.",
        "examples": examples,
    }
