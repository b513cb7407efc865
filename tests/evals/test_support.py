"""The check of a chat model's sentences keeps the quality that the docs tell; the labelled pairs are sound."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from evals.support import LABELS, Judged, judge, load, report
from ingest.embedders import load_embedder

PRECISION, RECALL = 0.93, 0.87
"""On the test pairs, a little below what docs/chat-models.md reports."""


@pytest.fixture(scope="module")
def judged(request: pytest.FixtureRequest) -> list[Judged]:
    cache = request.config.cache
    assert cache is not None
    embedder = load_embedder("all-MiniLM-L6-v2", Path(cache.mkdir("askwell-models")))

    def similarity(text: str, others: Sequence[str]) -> Sequence[float]:
        rows = embedder.embed([text, *others])
        return [float(cosine) for cosine in rows[1:] @ rows[0]]

    return judge([pair for pair in load() if pair.split == "test"], similarity)


def test_the_pairs_are_many_distinct_and_of_every_label() -> None:
    pairs = load()
    assert len(pairs) >= 400
    assert len({pair.id for pair in pairs}) == len({(pair.evidence, pair.claim) for pair in pairs}) == len(pairs)
    for split in ("dev", "test"):
        labels = Counter(pair.label for pair in pairs if pair.split == split)
        assert set(labels) == set(LABELS)
        assert min(labels.values()) >= 9
    evidence = {split: {pair.evidence for pair in pairs if pair.split == split} for split in ("dev", "test")}
    assert not evidence["dev"] & evidence["test"]


def test_what_is_not_borne_out_is_caught(judged: list[Judged]) -> None:
    flagged = [one for one in judged if not one.verdict.supported]
    wrong = [one for one in judged if one.pair.label != "supported"]
    caught = [one for one in flagged if one.pair.label != "supported"]
    assert len(caught) / len(flagged) >= PRECISION
    assert len(caught) / len(wrong) >= RECALL
    assert "Caught: precision" in report(judged)


@pytest.mark.parametrize("label", ["number_changed", "negated", "entity_swapped"])
def test_changed_figures_negations_and_names_hardly_ever_pass(judged: list[Judged], label: str) -> None:
    of_label = [one for one in judged if one.pair.label == label]
    assert sum(one.right for one in of_label) >= len(of_label) - 1


def test_every_verdict_against_says_why(judged: list[Judged]) -> None:
    for one in judged:
        assert bool(one.verdict.reasons) != one.verdict.supported
        assert all(reason.endswith(".") for reason in one.verdict.reasons)
