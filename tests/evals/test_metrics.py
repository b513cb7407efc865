"""The metrics, on values that can be computed by hand."""

from __future__ import annotations

import doctest
import importlib
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.metrics.abstention import area_under_risk_coverage, risk_coverage
from evals.metrics.answers import answer_scores, fact_recall, redundancy, said_polarity
from evals.metrics.citations import citation_scores
from evals.metrics.retrieval import RankedTurn, retrieval_scores, target_ranks
from evals.metrics.statements import Statement, borne_out, statements
from evals.metrics.statistics import mcnemar, ratio
from evals.outcomes import CitedQuote


def quote(number: int, text: str, exact: bool = True) -> CitedQuote:
    return CitedQuote(number, "d.md", ("DynamoDB",), text, 0, len(text), exact)


@pytest.mark.parametrize(
    "module", ["matching", "beir", "metrics.statements", "metrics.answers", "metrics.abstention", "metrics.statistics"]
)
def test_the_examples_in_the_docstrings_hold(module: str) -> None:
    assert doctest.testmod(importlib.import_module(f"evals.{module}")).failed == 0


def test_retrieval_scores_by_hand() -> None:
    turns = [
        RankedTurn("first", 1, (0, None)),
        RankedTurn("second", 2, (None, 1, 1, None, 0)),
        RankedTurn("none", 1, ()),
    ]
    scores = retrieval_scores(turns)
    assert scores["first"] == pytest.approx(
        {"hit@1": 1, "hit@3": 1, "hit@5": 1, "recall@5": 1, "recall@10": 1, "mrr@10": 1, "ndcg@10": 1}
    )
    ideal = 1 + 1 / math.log2(3)
    assert scores["second"]["mrr@10"] == pytest.approx(0.5)
    assert scores["second"]["ndcg@10"] == pytest.approx((1 / math.log2(3) + 1 / math.log2(6)) / ideal)
    assert scores["second"]["recall@5"] == 1.0
    assert set(scores["none"].values()) == {0.0}
    assert target_ranks(turns[1]) == (5, 2)
    assert retrieval_scores([]) == {}


@settings(deadline=None)  # ranx compiles itself the first time
@given(
    st.lists(st.tuples(st.integers(1, 3), st.lists(st.none() | st.integers(0, 2), max_size=12)), min_size=1, max_size=6)
)
def test_our_hit_at_5_agrees_with_ranx_recall(rankings: list[tuple[int, list[int | None]]]) -> None:
    turns = [
        RankedTurn(str(number), targets, tuple(t if t is None or t < targets else None for t in ranking))
        for number, (targets, ranking) in enumerate(rankings)
    ]
    for scores in retrieval_scores(turns).values():
        assert (scores["recall@5"] > 0) == (scores["hit@5"] == 1.0)


def test_statements_are_what_marks_cover() -> None:
    items = "## Limits\n\nThey are:\n\n- Items: **400 KB** [1]\n- Keys [2][3]\n\n"
    answer = items + "| a | b |\n| --- | --- |\n| x | y [1] |\n"
    assert [(found.text.strip(), found.marks) for found in statements(answer)] == [
        ("Items: **400 KB**", (1,)),
        ("Keys", (2, 3)),
        ("x | y", (1,)),
    ]
    assert statements("Two lines\nof one claim [1]") == (Statement("Two lines of one claim", (1,)),)


def test_a_quote_bears_out_its_words_and_all_its_numbers() -> None:
    assert borne_out("An item is at most 400 KB", "A DynamoDB item may be at most 400 KB.")
    assert not borne_out("An item is at most 500 KB", "A DynamoDB item may be at most 400 KB.")
    assert not borne_out("Graph databases find fraud", "A DynamoDB item may be at most 400 KB.")
    assert borne_out("Keyspaces is serverless", "It is serverless.", context="Amazon Keyspaces")


def test_citation_scores_of_right_wrong_and_missing_marks() -> None:
    right, other = quote(1, "An item is at most 400 KB."), quote(2, "Keys have 2,048 bytes.")
    assert citation_scores("An item is at most 400 KB. [1]", [right]) == {
        "citation_recall": 1.0,
        "citation_precision": 1.0,
        "quote_exactness": 1.0,
    }
    swapped = citation_scores("An item is at most 400 KB. [2] Keys have 2,048 bytes. [1]", [right, other])
    assert (swapped["citation_precision"], swapped["citation_recall"]) == (0.0, 0.0)
    dangling = citation_scores("An item is at most 400 KB. [7]", [right])
    assert (dangling["citation_precision"], dangling["citation_recall"]) == (0.0, 0.0)
    uncited = citation_scores("An item is at most 400 KB. [1]\n\nKeys have 2,048 bytes.", [right])
    assert uncited["citation_recall"] == 0.5
    assert citation_scores("It is 400 KB. [1]", [quote(1, "It is 400 KB.", exact=False)])["quote_exactness"] == 0.0


def test_facts_are_found_as_words() -> None:
    assert fact_recall("The node has 1,024 bytes [2].", [["no"], ["24 bytes"], ["1,024 bytes"]]) == pytest.approx(1 / 3)
    assert fact_recall("| Size | 400 KB |", [["400 kb"]]) == 1.0


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("**No.** It cannot [1].", "no"),
        ("Yes, since 2024 [1].", "yes"),
        ("The standby cannot serve reads [1].", "no"),
        ("Aurora serverless can scale to zero [1].", "yes"),
    ],
)
def test_polarity_is_read_from_the_answer(answer: str, said: str) -> None:
    assert said_polarity(answer) == said


def test_a_refusal_recalls_nothing_and_has_no_length() -> None:
    scores = answer_scores("400 KB", refused=True, facts=[["400 KB"]], polarity="yes")
    assert scores == {"fact_recall": 0.0, "all_facts": 0.0, "polarity": 0.0}


def test_saying_it_twice_is_redundant() -> None:
    assert redundancy("Items hold 400 KB [1]. Items hold 400 KB [2].") == 1.0
    assert redundancy("Items hold 400 KB [1]. Streams last a day [2].") == 0.0


def test_confidence_that_knows_nothing_gets_the_mean_risk() -> None:
    assert area_under_risk_coverage([0.5] * 4, [1, 0, 1, 0]) == pytest.approx(0.5)
    assert risk_coverage([0.9, 0.1], [0, 1]) == ((0.5, 0.0), (1.0, 0.5))


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=30), st.randoms())
def test_the_risk_coverage_area_does_not_depend_on_the_order(pairs: list[tuple[float, float]], random: object) -> None:
    shuffled = sorted(pairs, key=lambda pair: (pair[1], pair[0]))
    first = area_under_risk_coverage([p[0] for p in pairs], [p[1] for p in pairs])
    assert first == pytest.approx(area_under_risk_coverage([p[0] for p in shuffled], [p[1] for p in shuffled]))
    assert 0 <= first <= 1 + 1e-9


def test_intervals_are_repeatable_and_hold_the_value() -> None:
    tops = [float(number % 3 == 0) for number in range(60)]
    clusters = [str(number // 2) for number in range(60)]
    first = ratio(tops, [1.0] * 60, clusters)
    assert first == ratio(tops, [1.0] * 60, clusters)
    assert first is not None
    assert first.low is not None
    assert first.high is not None
    assert first.value == pytest.approx(1 / 3)
    assert first.low < first.value < first.high
    assert ratio([], [], []) is None


def test_mcnemar_is_exact() -> None:
    assert mcnemar(0, 0) == 1.0
    assert mcnemar(5, 5) == 1.0
    assert mcnemar(1, 9) == pytest.approx(2 * (1 + 10) / 2**10)
