"""What stands in the chat: the question as typed, the answer with its sources, and what went wrong.

Each message is one block of finished HTML. Gradio would read a blank line inside it as the start of Markdown, so
there is none; and Gradio cleans the HTML once more in the browser.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from markupsafe import Markup

from assistant.types import Answer, Citation
from ui.templates import fill
from ui.web.citations import answer_html
from ui.web.sources import answer_markdown, sources

_PRE = re.compile(r"<pre.*?</pre>", re.DOTALL)


def question_message(text: str) -> str:
    return _one_block(fill("question.html", lines=text.splitlines() or [text]))


def waiting_message() -> str:
    return _one_block(fill("waiting.html"))


def streaming_message(text: str, citations: Mapping[int, Citation], question: str, searched: str) -> str:
    """The answer so far."""
    body = answer_html(text, citations, streaming=True)
    return _one_block(
        fill(
            "answer.html",
            body=Markup(body),
            searched=_searched(question, searched),
            answer=None,
            sources=(),
            markdown="",
        )
    )


def answer_message(answer: Answer) -> str:
    """The whole answer: what was searched, the text, its sources or the sections that come near."""
    body = answer_html(answer.text, {citation.number: citation for citation in answer.citations})
    return _one_block(
        fill(
            "answer.html",
            body=Markup(body),
            searched=_searched(answer.question, answer.standalone_question),
            answer=answer,
            sources=sources(answer.citations),
            markdown=answer_markdown(answer),
        )
    )


def error_message(sentence: str) -> str:
    return _one_block(fill("error.html", sentence=sentence))


def _searched(question: str, searched: str) -> str:
    """The question that was searched, if it is not the one that was typed."""
    return "" if _folded(question) == _folded(searched) else searched


def _folded(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _one_block(html: str) -> str:
    return "".join(_squeezed(html, _PRE.finditer(html)))


def _squeezed(html: str, blocks: Iterable[re.Match[str]]) -> Iterable[str]:
    at = 0
    for block in blocks:
        yield re.sub(r"\s*\n\s*", "\n", html[at : block.start()])
        yield block.group().replace("\n", "&#10;")
        at = block.end()
    yield re.sub(r"\s*\n\s*", "\n", html[at:])
