"""The chat page: Gradio keeps the conversation and streams, templates draw the messages, chat.js opens sources.

Leaves out history across reloads and accounts; a conversation lives as long as its page.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr
from fastapi import FastAPI

from assistant.settings import Settings
from assistant.types import Citation, CitationEvent, DoneEvent, SourcesEvent, TokenEvent
from ingest.errors import AskwellError
from ui.http.problems import UNEXPECTED
from ui.questions import checked_question
from ui.web.head import ChatHead
from ui.web.messages import answer_message, error_message, question_message, streaming_message, waiting_message
from ui.web.theme import theme

if TYPE_CHECKING:
    from assistant.assistant import Assistant

log = logging.getLogger("askwell")

Message = dict[str, Any]
"""A Gradio chat message: {"role": "user" | "assistant", "content": HTML}."""

SECONDS_BETWEEN_UPDATES = 0.04
QUESTIONS_AT_ONCE = 16
ASSETS = Path(__file__).parent.parent / "assets"


def mount_chat(app: FastAPI, assistant: Assistant, settings: Settings) -> None:
    """Puts the chat at / of the application."""
    app.add_middleware(ChatHead)
    gr.mount_gradio_app(
        app,
        build_chat(assistant, settings),
        path="/",
        theme=theme(),
        favicon_path=str(ASSETS / "favicon.svg"),
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
        enable_monitoring=False,
        pwa=False,
        mcp_server=False,
    )


def build_chat(assistant: Assistant, settings: Settings) -> Any:
    """The ``gradio.Blocks`` of the page."""
    with gr.Blocks(title="Askwell", analytics_enabled=False, fill_height=True, fill_width=True) as page:
        conversation = gr.State(None)
        with gr.Row(elem_id="topbar"):
            gr.HTML(_BRAND, elem_id="brand")
            begin = gr.Button("New conversation", elem_id="begin", size="sm", min_width=0)
        chat = gr.Chatbot(
            elem_id="chat",
            show_label=False,
            container=False,
            height="100%",
            layout="bubble",
            autoscroll=False,  # chat.js brings the new question to the top instead
            buttons=[],
            feedback_options=None,
            latex_delimiters=[],
            sanitize_html=True,
            group_consecutive_messages=False,
            **welcome(assistant),
        )
        with gr.Column(elem_id="composer"):
            box = gr.Textbox(
                placeholder="Ask the documents",
                label="Your question",
                show_label=False,
                container=False,
                lines=1,
                max_lines=6,
                submit_btn=True,
                autofocus=True,
                elem_id="question",
            )
            gr.HTML('<p class="note">Every answer quotes the documents. Click a number to see the words in place.</p>')

        respond = answering(assistant, settings)
        hidden = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": QUESTIONS_AT_ONCE}
        asked = box.submit(respond, [box, chat, conversation], [box, chat, conversation], **hidden)
        picked = chat.example_select(_picked, None, box, queue=False, **_QUIET).then(
            respond, [box, chat, conversation], [box, chat, conversation], **hidden
        )
        begin.click(lambda: ([], None), None, [chat, conversation], cancels=[asked, picked], queue=False, **_QUIET)
        page.load(lambda: gr.Chatbot(**welcome(assistant)), None, chat, queue=False, **_QUIET)
    page.queue(max_size=256)
    return page


_QUIET = {"show_progress": "hidden", "api_visibility": "private"}
_BRAND = '<a class="brand" href="/"><img src="/ui/favicon.svg" alt="" width="24" height="24">Askwell</a>'


def welcome(assistant: Assistant) -> dict[str, Any]:
    """What an empty chat shows: example questions from the documents, or how to begin when there are none."""
    try:
        index = assistant.holder.current()
        examples = [{"text": example} for example in assistant.examples(4)]
    except AskwellError as error:
        return {"placeholder": f"## Nothing to answer from yet\n\n{error}", "examples": None}
    count = f"{index.manifest.documents:,}"
    return {
        "placeholder": f"## What would you like to know?\n\n{count} documents, quoted word for word.",
        "examples": examples,
    }


def answering(
    assistant: Assistant, settings: Settings
) -> Callable[[str, list[Message], str | None], Iterator[tuple[Any, list[Message], str | None]]]:
    """The handler of the send button: yields (text box, messages, conversation id) as the answer grows."""

    def respond(
        text: str, messages: list[Message], conversation: str | None
    ) -> Iterator[tuple[Any, list[Message], str | None]]:
        if not text.strip():
            yield gr.skip(), messages, conversation
            return
        asked = [*messages, {"role": "user", "content": question_message(text.strip())}]

        def grown(html: str) -> list[Message]:
            return [*asked, {"role": "assistant", "content": html}]

        yield "", grown(waiting_message()), conversation
        try:
            for html, conversation in _answer(assistant, settings, text, conversation):  # noqa: B020
                yield gr.skip(), grown(html), conversation
        except AskwellError as error:
            yield gr.skip(), grown(error_message(str(error))), conversation
        except Exception:
            log.exception("unexpected error in the chat")
            yield gr.skip(), grown(error_message(UNEXPECTED)), conversation

    return respond


def _answer(
    assistant: Assistant, settings: Settings, text: str, conversation: str | None
) -> Iterator[tuple[str, str | None]]:
    """(message, conversation id) as the stream arrives, not more often than a screen shows; the last is complete."""
    question = checked_question(assistant, settings, text, conversation_id=conversation)
    citations: dict[int, Citation] = {}
    written, searched, shown_at = "", question.text, 0.0
    for event in assistant.stream(question):
        match event:
            case SourcesEvent():
                searched = event.standalone_question
            case TokenEvent():
                written += event.text
            case CitationEvent():
                citations[event.citation.number] = event.citation
            case DoneEvent():
                yield answer_message(event.answer), event.answer.conversation_id
                return
        if written and time.monotonic() - shown_at >= SECONDS_BETWEEN_UPDATES:
            shown_at = time.monotonic()
            yield streaming_message(written, citations, question.text, searched), conversation


def _picked(choice: gr.SelectData) -> str:
    return str(choice.value["text"])
