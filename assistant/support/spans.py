"""The exact spans of a section that bear a sentence out best: one unit if one is enough, else the fewest that do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.names import Names
from assistant.support.figures import dates, figures, same_figure
from assistant.support.verdict import Finding, Quote, Similarity, Verdict, check
from assistant.words import content_words, stem, stem_set

_MOST_SPANS = 3
_SHORTLIST = 6
_EMBEDDED = 16
"""Candidates whose words come nearest are embedded; the rest of a long section is not worth the time."""
_OUTWEIGHS = 0.15
_DENIALS: frozenset[Finding] = frozenset(("negation", "opposite"))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A span that can be quoted: ``key`` is the caller's own, ``text`` plain words, ``context`` its headings."""

    key: int
    text: str
    context: str = ""


@dataclass(frozen=True, slots=True)
class Borne:
    """``chosen`` are the candidates to cite, in their own order; empty when none has anything to do with it."""

    chosen: tuple[Candidate, ...]
    verdict: Verdict


def bear_out(
    claim: str,
    candidates: Sequence[Candidate],
    names: Names | None = None,
    similarity: Similarity | None = None,
) -> Borne:
    """The fewest candidates that together support the claim; failing that, the nearest one with its verdict."""
    shortlist = _nearest(claim, candidates, similarity)
    if not shortlist:
        return Borne((), check(claim, (), names))
    tried: list[Borne] = []
    for candidate in shortlist:
        borne = Borne((candidate,), check(claim, (_quote(candidate),), names, similarity))
        tried.append(borne)
    alone = [borne for borne in tried if borne.verdict.supported]
    if alone:
        best = max(alone, key=lambda borne: borne.verdict.score)
        against = max(tried, key=lambda borne: borne.verdict.coverage)
        # A span that speaks of much more of the claim, and denies it, outweighs one that merely fits.
        denied = _DENIALS & set(against.verdict.findings)
        return against if denied and against.verdict.coverage >= best.verdict.coverage + _OUTWEIGHS else best
    # Spans may add up to what the claim says; one that denies it adds nothing.
    willing = [one.chosen[0] for one in tried if not _DENIALS & set(one.verdict.findings)]
    chosen = [tried[0].chosen[0]]
    while len(chosen) < _MOST_SPANS and chosen[0] in willing:
        more = _most_added(claim, chosen, willing)
        if more is None:
            break
        chosen.append(more)
        ordered = sorted(chosen, key=lambda candidate: candidate.key)
        verdict = check(claim, [_quote(candidate) for candidate in ordered], names, similarity)
        if verdict.supported:
            return Borne(tuple(ordered), verdict)
    best = max(tried, key=lambda borne: (-len(borne.verdict.findings), borne.verdict.score))
    return best if best.verdict.coverage > 0.2 else Borne((), best.verdict)


def _quote(candidate: Candidate) -> Quote:
    return Quote(candidate.text, candidate.context)


def _nearest(claim: str, candidates: Sequence[Candidate], similarity: Similarity | None) -> list[Candidate]:
    if not candidates:
        return []
    if len(candidates) > _EMBEDDED:
        candidates = sorted(candidates, key=lambda candidate: -_shared(claim, candidate))[:_EMBEDDED]
    cosines = similarity(claim, [candidate.text for candidate in candidates]) if similarity else [0.0] * len(candidates)
    scored = [
        (_shared(claim, candidate) + 0.5 * cosine, -position, candidate)
        for position, (candidate, cosine) in enumerate(zip(candidates, cosines, strict=True))
    ]
    scored.sort(key=lambda one: (-one[0], -one[1]))
    return [candidate for _, _, candidate in scored[:_SHORTLIST]]


def _shared(claim: str, candidate: Candidate) -> float:
    """Share of the claim's content words in a candidate, its headings counting half; figures count double."""
    mine = {stem(word) for word in content_words(claim)}
    if not mine:
        return 0.0
    text, context = stem_set(candidate.text), stem_set(candidate.context)
    words = sum(1.0 if word in text else 0.5 if word in context else 0.0 for word in mine) / len(mine)
    wanted = figures(claim)
    known = figures(candidate.text)
    hits = sum(any(same_figure(figure, other) for other in known) for figure in wanted)
    days = dates(claim)
    hits += sum(any(date.within(other) for other in dates(candidate.text)) for date in days)
    return words + (0.6 * hits / (len(wanted) + len(days)) if wanted or days else 0.0)


def _most_added(claim: str, chosen: Sequence[Candidate], shortlist: Sequence[Candidate]) -> Candidate | None:
    """The candidate with most of what the chosen ones lack of the claim."""
    mine = {stem(word) for word in content_words(claim)}
    have = set().union(*(stem_set(candidate.text) for candidate in chosen))
    rest = [candidate for candidate in shortlist if candidate not in chosen]
    gains = [(len((mine - have) & stem_set(candidate.text)), -at) for at, candidate in enumerate(rest)]
    if not gains or max(gains)[0] == 0:
        return None
    return rest[-max(gains)[1]]
