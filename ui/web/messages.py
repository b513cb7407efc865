"""What stands in the chat: the question as typed, the answer with its sources, and what went wrong.

Each message is one block of finished HTML. Gradio would read a blank line inside it as the start of Markdown, so
there is none; and Gradio cleans the HTML once more in the browser.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from assistant.reliability import Reliability, reliability
from assistant.types import Answer, Citation
from ui.templates import fill
from ui.web.checked import checked
from ui.web.citations import answer_html
from ui.web.commands import value
from ui.web.sources import answer_markdown, sources

_PRE = re.compile(r"<pre.*?</pre>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Button:
    """A button that asks: what it says, and the command it sends."""

    text: str
    value: str


def question_message(text: str, answer_id: str = "") -> str:
    """The question; it can be edited once its answer has an id."""
    edit = value("ask", text=text, instead_of=answer_id) if answer_id else ""
    return one_block(fill("question.html", lines=text.splitlines() or [text], edit=edit))


def waiting_message() -> str:
    return one_block(fill("waiting.html"))


def streaming_message(
    text: str, citations: Mapping[int, Citation], question: str, searched: str, only: str = ""
) -> str:
    """The answer so far."""
    body = answer_html(text, citations, streaming=True)
    return one_block(
        fill(
            "answer.html",
            body=Markup(body),
            searched=_searched(question, searched),
            only=only,
            correct="",
            answer=None,
            choices=(),
            sources=(),
            checked=None,
            suggestions=(),
            sure=None,
            again="",
            markdown="",
        )
    )


def answer_message(answer: Answer, suggestions: Sequence[str] = (), only: str = "") -> str:
    """The whole answer: what was searched, the text, its sources and checks or what comes near, what to ask next."""
    body = answer_html(answer.text, {citation.number: citation for citation in answer.citations})
    searched = answer.standalone_question
    return one_block(
        fill(
            "answer.html",
            body=Markup(body),
            searched=_searched(answer.question, searched),
            only=only,
            correct=value("ask", text=searched, instead_of=answer.id, exact=True),
            answer=answer,
            choices=_asking(answer.choices),
            sources=sources(answer.citations),
            checked=checked(answer),
            suggestions=_asking(suggestions),
            sure=_sure(answer),
            again=value("ask", text=answer.question, instead_of=answer.id),
            markdown=answer_markdown(answer),
        )
    )


def error_message(sentence: str, *, again: bool = False) -> str:
    """What went wrong; ``again`` offers to ask the same question once more."""
    return one_block(fill("error.html", sentence=sentence, again=value("again") if again else ""))


def stopped_message() -> str:
    return one_block(fill("stopped.html", again=value("again")))


def earlier_message(hidden: int) -> str:
    """Stands above a long conversation, of which only the latest turns are drawn."""
    return one_block(fill("earlier.html", value=value("earlier"), hidden=hidden))


def _asking(questions: Sequence[str]) -> list[Button]:
    return [Button(question, value("ask", text=question, exact=True)) for question in questions]


def _sure(answer: Answer) -> Reliability | None:
    """How often answers with this score were right; nothing about one that says it does not know."""
    return reliability(answer.confidence) if answer.citations else None


def _searched(question: str, searched: str) -> str:
    """The question that was searched, if it is not the one that was typed."""
    return "" if _folded(question) == _folded(searched) else searched


def _folded(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def one_block(html: str) -> str:
    """Without the blank lines that would end a block of HTML for Gradio's Markdown."""
    return "".join(_squeezed(html, _PRE.finditer(html)))


def _squeezed(html: str, blocks: Iterable[re.Match[str]]) -> Iterable[str]:
    at = 0
    for block in blocks:
        yield re.sub(r"\s*\n\s*", "\n", html[at : block.start()])
        yield block.group().replace("\n", "&#10;")
        at = block.end()
    yield re.sub(r"\s*\n\s*", "\n", html[at:])
