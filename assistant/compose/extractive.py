"""The built-in answerer: composes an answer from verbatim passages, no language model involved.

The shape follows the kind of question (``analysis.py``); whatever the shape, each statement carries its spans.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from assistant.analysis import asks_yes_or_no, compares, without_aside
from assistant.compose.comparison import comparison
from assistant.compose.disagreement import both_sides
from assistant.compose.draft import Draft, Statement, safe_markdown
from assistant.compose.evidence import Evidence, ScoredUnit, names_a_product
from assistant.compose.notices import ended_first, notices, recommends_ended
from assistant.compose.parts import parts_of
from assistant.compose.shapes import (
    list_answer,
    prose,
    rows_answer,
    steps_answer,
    table_of,
    uses_answer,
)
from assistant.compose.verdicts import has_ended, yes_or_no
from assistant.stance import asks_against
from assistant.subjects import is_subject, spoken
from assistant.words import content_words, stem_set


class ExtractiveGenerator:
    """The generator that needs nothing but the documents."""

    name = "extractive"

    def draft(self, evidence: Evidence, look_up: Callable[[str], Evidence]) -> Draft:
        return compose(evidence, look_up)


def compose(evidence: Evidence, look_up: Callable[[str], Evidence]) -> Draft:
    """A draft for the question of ``evidence``; empty when there is nothing to quote.

    ``look_up`` retrieves evidence for a part of the question (one thing of a comparison).
    """
    lead = evidence.best
    if lead is None:
        return Draft(hits=evidence.hits)
    parts = parts_of(evidence.query)
    return _by_parts(parts, evidence, look_up) if parts else _single(evidence, lead, look_up)


def _by_parts(parts: Sequence[str], evidence: Evidence, look_up: Callable[[str], Evidence]) -> Draft:
    """Each part of the question answered by itself; what is not answered is named."""
    statements: list[Statement] = []
    missing: list[str] = []
    for part in parts:
        found = look_up(part)
        draft = _single(found, found.best, look_up) if found.answers and found.best else Draft()
        if draft.is_empty:
            missing.append(f"{part[:1].upper()}{part[1:].rstrip('?')}?")
        said = {passage.key for statement in statements for passage in statement.passages}
        fresh = [s for s in draft.statements if not s.passages or not {p.key for p in s.passages} <= said]
        if statements:  # one lead is enough: bold is for what answers first
            fresh = [replace(s, layout="sentence") if s.layout == "lead" else s for s in fresh]
        statements.extend(fresh)
        missing.extend(name for name in draft.missing if name not in missing)
    return Draft(tuple(statements), evidence.hits, tuple(missing))


def _single(evidence: Evidence, lead: ScoredUnit, look_up: Callable[[str], Evidence]) -> Draft:
    kind = evidence.query.analysis.kind
    missing = _unheard_of(evidence)
    statements: list[Statement] = []
    if kind == "comparison":
        statements, without = comparison(evidence, look_up)
        missing = (*missing, *without)
    elif kind == "steps":
        statements = steps_answer(evidence)
    elif kind == "choice" and _ASKS_WHEN.match(evidence.query.analysis.text):
        statements = uses_answer(evidence) if not asks_against(evidence.query.analysis.text) else list_answer(evidence)
    elif kind in ("list", "definition", "plain"):
        statements = list_answer(evidence) if kind == "list" or _asks_for_aspect(evidence) else []
    if not statements:
        statements = rows_answer(evidence, lead) if lead.unit.kind == "row" else _prose(evidence, lead)
        sides = both_sides(evidence, lead)
        if sides:
            statements = sides
        elif kind == "yes_no" and statements[0].layout == "lead":
            settled = yes_or_no(evidence.query, lead) if _asked_so(evidence) else ""
            ended = notices(evidence, []) if has_ended(evidence.query, lead) else []
            if ended:
                first = replace(ended[0], layout="lead", text=f"No. {ended[0].text}")
                said = {passage.key for passage in first.passages}
                statements = [first, *(s for s in statements if not {p.key for p in s.passages} & said)]
                statements[1:2] = [replace(s, layout="sentence") for s in statements[1:2]]
            elif settled:
                statements[0] = replace(statements[0], text=f"{settled}. {statements[0].text}")
    if kind == "choice":
        statements = [_named(evidence, lead, statements[0]), *statements[1:]]
    notes = notices(evidence, statements)
    if kind == "choice" and notes and recommends_ended(evidence, statements[0]):
        statements = ended_first(statements, notes, look_up)
        notes = []
    return Draft((*statements, *notes), evidence.hits, missing)


_ASKS_WHEN = re.compile(r"(?:and |so )?when\b|what (?:is|are) .* (?:good|best|suited) for\b", re.I)


def _asked_so(evidence: Evidence) -> bool:
    """Whether yes or no answers what was typed. A follow-up may have been put in the words of a known question, which
    asks by yes or no where the turn did not ("and the newest?"), or the other way round ("it can't?")."""
    said = evidence.said
    if not said:
        return True
    if _NEGATED.search(said):
        return False
    own = stem_set(" ".join(content_words(said)))
    return asks_yes_or_no(said) or (bool(own) and own <= stem_set(evidence.query.text))


_NEGATED = re.compile(r"\b(?:not|no|never|without)\b|n['’]t\b", re.I)


def _named(evidence: Evidence, lead: ScoredUnit, statement: Statement) -> Statement:
    """An answer to "which service" names one: that of the headings when the sentence itself names none."""
    if statement.layout != "lead" or names_a_product(f"x {statement.text}"):
        return statement
    path = " ".join(lead.source.section.heading_path)
    name = next((m for m in evidence.names.mentions(path) if m.name.is_product and is_subject(m)), None)
    return statement if name is None else replace(statement, text=f"{safe_markdown(spoken(name))}: {statement.text}")


def _unheard_of(evidence: Evidence) -> tuple[str, ...]:
    """Names that a comparing question uses and no document knows: "how does Aurora compare with Snowflake?"."""
    query = evidence.query
    if not compares(query.analysis.text):
        return ()
    unknown = [concept.text for concept in query.concepts if not concept.known]
    found = (re.search(rf"\b{re.escape(word)}\b", query.question, re.I) for word in unknown)
    return tuple(match.group() for match in found if match and match.group()[:1].isupper())


def _prose(evidence: Evidence, lead: ScoredUnit) -> list[Statement]:
    """Prose, with the list or table of the lead's section when the question asks for several things at once."""
    several = evidence.query.analysis.kind in ("list", "value", "comparison", "choice")
    statements = prose(evidence, lead)
    announced = any(_ANNOUNCES.search(statement.text) for statement in statements[:2])
    if (several and lead.unit.order == 0) or announced:
        table = table_of(lead.source, evidence.query)
        if table:
            return [*statements[:1], *table]
    return statements


_ANNOUNCES = re.compile(
    r"\b(?:the (?:\w+ )?table (?:\w+ )?(?:shows?|lists?|compares?|explains?|names?|gives?|sets?|sums?|tells?)"
    r"|as follows|in the table|the following|are listed|are:)",
    re.I,
)


def _asks_for_aspect(evidence: Evidence) -> bool:
    """A question for the strengths, weaknesses or the like of something, in whatever words it is put."""
    text = without_aside(evidence.query.analysis.text).lower()
    return any(word in text for word in ("strengths", "weaknesses", "benefits", "advantages", "drawbacks", "downsides"))
