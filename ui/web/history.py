"""The conversations of a browser as HTML for the side, and one of them as the messages of a chat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from assistant.callers import caller
from assistant.suggestions import suggestions
from assistant.types import Answer
from ingest.errors import AskwellError
from ui.templates import fill
from ui.web.commands import value
from ui.web.messages import answer_message, earlier_message, one_block, question_message

if TYPE_CHECKING:
    from assistant.assistant import Assistant

Message = dict[str, str]
"""A Gradio chat message: {"role": "user" | "assistant", "content": HTML}."""

TURNS_SHOWN = 20
"""Turns that a page draws at first: a conversation of hundreds must not make the page slow."""


def history_html(assistant: Assistant, owner: str, current: str) -> str:
    lines = [
        {
            "id": one.id,
            "title": one.title,
            "open": value("open", conversation=one.id),
            "rename": value("rename", conversation=one.id, text=one.title),
            "delete": value("delete", conversation=one.id),
        }
        for one in (assistant.records.conversations.of(owner) if owner else ())
    ]
    return one_block(fill("history.html", conversations=lines, current=current, signed_in=caller() is not None))


def conversation_messages(
    assistant: Assistant, owner: str, conversation: str, turns: int = TURNS_SHOWN
) -> list[Message]:
    """The latest turns as they were shown, and a way to the ones before. Raises NotFoundError."""
    answers, total = assistant.records.conversations.answers(owner, conversation, turns)
    messages = [message for answer in answers[:-1] for message in turn_messages(answer)]
    if answers:
        messages += turn_messages(answers[-1], next_questions(assistant, answers[-1]))
    if total > len(answers):
        messages.insert(0, {"role": "assistant", "content": earlier_message(total - len(answers))})
    return messages


def turn_messages(answer: Answer, suggested: Sequence[str] = (), only: str = "") -> list[Message]:
    return [
        {"role": "user", "content": question_message(answer.question, answer.id)},
        {"role": "assistant", "content": answer_message(answer, suggested, only)},
    ]


def next_questions(assistant: Assistant, answer: Answer) -> tuple[str, ...]:
    """Suggested follow-ups; none when the index is gone, which is no reason to show no answer."""
    try:
        turns = assistant.records.turns(answer.conversation_id)
        asked = [text for turn in turns for text in (turn.question, turn.standalone_question)]
        return suggestions(assistant.holder.current(), answer, asked)
    except AskwellError:
        return ()
