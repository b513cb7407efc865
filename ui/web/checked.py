"""What the check of a chat model's sentences found: how many hold, and why the others do not.

Which sentences are checked, and how, is decided where the answer is written; quotes have no checks and no report.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from markupsafe import Markup

from assistant.generation.page import UNSUPPORTED
from assistant.types import Answer
from ui.web.citations import answer_html

_HEADING = re.compile(r"^#{1,6}\s+")


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A sentence, drawn as in the answer, and the reasons in plain words."""

    sentence: Markup
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    summary: str
    unsupported: tuple[Unsupported, ...]


def checked(answer: Answer) -> Checked | None:
    """None for an answer without checks."""
    if not answer.checks:
        return None
    lost = tuple(
        Unsupported(_drawn(answer.text[check.start : check.end]), check.reasons)
        for check in answer.checks
        if not check.supported
    )
    total = len(answer.checks)
    noun = "sentence" if total == 1 else "sentences"
    return Checked(f"Checked: {total - len(lost)} of {total} {noun} supported", lost)


def _drawn(text: str) -> Markup:
    """Without the note that the report repeats; a table's row, which is no table alone, as its cells."""
    text = _HEADING.sub("", text.replace(UNSUPPORTED, "").strip())
    if text.startswith("|"):
        text = "; ".join(filter(None, (cell.strip() for cell in text.strip("|").split("|"))))
    return Markup(answer_html(text, {}))
