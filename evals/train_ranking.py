"""Learns the weights of the ranking model from the dev questions: ``python -m evals.train_ranking``.

Listwise: the softmax over a question's candidates should fall on those in a target section (ListNet, Cao et al.
2007, top-one probability), with a pull towards zero. Writes ``assistant/ranking.json``: the weights for where little is
known, or with ``--told`` those for where so many questions are known that a model tells sections by them. Prints hit@1
and the mean reciprocal rank before and after, on dev and on test. Test questions are never trained on.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.assistant import Assistant
from assistant.ranking import Features, default_ranking
from assistant.search import best_per_section
from assistant.settings import Settings
from assistant.wiring import assemble
from evals.cases import EvalCase, EvalTurn, Suite, load_suites
from evals.matching import target_of
from evals.training.questions import training_suite
from ingest.types import Scope

NAMES = tuple(field.name for field in fields(Features))
FILE = Path(__file__).parents[1] / "assistant" / "ranking.json"
AGAINST = frozenset({"name_missing", "link_density", "outline", "opening"})
START = {
    "cosine": 1.0,
    "coverage": 0.35,
    "heading_coverage": 0.25,
    "leaf_match": 0.1,
    "bm25": 0.15,
    "stance": 0.2,
    "name_missing": -0.3,
    "outline": -0.2,
}
"""Where training starts, by hand, so that the result does not depend on the file it replaces."""

UNUSED = ("asked", "asked_rank")
"""Only what is made of these is weighed: as they stand they would drown questions that say their words."""
LEARNED = ("told", "told_gap", "told_likely", "told_likely_gap")
"""What is weighed only where a model of known questions tells something."""

_SCALE = 8.0
"""Ranking scores differ by tenths; the softmax sees them enlarged."""


@dataclass(frozen=True, slots=True)
class Example:
    """One question: ``features`` (candidates, len(NAMES)) float64 and ``wanted`` (candidates,) bool."""

    split: str
    features: NDArray[np.float64]
    wanted: NDArray[np.bool_]


def questions(suites: Sequence[Suite]) -> Iterator[tuple[str, EvalTurn, str]]:
    """``(split, turn, question to search)`` of every answerable turn with targets; training questions are "train"."""
    for suite in suites:
        for case in suite.cases:
            for turn in case.turns:
                if turn.answerable and turn.targets:
                    yield split_of(suite, case), turn, turn.standalone or turn.question


def suites_named(names: Sequence[str]) -> list[Suite]:
    """Question sets, and training sets as "training/corpus"."""
    training = [name for name in names if name.startswith("training/")]
    measured = [name for name in names if name not in training]
    return [
        *(training_suite(name.removeprefix("training/")) for name in training),
        *(load_suites(measured) if measured else ()),
    ]


def split_of(suite: Suite, case: EvalCase) -> str:
    return "train" if suite.name.startswith("training/") else case.split


def examples(assistant: Assistant, suites: Sequence[Suite]) -> list[Example]:
    search = assistant.searcher()
    found: list[Example] = []
    for split, turn, text in questions(suites):
        candidates = best_per_section(search.candidates(search.query(text), Scope()))
        documents = {c.chunk.document_id: search.index.document(c.chunk.document_id).text for c in candidates}
        rows = [[getattr(candidate.features, name) for name in NAMES] for candidate in candidates]
        wanted = [target_of(c.section, turn.targets, documents[c.chunk.document_id]) is not None for c in candidates]
        if candidates:
            found.append(Example(split, np.array(rows), np.array(wanted)))
    return found


def train(
    data: Sequence[Example],
    start: NDArray[np.float64],
    steps: int = 500,
    pull: float = 0.005,
    unused: Sequence[str] = UNUSED,
) -> NDArray[np.float64]:
    """Weights after gradient descent with Adam (Kingma and Ba 2015) from ``start``.

    What speaks for a section may not come out speaking against it, nor the other way round: with few questions
    the sign of a small weight is chance.
    """
    left_out = np.array([name in unused for name in NAMES])
    against = np.array([name in AGAINST for name in NAMES])
    weights = start.copy()
    usable = [example for example in data if example.wanted.any()]
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, steps + 1):
        gradient = pull * (weights - start) * len(usable)
        for example in usable:
            scores = _SCALE * (example.features @ weights)
            share = np.exp(scores - scores.max())
            share /= share.sum()
            wanted = share * example.wanted
            wanted /= max(float(wanted.sum()), 1e-12)
            gradient += _SCALE * ((share - wanted) @ example.features)
        gradient /= len(usable)
        first = 0.9 * first + 0.1 * gradient
        second = 0.999 * second + 0.001 * gradient**2
        weights -= 0.01 * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
        weights = np.where(against, np.minimum(weights, 0.0), np.maximum(weights, 0.0))
        weights[left_out] = 0.0
    return weights


def report(data: Sequence[Example], weights: NDArray[np.float64]) -> dict[str, float]:
    """hit@1, hit@5 and MRR; a question whose target is no candidate counts as missed."""
    ranks = []
    for example in data:
        order = np.argsort(-(example.features @ weights), kind="stable")
        places = np.flatnonzero(example.wanted[order])
        ranks.append(int(places[0]) + 1 if len(places) else 0)
    total = max(len(ranks), 1)
    return {
        "questions": total,
        "hit@1": round(sum(rank == 1 for rank in ranks) / total, 4),
        "hit@5": round(sum(0 < rank <= 5 for rank in ranks) / total, 4),
        "hit@10": round(sum(0 < rank <= 10 for rank in ranks) / total, 4),
        "mrr": round(sum(1 / rank for rank in ranks if rank) / total, 4),
    }


def _balanced(data: Mapping[str, Sequence[Example]]) -> list[Example]:
    """The questions that are not for testing, each index weighing about the same however many it has."""
    dev = [[example for example in found if example.split != "test"] for found in data.values()]
    largest = max(len(found) for found in dev)
    return [example for found in dev if found for example in found * round(largest / len(found))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--index",
        action="append",
        metavar="DATA_DIR:SUITE,SUITE",
        help="an index and the question sets over it; may be given several times (default: the usual data directory)",
    )
    parser.add_argument(
        "--told", action="store_true", help="learn the weights for where a model of known questions tells something"
    )
    parser.add_argument("--write", action="store_true", help="replace these weights in assistant/ranking.json")
    chosen = parser.parse_args()
    data: dict[str, list[Example]] = {}
    for index in chosen.index or [f"{Settings().data_dir}:single,conversations"]:
        folder, _, suites = index.rpartition(":")
        assistant = assemble(Settings(data_dir=Path(folder)))
        data[suites] = examples(assistant, suites_named(suites.split(",")))
        assistant.close()
    shipped = default_ranking().where(chosen.told).weights
    before = np.array([shipped.get(name, 0.0) for name in NAMES])
    start = np.array([START.get(name, 0.0) for name in NAMES])
    weights = train(_balanced(data), start, unused=UNUSED if chosen.told else (*UNUSED, *LEARNED))
    for suites, found in data.items():
        for split in ("train", "dev", "test"):
            part = [example for example in found if example.split == split]
            if part:
                print(suites, split, "before", report(part, before), "after", report(part, weights))
    learned = {name: round(float(weight), 4) for name, weight in zip(NAMES, weights, strict=True)}
    print(json.dumps(learned, indent=2))
    if chosen.write:
        kept = json.loads(FILE.read_text("utf-8"))
        FILE.write_text(json.dumps(kept | {"told" if chosen.told else "weights": learned}, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
