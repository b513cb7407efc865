"""Two sections that disagree: both are shown, each with the date of its document, and neither is called right.

What counts is a sentence of another document that says the same of the same thing but for a figure, a date or a "not",
judged both ways by the rules that check sentences (``assistant.support``). A difference that the words explain
("on demand", "provisioned") is none.
"""

from __future__ import annotations

from assistant.compose.draft import Passage, Statement, safe_markdown
from assistant.compose.evidence import Evidence, ScoredUnit
from assistant.names import Names
from assistant.support.figures import dates, figures
from assistant.support.polarity import is_wide, opposite
from assistant.support.verdict import Finding, Quote, check
from assistant.words import content_words, stem
from ingest.types import Document

_OPPOSED: frozenset[Finding] = frozenset({"figure", "date", "negation", "bound"})
_NEAR = 0.75
"""Score, as a share of the lead's, from which a sentence answers the same question."""
_DATED = ("reviewed", "updated", "last_updated", "last_modified", "modified", "date", "published")


def both_sides(evidence: Evidence, lead: ScoredUnit) -> list[Statement]:
    """The lead and the sentence of another document that contradicts it, newer document first; [] without one."""
    other = opposing(evidence, lead)
    if other is None:
        return []
    sides = sorted((lead, other), key=lambda scored: dated(scored.source.document), reverse=True)
    return [Statement("intro", "The documents do not agree on this:"), *(_side(scored) for scored in sides)]


def opposing(evidence: Evidence, lead: ScoredUnit) -> ScoredUnit | None:
    """The best sentence of another document that answers the question otherwise than the lead does."""
    for scored in evidence.units:
        elsewhere = scored.source.document.id != lead.source.document.id
        if not elsewhere or scored.score < lead.score * _NEAR or "row" in (scored.unit.kind, lead.unit.kind):
            continue
        if contradicts(_quote(lead), _quote(scored), evidence.names):
            return scored
    return None


def contradicts(one: Quote, other: Quote, names: Names) -> bool:
    """Whether two sentences say the same of the same thing, but for a figure, a date or a denial.

    >>> names = Names((), (), ())
    >>> contradicts(Quote("A backup is kept for 35 days."), Quote("A backup is kept for 7 days."), names)
    True
    >>> contradicts(Quote("A backup is kept for 35 days."), Quote("A manual backup is kept for 7 days."), names)
    False
    """
    pair = opposite(one.text, other.text)
    swapped = {stem(word) for word in pair or ()}
    if _things(one, names) != _things(other, names) or _words(one.text) - swapped != _words(other.text) - swapped:
        return False
    if pair is not None:
        return True
    forth, back = set(check(one.text, [other], names).findings), set(check(other.text, [one], names).findings)
    return bool(forth & _OPPOSED) and bool(back & _OPPOSED)


def dated(document: Document) -> str:
    """The date that a document gives itself, as it stands there; "" without one."""
    values = (document.metadata.get(field) for field in _DATED)
    return next((str(value) for value in values if value), "")


def _quote(scored: ScoredUnit) -> Quote:
    return Quote(scored.unit.text, " ".join((scored.source.hit.title, *scored.source.section.heading_path)))


def _things(quote: Quote, names: Names) -> frozenset[str]:
    """The products that a sentence and its headings are about."""
    mentions = names.mentions(f"{quote.context}. {quote.text}")
    return frozenset(mention.name.canonical for mention in mentions if mention.name.kind in ("glossary", "service"))


def _words(text: str) -> frozenset[str]:
    """Stems of what a sentence says, without its figures, dates and denials."""
    spans = [(one.start, one.end) for one in figures(text)] + [(one.start, one.end) for one in dates(text)]
    for start, end in sorted(spans, reverse=True):
        text = f"{text[:start]} {text[end:]}"
    return frozenset(stem(word) for word in content_words(text) if not is_wide(word))


def _side(scored: ScoredUnit) -> Statement:
    source = scored.source
    date = dated(source.document)
    told = f"{source.hit.title} ({date})" if date else source.hit.title
    reference = Passage(
        source.document, source.section, source.hit.title, scored.unit.start, scored.unit.end, scored.score
    )
    return Statement("bullet", f"{safe_markdown(told)}: {safe_markdown(scored.unit.text)}", (reference,))
