"""Learns when the evidence answers a question, from the dev questions: ``python -m evals.train_knowing``.

Logistic regression over ``assistant.knowing.Signs`` with an L2 pull. Answerable questions whose target is among
the evidence are the positives, unanswerable ones the negatives; an answerable question that retrieval missed is
neither. Below ``partial``, which ``REFUSED`` of dev's unanswerable questions fall short of, nothing is answered;
from there up to ``answered`` an answer says that it is not direct. Writes ``assistant/knowing.json``; test
questions are never trained on.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.assistant import Assistant
from assistant.compose.evidence import UnitVectors, gather
from assistant.knowing import Signs, signs_of
from assistant.settings import Settings
from assistant.wiring import assemble
from evals.cases import Suite, load_suites
from evals.matching import target_of

NAMES = tuple(field.name for field in fields(Signs) if field.name != "bare_missing")
"""The signs that are weighed; ``bare_missing`` is too rare to learn from and is a rule of its own."""
FILE = Path(__file__).parents[1] / "assistant" / "knowing.json"
REFUSED, REFUSED_OUTRIGHT = 0.88, 0.94
_EVIDENCE = 5


@dataclass(frozen=True, slots=True)
class Example:
    """``signs`` (len(NAMES),) float64; ``found`` whether a target is among the evidence."""

    question: str
    split: str
    answerable: bool
    found: bool
    signs: NDArray[np.float64]


def examples(assistant: Assistant, suites: Sequence[Suite]) -> list[Example]:
    search = assistant.searcher()
    vectors = UnitVectors(search)
    made: list[Example] = []
    for suite in suites:
        for case in suite.cases:
            for turn in case.turns:
                text = turn.standalone or turn.question
                query = search.query(text)
                hits = search.hits(query, 10)
                signs = signs_of(gather(query, hits, search, vectors))
                found = False
                for hit in hits[:_EVIDENCE]:
                    words = search.index.document(hit.chunk.document_id, hit.chunk.collection).text
                    found = found or target_of(hit.section, turn.targets, words) is not None
                row = np.array([getattr(signs, name) for name in NAMES], dtype=np.float64)
                made.append(Example(text, case.split, turn.answerable, found, row))
    return made


def train(data: Sequence[Example], steps: int = 4000, pull: float = 0.003) -> tuple[NDArray[np.float64], float]:
    """``(weights, bias)``; both classes weigh the same however many of each there are."""
    used = [example for example in data if example.found or not example.answerable]
    rows = np.stack([example.signs for example in used])
    labels = np.array([float(example.answerable) for example in used])
    share = labels.mean()
    importance = np.where(labels > 0, 0.5 / share, 0.5 / (1 - share)) / len(used)
    centre, scale = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    scaled = (rows - centre) / scale
    weights, bias = np.zeros(len(NAMES)), 0.0
    for _ in range(steps):
        error = importance * (1 / (1 + np.exp(-(scaled @ weights + bias))) - labels)
        weights -= 0.5 * (scaled.T @ error + pull * weights)
        bias -= 0.5 * float(error.sum())
    unscaled = weights / scale
    return unscaled, bias - float(centre @ unscaled)


def probabilities(data: Sequence[Example], weights: NDArray[np.float64], bias: float) -> NDArray[np.float64]:
    rows = np.stack([example.signs for example in data])
    return np.asarray(1 / (1 + np.exp(-(rows @ weights + bias))), dtype=np.float64)


def thresholds(data: Sequence[Example], chances: NDArray[np.float64]) -> tuple[float, float]:
    """``(partial, answered)``, as the module's opening says."""
    negative = chances[[not example.answerable for example in data]]
    return float(np.quantile(negative, REFUSED)), float(np.quantile(negative, REFUSED_OUTRIGHT))


def report(data: Sequence[Example], chances: NDArray[np.float64], threshold: float) -> dict[str, float]:
    answerable = np.array([example.answerable for example in data])
    found = np.array([example.found for example in data])
    refused = chances < threshold
    return {
        "false refusals": round(float(refused[answerable].mean()), 4),
        "false refusals where the evidence was there": round(float(refused[answerable & found].mean()), 4),
        "unanswerable refused": round(float(refused[~answerable].mean()), 4),
        "answerable": int(answerable.sum()),
        "unanswerable": int((~answerable).sum()),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("suites", nargs="*", default=["single", "conversations", "unanswerable"])
    parser.add_argument("--write", action="store_true", help="replace assistant/knowing.json")
    parser.add_argument("--show", action="store_true", help="print the test questions that are misjudged")
    chosen = parser.parse_args()
    data = examples(assemble(Settings()), load_suites(chosen.suites))
    dev = [example for example in data if example.split == "dev"]
    weights, bias = train(dev)
    partial, answered = thresholds(dev, probabilities(dev, weights, bias))
    for split in ("dev", "test"):
        part = [example for example in data if example.split == split]
        chances = probabilities(part, weights, bias)
        print(split, f"threshold {partial:.3f}", report(part, chances, partial))
        if chosen.show and split == "dev":
            for example, chance in zip(part, chances, strict=True):
                if (chance < partial) == example.answerable:
                    print(f"  {chance:.3f} answerable={example.answerable} found={example.found} {example.question}")
    learned = {name: round(float(weight), 4) for name, weight in zip(NAMES, weights, strict=True)}
    model = {
        "comment": "Logistic model of 'the evidence answers the question': python -m evals.train_knowing --write",
        "bias": round(bias, 4),
        "weights": learned,
        "answered": round(answered, 4),
        "partial": round(partial, 4),
    }
    print(json.dumps(model, indent=2))
    if chosen.write:
        FILE.write_text(json.dumps(model, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
