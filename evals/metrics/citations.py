"""Citation quality after ALCE (Gao et al. 2023, "Enabling Large Language Models to Generate Text with Citations",
arXiv:2305.14627), with words and numbers in place of its entailment model, and quote exactness.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evals.metrics.statements import borne_out, statements
from evals.outcomes import CitedQuote

CITATIONS = ("quote_exactness", "citation_precision", "citation_recall")


def citation_scores(answer: str, citations: Sequence[CitedQuote]) -> Mapping[str, float]:
    """The three scores of one answer; empty when it states nothing.

    ``quote_exactness``: share of citations whose quote stands letter for letter at its offsets (must be 1.0).
    ``citation_precision``: share of (statement, mark) pairs where that quote alone bears the statement out, or is
    needed beside the others of the same statement. A mark without a citation counts as wrong.
    ``citation_recall``: share of statements that are cited and that their quotes together bear out.
    """
    found = statements(answer)
    if not found:
        return {}
    quotes = {citation.number: citation for citation in citations}
    recalled, precise = 0, list[bool]()
    for statement in found:
        cited = [quotes[mark] for mark in statement.marks if mark in quotes]
        whole = bool(cited) and _borne_out(statement.text, cited)
        recalled += whole
        for mark in statement.marks:
            citation = quotes.get(mark)
            others = [other for other in cited if other is not citation]
            alone = citation is not None and _borne_out(statement.text, [citation])
            needed = whole and bool(others) and not _borne_out(statement.text, others)
            precise.append(alone or (citation is not None and needed))
    scores = {"citation_recall": recalled / len(found)}
    if precise:
        scores["citation_precision"] = sum(precise) / len(precise)
    if citations:
        scores["quote_exactness"] = sum(citation.exact for citation in citations) / len(citations)
    return scores


def _borne_out(statement: str, citations: Sequence[CitedQuote]) -> bool:
    quote = " ".join(citation.quote for citation in citations)
    context = " ".join(heading for citation in citations for heading in citation.heading_path)
    return borne_out(statement, quote, context)
