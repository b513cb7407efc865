"""Where a target lies: which sections and spans count as finding it. Knows nothing of retrieval or answers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from evals.cases import Place, Target
from ingest.types import Section

_SPACE = re.compile(r"\s+")


def plain(text: str) -> str:
    """For comparing headings and words: lower case, one space, typographic signs as typed ones, no emphasis marks.

    >>> plain("The  **six** pillars’ `names`")
    "the six pillars' names"
    """
    for sign, typed in (("’", "'"), ("‘", "'"), ("“", '"'), ("”", '"'), ("–", "-"), ("—", "-"), ("\u00a0", " ")):
        text = text.replace(sign, typed)
    text = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text)  # Markdown escapes: "15\-minute" says "15-minute"
    return _SPACE.sub(" ", re.sub(r"[*`]|\b_|_\b", "", text)).strip().lower()


def path_matches(heading_path: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether ``wanted`` ends the path, or ends the path of a section around it.

    >>> path_matches(("DynamoDB", "Limits", "Items"), ("Limits",))
    True
    >>> path_matches(("DynamoDB", "Limits"), ("Items",))
    False
    """
    path, end = [plain(heading) for heading in heading_path], [plain(heading) for heading in wanted]
    return any(path[: stop + 1][-len(end) :] == end for stop in range(len(path)))


def section_matches(section: Section, place: Place, document_text: str | None) -> bool:
    """Whether ``section`` is the place, lies within it, or holds its span (for that the document's text is needed)."""
    if section.document_id != place.document:
        return False
    if place.section and not path_matches(section.heading_path, place.section):
        return False
    if place.text and not place.section:
        return document_text is not None and plain(place.text) in plain(document_text[section.start : section.end])
    return True


def target_of(section: Section, targets: Sequence[Target], document_text: str | None) -> int | None:
    """The index of the first target that ``section`` satisfies, None for none."""
    for index, target in enumerate(targets):
        if any(section_matches(section, place, document_text) for place in target.places):
            return index
    return None
