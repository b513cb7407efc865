"""Names the stage at which a question went wrong, in the order of the read path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evals.outcomes import Outcome, Stage

RANKED_WELL = 5
"""A target within the first five sections was there for the answerer to use."""

CITED_WELL = 0.5
"""Below this citation precision an answer is a failure even when its words are right."""


def failing_stage(outcome: Outcome, *, known_documents: bool, rewrite_ranks: Sequence[int] = ()) -> Stage:
    """The first stage that explains the failure, "" for a right answer.

    ``known_documents``: the index holds the documents of the targets. ``rewrite_ranks``: target ranks when the
    standalone rewrite is searched instead, for follow-ups.
    """
    if outcome.status == "error":
        return "error"
    if not outcome.answerable:
        return "" if outcome.refused else "wrongly answered"
    if not _wrong_words(outcome):
        return "miscited" if _miscited(outcome.scores) else ""
    if not known_documents:
        return "document missing"
    if _rewrite_is_right(outcome) or (_near(rewrite_ranks) and not _near(outcome.target_ranks)):
        return "follow-up not resolved"
    if not _near(outcome.target_ranks):
        return "ranked too low" if any(outcome.target_ranks) else "not retrieved"
    if outcome.refused:
        return "wrongly refused"
    return "not composed" if outcome.scores["all_facts"] < 1.0 else "wrong polarity"


def _near(ranks: Sequence[int]) -> bool:
    """Whether any target is among the first sections; 0 stands for a target that was not found."""
    return any(0 < rank <= RANKED_WELL for rank in ranks)


def _rewrite_is_right(outcome: Outcome) -> bool:
    """Whether the standalone rewrite gets the facts that the turn as asked does not: nothing else differs."""
    return outcome.scores.get("rewrite_all_facts") == 1.0 and outcome.scores["all_facts"] < 1.0


def _wrong_words(outcome: Outcome) -> bool:
    scores = outcome.scores
    return outcome.refused or scores["all_facts"] < 1.0 or scores.get("polarity", 1.0) < 1.0


def _miscited(scores: Mapping[str, float]) -> bool:
    return (
        scores.get("quote_exactness", 0.0) < 1.0
        or scores.get("citation_precision", 0.0) < CITED_WELL
        or scores.get("citation_recall", 0.0) == 0.0
    )
