"""Learns when the evidence answers a question: ``python -m evals.train_knowing``.

Logistic regression over ``assistant.knowing.Signs`` and their products, with an L2 pull, from the dev questions of
evals/ and the training questions, follow-ups both written out and as they were asked. Answerable questions whose target
is among the evidence are the positives, unanswerable ones the negatives; an answerable question that retrieval missed
is neither. Two models: for indexes of whose sections so many questions are known that a model tells sections by them,
and for those where nothing is known. (A third, for few known questions, is kept as it was learned before.)
Thresholds come from dev: below ``partial`` fall as many answerable questions as ``LOST``, at ``answered`` as many
unanswerable ones as ``HELD_BACK`` are below. Writes ``assistant/knowing.json``; test questions are never trained on.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import combinations_with_replacement
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.assistant import Assistant
from assistant.compose.evidence import Evidence, UnitVectors, gather
from assistant.contextual import as_read
from assistant.knowing import Signs, signs_of
from assistant.resolving import resolve
from assistant.search import HybridSearch, Known, as_hits
from assistant.settings import Settings
from assistant.types import Turn
from assistant.wiring import assemble
from evals.cases import EvalCase, EvalTurn, Suite
from evals.matching import target_of
from evals.train_followups import conversations
from evals.train_ranking import split_of, suites_named
from evals.training.held_out import HeldOut, hold_out
from ingest.types import Scope

NAMES = tuple(field.name for field in fields(Signs) if field.name != "bare_missing")
"""The signs that are weighed; ``bare_missing`` is too rare to learn from and is a rule of its own."""
FILE = Path(__file__).parents[1] / "assistant" / "knowing.json"
UNANSWERABLE = ("training/unanswerable", "unanswerable")
SUITES = ("training/corpus", "training/unanswerable", "single", "conversations", "unanswerable")
LOST = {"plain": 0.06, "told": 0.022}
HELD_BACK = 0.97
_EVIDENCE = 5
_EVERY_NTH = 24
"""Of the questions that sections are known to answer one in so many is looked up: all of them would take an hour."""
_EVERY_NTH_CONVERSATION, _EVERY_NTH_FOLLOWING = 3, 3
"""Of the training conversations, and of the questions without an answer that are put into one."""
_SEEN = 0.99
"""Share of the training questions within the range to which a sign is cut."""


@dataclass(frozen=True, slots=True)
class Example:
    """``signs`` (len(NAMES),) float64; ``found`` whether a target is among the evidence."""

    question: str
    split: str
    answerable: bool
    found: bool
    signs: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Learned:
    """``weights`` of signs and products in the order of ``terms()``."""

    bias: float
    weights: NDArray[np.float64]
    most: NDArray[np.float64]

    def chances(self, data: Sequence[Example]) -> NDArray[np.float64]:
        rows = _products(np.minimum(np.stack([example.signs for example in data]), self.most))
        return np.asarray(1 / (1 + np.exp(-(rows @ self.weights + self.bias))), dtype=np.float64)


def examples(assistant: Assistant, suites: Sequence[Suite], known: Known) -> list[Example]:
    search = assistant.searcher()
    vectors = UnitVectors(search)
    made: list[Example] = []
    for suite in suites:
        for case in suite.cases[:: _EVERY_NTH if suite.name == "training/corpus" else 1]:
            for turn in case.turns:
                text = turn.standalone or turn.question
                _hold_out(search, text)
                query = search.query(text)
                hits = search.hits(query, 10, known=known)
                evidence = gather(query, hits, search, vectors, known=known)
                made.append(_example(search, evidence, split_of(suite, case), turn, text))
    return made


def followups(
    assistant: Assistant, histories: Sequence[tuple[str, EvalCase, Sequence[Turn]]], known: Known
) -> list[Example]:
    """The later turns of conversations as they were asked, and questions without an answer put in between."""
    vectors = UnitVectors(assistant.searcher())
    made: list[Example] = []
    for split, case, turns in histories:
        for number, turn in enumerate(case.turns[1:], start=1):
            made += _followup(vectors, assistant, split, turn, turns[:number], known)
    unanswerable = [
        (split_of(suite, case), case.turns[0]) for suite in suites_named(UNANSWERABLE) for case in suite.cases
    ]
    for number, (split, turn) in enumerate(unanswerable[::_EVERY_NTH_FOLLOWING]):
        openings = [turns for half, _, turns in histories if half == split]
        if openings:
            turns = openings[(7 * number) % len(openings)]
            made += _followup(vectors, assistant, split, turn, turns[: 1 + number % len(turns)], known)
    return made


def _followup(
    vectors: UnitVectors, assistant: Assistant, split: str, turn: EvalTurn, turns: Sequence[Turn], known: Known
) -> Iterator[Example]:
    search = assistant.searcher()
    _hold_out(search, turn.question)
    meant = resolve(turn.question, turns, search, Scope(), known=known)
    if meant.text == turn.question:
        return
    query = search.query(meant.text)
    read = search.embed_turn(*as_read(turn.question, turns))
    hits = as_hits(meant.ranked, 10) or search.hits(query, 10, known=known)
    evidence = gather(query, hits, search, vectors, said=turn.question, read=read, known=known)
    yield _example(search, evidence, split, turn, meant.text)


def _hold_out(search: HybridSearch, question: str) -> None:
    if isinstance(search.index, HeldOut):
        search.index.question = question


def _example(search: HybridSearch, evidence: Evidence, split: str, turn: EvalTurn, text: str) -> Example:
    found = False
    for hit in evidence.hits[:_EVIDENCE]:
        words = search.index.document(hit.chunk.document_id, hit.chunk.collection).text
        found = found or target_of(hit.section, turn.targets, words) is not None
    signs = signs_of(evidence)
    row = np.array([getattr(signs, name) for name in NAMES], dtype=np.float64)
    return Example(text, split, turn.answerable, found, row)


def terms() -> list[str]:
    return [*NAMES, *(f"{a}*{b}" for a, b in combinations_with_replacement(NAMES, 2))]


def _products(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    pairs = combinations_with_replacement(range(rows.shape[1]), 2)
    return np.column_stack([rows, *(rows[:, a] * rows[:, b] for a, b in pairs)])


def train(data: Sequence[Example], steps: int = 3000, pull: float = 0.003) -> Learned:
    """Both classes weigh the same however many of each there are, among follow-ups and among other questions."""
    used = [example for example in data if example.found or not example.answerable]
    signs = np.stack([example.signs for example in used])
    most = np.quantile(signs, _SEEN, axis=0)
    rows = _products(np.minimum(signs, most))
    labels = np.array([float(example.answerable) for example in used])
    groups = 2 * signs[:, NAMES.index("follows")] + labels
    importance = np.array([1 / (groups == group).sum() for group in groups])
    importance /= importance.sum()
    centre, scale = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    scaled = (rows - centre) / scale
    weights, bias = np.zeros(rows.shape[1]), 0.0
    for _ in range(steps):
        error = importance * (1 / (1 + np.exp(-(scaled @ weights + bias))) - labels)
        weights -= 0.5 * (scaled.T @ error + pull * weights)
        bias -= 0.5 * float(error.sum())
    unscaled = weights / scale
    return Learned(bias - float(centre @ unscaled), unscaled, most)


def thresholds(dev: Sequence[Example], chances: NDArray[np.float64], lost: float) -> tuple[float, float]:
    """``(partial, answered)``, as the module's opening says."""
    answerable = np.array([example.answerable for example in dev])
    partial = float(np.quantile(chances[answerable], lost))
    return partial, max(partial, float(np.quantile(chances[~answerable], HELD_BACK)))


def report(data: Sequence[Example], chances: NDArray[np.float64], partial: float, answered: float) -> dict[str, float]:
    answerable = np.array([example.answerable for example in data])
    return {
        "answerable refused": round(float((chances < partial)[answerable].mean()), 3),
        "answerable answered": round(float((chances >= answered)[answerable].mean()), 3),
        "unanswerable refused": round(float((chances < partial)[~answerable].mean()), 3),
        "unanswerable not answered": round(float((chances < answered)[~answerable].mean()), 3),
        "answerable": int(answerable.sum()),
        "unanswerable": int((~answerable).sum()),
    }


def learn(data: Sequence[Example], label: str) -> Mapping[str, object]:
    """The model as it is written, with what it does to each split printed."""
    learned = train([example for example in data if example.split != "test"])
    dev = [example for example in data if example.split == "dev"]
    partial, answered = thresholds(dev, learned.chances(dev), LOST[label])
    for split in ("train", "dev", "test"):
        part = [example for example in data if example.split == split]
        if part:
            print(label, split, report(part, learned.chances(part), partial, answered))
            later = [example for example in part if example.signs[NAMES.index("follows")]]
            if later:
                print(label, split, "follow-ups", report(later, learned.chances(later), partial, answered))
    weights = zip(terms(), learned.weights, strict=True)
    return {
        "bias": round(learned.bias, 4),
        "answered": round(answered, 4),
        "partial": round(partial, 4),
        "most": {name: round(float(value), 4) for name, value in zip(NAMES, learned.most, strict=True)},
        "weights": {name: round(float(weight), 4) for name, weight in weights if abs(weight) >= 0.00005},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("suites", nargs="*", default=SUITES)
    parser.add_argument("--only", choices=("plain", "told"), help="learn one of the two and keep the other")
    parser.add_argument("--write", action="store_true", help="replace assistant/knowing.json")
    chosen = parser.parse_args()
    assistant, suites = assemble(Settings()), suites_named(chosen.suites)
    talks = conversations(assistant, ("dev",), _EVERY_NTH_CONVERSATION)
    model = json.loads(FILE.read_text("utf-8"))
    models: tuple[tuple[str, Known], ...] = (("plain", "none"), ("told", "all"))
    for name, known in models:
        if chosen.only in (None, name):
            if name == "told":
                hold_out(assistant.searcher(), Settings())
            found = [*examples(assistant, suites, known), *followups(assistant, talks, known)]
            model[name] = learn(found, name)
    if chosen.write:
        FILE.write_text(json.dumps(model, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
