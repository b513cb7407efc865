"""The chat page: Gradio keeps the frame and streams, templates draw the messages, scripts in ui/assets open sources.

What a conversation holds is read from the records, so a page that is reloaded shows it again.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr
from fastapi import FastAPI

from assistant.settings import Settings
from ui.http.places import Places
from ui.web import filters
from ui.web.asking import Desk
from ui.web.head import ChatHead
from ui.web.theme import theme

if TYPE_CHECKING:
    from assistant.assistant import Assistant

QUESTIONS_AT_ONCE = 16
ASSETS = Path(__file__).parent.parent / "assets"

_BRAND = (
    '<div class="prose"><h1 class="unseen">Ask the documents</h1>'
    '<a class="brand" href="/"><img src="/ui/favicon.svg" alt="" width="24" height="24">Askwell</a>'
    '<a class="place" href="/documents">Documents</a><a class="place" href="/quality">Quality</a></div>'
)
_SIGN_OUT = '<a class="place" href="/sign-out">Sign out</a></div>'
_QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}


def mount_chat(app: FastAPI, assistant: Assistant, settings: Settings, places: Places) -> None:
    """Puts the chat at / of the application."""
    app.add_middleware(ChatHead)
    gr.mount_gradio_app(
        app,
        build_chat(assistant, settings, places),
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


def build_chat(assistant: Assistant, settings: Settings, places: Places) -> Any:
    """The ``gradio.Blocks`` of the page."""
    desk = Desk(assistant, settings, places)
    with gr.Blocks(title="Askwell", analytics_enabled=False, fill_height=True, fill_width=True) as page:
        shown = gr.State(None)
        with gr.Sidebar(open=False, width=300, elem_id="side"):
            history = gr.Markdown(elem_id="history", container=False)
        with gr.Row(elem_id="topbar"):
            brand = _BRAND.replace("</div>", _SIGN_OUT) if settings.require_key else _BRAND
            gr.Markdown(brand, elem_id="brand", container=False)  # gr.HTML evaluates templates; the policy forbids it
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
        )
        with gr.Column(elem_id="composer"):
            with gr.Accordion(filters.EVERYTHING, open=False, elem_id="filters") as narrowed:
                only = filters.controls()
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
        # What the page's own buttons send, and which conversation it shows: kept by the page, so that a server that
        # was restarted goes on with it.
        ask, go, order, conversation = (
            gr.Textbox(visible="hidden", elem_id=name, label=name) for name in ("ask", "go", "order", "conversation")
        )

        drawn = [box, chat, shown, conversation, history]
        # actions.js lets no second question go while one is answered; Gradio's own guard would also hold back the
        # first one after a stop.
        busy = {**_QUIET, "concurrency_limit": QUESTIONS_AT_ONCE, "trigger_mode": "multiple"}
        waiting = {**busy, "concurrency_limit": min(QUESTIONS_AT_ONCE, settings.max_running)}
        given = [conversation, shown, *only]
        # One event for all that asks: of several, Gradio would cancel one after the other and hit what began meanwhile.
        asked = gr.on([box.submit, ask.submit, chat.example_select], desk.ask, [box, ask, *given], drawn, **waiting)
        go.submit(desk.command, [go, *given[:2]], drawn, cancels=[asked], **busy)
        order.submit(desk.command, [order, *given[:2]], drawn, **busy)
        box.stop(desk.stop, [shown], drawn, cancels=[asked], queue=False, **_QUIET)
        begin.click(desk.begin, None, drawn, cancels=[asked], queue=False, **_QUIET)
        page.load(desk.load, None, drawn, queue=False, **_QUIET)
        page.load(desk.welcome, None, chat, queue=False, **_QUIET)
        page.load(desk.controls, None, only, queue=False, **_QUIET)
        for one in only:
            one.change(lambda *values: gr.Accordion(label=filters.label(values)), only, narrowed, queue=False, **_QUIET)
    page.queue(max_size=256)
    return page
