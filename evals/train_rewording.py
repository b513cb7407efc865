"""Learns which known question a follow-up asks again: ``python -m evals.train_rewording --write``.

Each follow-up of the training conversations, after the turns before it as they were answered, is held against the
questions known of the sections that rank first. The softmax over these should fall on those that the sentence answers
which answers the follow-up (ListNet, as in train_ranking). Where no question of the sections does, there is nothing to
learn. Writes ``assistant/rewording.json`` (three minutes); prints, in cross-validation by conversation, for how many
follow-ups the question taken is one that their sentence answers, beside the nearest by the turn as it is read.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.assistant import Assistant
from assistant.compose.units import section_units
from assistant.readings import readings
from assistant.resolving import default_followups, leans, look, ranked_by
from assistant.rewording import LIKENESS, PLAIN, SECTION, SECTIONS, default_rewording, wordings_of
from assistant.search import Candidate
from assistant.settings import Settings
from assistant.types import Turn
from assistant.wiring import assemble
from evals.train_followups import played
from evals.training.questions import Section, load, load_conversations, training_conversations
from ingest.types import Scope

FILE = Path(__file__).parents[1] / "assistant" / "rewording.json"
EVERY_NTH_CONVERSATION = 2
LEARNED = (*LIKENESS, SECTION)
_FOLDS = 3

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Example:
    """``features`` (wordings, len(LEARNED)); ``right`` (wordings,): answered by the sentence that answers the turn."""

    conversation: int
    features: Floats
    right: NDArray[np.bool_]


def examples(assistant: Assistant, every: int = EVERY_NTH_CONVERSATION) -> list[Example]:
    quotes: dict[str, tuple[Section, ...]] = {}
    for question in load("corpus"):
        quotes[question.question] = quotes.get(question.question, ()) + question.targets
    made: list[Example] = []
    talks = list(zip(training_conversations().cases, load_conversations(), strict=True))[::every]
    for number, (case, talk) in enumerate(talks):
        turns = played(assistant, case)
        for place, turn in enumerate(talk.turns[1:], start=1):
            made += _example(assistant, number, turn.question, turns[:place], turn.targets, quotes)
    return made


def _example(
    assistant: Assistant,
    conversation: int,
    question: str,
    turns: Sequence[Turn],
    targets: Sequence[Section],
    quotes: dict[str, tuple[Section, ...]],
) -> Iterator[Example]:
    search, model = assistant.searcher(), default_followups()
    made = readings(question, turns, search.names)
    looked = look(question, made, turns, search, Scope()) if len(made) > 1 else None
    if looked is None or looked.read is None:
        return
    rows: list[list[float]] = []
    right: list[bool] = []
    for candidate in ranked_by(model, looked, leans(looked, model))[:SECTIONS]:
        begins = _sentences(assistant, candidate)
        wanted = begins(targets)
        for wording in wordings_of(candidate, made[0].text, looked.read, search):
            rows.append([*(getattr(wording, name) for name in LIKENESS), candidate.score])
            right.append(bool(wanted & begins(quotes.get(wording.question, ()))))
    if rows:
        yield Example(conversation, np.array(rows), np.array(right))


def _sentences(assistant: Assistant, candidate: Candidate) -> Callable[[Sequence[Section]], set[int]]:
    """Tells where those sentences of the candidate's section begin that have a quote of what is named."""
    section = candidate.section
    text = assistant.searcher().index.document(section.document_id, section.collection).text
    units = section_units(text, section).units

    def begins(named: Sequence[Section]) -> set[int]:
        here = [one.quote for one in named if (one.document, one.section) == (section.document_id, section.heading)]
        at = [text.find(quote, section.body_start, section.end) for quote in here if quote]
        return {unit.start for unit in units for place in at if unit.start <= place < unit.end}

    return begins


def train(data: Sequence[Example], pull: float = 0.001) -> Floats:
    """Weights, none below zero: each of them speaks for a question."""
    from scipy.optimize import minimize  # the extra "evals"

    usable = [one for one in data if one.right.any()]

    def loss(weights: Floats) -> tuple[float, Floats]:
        total, gradient = pull * float(weights @ weights) * len(usable), 2 * pull * weights * len(usable)
        for one in usable:
            scores = one.features @ weights
            share = np.exp(scores - scores.max())
            share /= share.sum()
            right = float(share[one.right].sum())
            total -= np.log(max(right, 1e-12))
            gradient += (share - share * one.right / max(right, 1e-12)) @ one.features
        return total / len(usable), gradient / len(usable)

    bounds = [(0.0, None)] * len(LEARNED)
    return np.asarray(minimize(loss, np.ones(len(LEARNED)), jac=True, bounds=bounds, method="L-BFGS-B").x)


def found(data: Sequence[Example], weights: Floats) -> float:
    """The share of the follow-ups whose sentence answers the question taken."""
    return float(np.mean([bool(one.right[int(np.argmax(one.features @ weights))]) for one in data]))


def cross_validated(data: Sequence[Example]) -> float:
    shares = []
    for fold in range(_FOLDS):
        learned = train([one for one in data if one.conversation % _FOLDS != fold])
        left_out = [one for one in data if one.conversation % _FOLDS == fold]
        shares.append(found(left_out, learned) * len(left_out))
    return sum(shares) / len(data)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"replace {FILE.name}")
    chosen = parser.parse_args()
    data = examples(assemble(Settings()))
    by_read = np.array([float(name == "read") for name in LEARNED])
    print(f"{len(data)} follow-ups, of {sum(one.right.any() for one in data)} a question of their sections says it")
    print(f"nearest {found(data, by_read):.3f}, learned, in cross-validation {cross_validated(data):.3f}")
    learned = {name: round(float(weight), 2) for name, weight in zip(LEARNED, train(data), strict=True)}
    written = {
        "comment": "Which known question a follow-up asks again, learned by: python -m evals.train_rewording --write",
        "weights": {**learned, PLAIN: default_rewording().weights[PLAIN]},
    }
    print(json.dumps(written, indent=2))
    if chosen.write:
        FILE.write_text(json.dumps(written, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
