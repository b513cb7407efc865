"""Learns when a turn leans on the conversation and how its readings are weighed: ``python -m evals.train_followups``.

Every follow-up of the dev and the training conversations is looked up after the turns before it as they were answered,
mistakes included. Dev's single questions and those without an answer, and some of the training questions of both kinds,
each after the opening of some conversation, are the changes of subject. A logistic regression tells the two apart; then
the softmax over what the readings found should fall on the target sections (ListNet, as in train_ranking). Writes
``assistant/followups.json``; prints hit@1 and hit@5 before and after, with ``--test`` on the test questions too, which
are never trained on.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.assistant import Assistant
from assistant.readings import readings
from assistant.resolving import LEANS, Context, Followups, Leaning, Looked, Weights, default_followups, look
from assistant.settings import Settings
from assistant.types import Question, Turn
from assistant.wiring import assemble
from evals.cases import EvalCase, EvalTurn, Place, Target, load_suites
from evals.matching import target_of
from evals.training.questions import load as load_training
from evals.training.questions import training_conversations
from ingest.types import Scope

FILE = Path(__file__).parents[1] / "assistant" / "followups.json"
SIGNS = tuple(field.name for field in fields(Leaning))
READINGS = ("alone", "filled", "carried")
CONTEXT = tuple(field.name for field in fields(Context))
ONLY_FOLLOWED, ONLY_READ = "told_after", ("contextual", "told_contextual")
"""What an index without known follow-ups cannot say, and an encoder that cannot read turns."""
CONVERSATIONS, SINGLE = ("conversations", "conversations-more"), ("single", "unanswerable")
EVERY_NTH_TRAINING_QUESTION, EVERY_NTH_UNANSWERABLE, EVERY_NTH_SWITCH = 100, 10, 2
EVERY_NTH_CONVERSATION = 2
MAY_SPEAK_AGAINST = ("repeated", "strange", "told_alone")
"""A section that was just cited may well be the wrong one; one that does not speak of what is named is; and what the
turn says alone is part of what it says after the question before."""
START = {"first": 0.1, "other": 0.05, "older": 0.05, "told_after": 0.4, "contextual": 1.0, "told_contextual": 0.4}
_SCALE = 8.0
"""Ranking scores differ by tenths; the softmax sees them enlarged."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Example:
    """``scores`` (proposals, readings), ``context`` (proposals, len(CONTEXT)), ``wanted`` (proposals,) bool."""

    split: str
    follows: bool
    signs: Floats
    scores: Floats
    context: Floats
    wanted: NDArray[np.bool_]


def played(assistant: Assistant, case: EvalCase) -> list[Turn]:
    """The turns of a conversation as they are recorded."""
    turns: list[Turn] = []
    conversation: str | None = None
    for turn in case.turns:
        answer = assistant.ask(Question(turn.question, conversation))
        conversation = answer.conversation_id
        cited = tuple((citation.document, citation.heading_path) for citation in answer.citations)
        turns.append(Turn(turn.question, answer.standalone_question, answer.text, answer.status, cited))
    return turns


def conversations(
    assistant: Assistant, splits: Sequence[str], every: int = 1
) -> list[tuple[str, EvalCase, Sequence[Turn]]]:
    """``(split, case, turns as they were answered)`` of the conversations of ``splits`` and those for training, of
    these only each ``every``-th: to play one takes a second."""
    cases = [case for suite in load_suites(CONVERSATIONS) for case in suite.cases if case.split in splits]
    placed: list[tuple[str, EvalCase]] = [(case.split, case) for case in cases]
    placed += [("train", case) for case in training_conversations().cases[::every]]
    return [(split, case, played(assistant, case)) for split, case in placed]


def examples(assistant: Assistant, splits: Sequence[str]) -> list[Example]:
    talks = conversations(assistant, splits, EVERY_NTH_CONVERSATION)
    made: list[Example] = []
    for split, case, turns in talks:
        for number, turn in enumerate(case.turns[1:], start=1):
            if turn.answerable:
                made += example(assistant, split, True, turn, turns[:number])
    switches = [switch for switch in _switches() if switch[0] in splits][::EVERY_NTH_SWITCH]
    for number, (half, turn) in enumerate(switches):
        openings = [turns for split, _, turns in talks if split == half]
        opening = openings[(7 * number) % len(openings)]
        length = 1 + number % (len(opening) - 1)
        made += example(assistant, half, False, turn, opening[:length])
    return made


def _switches() -> Iterator[tuple[str, EvalTurn]]:
    for suite in load_suites(SINGLE):
        for case in suite.cases:
            yield case.split, case.turns[0]
    for question in load_training("unanswerable")[::EVERY_NTH_UNANSWERABLE]:
        yield "dev", EvalTurn(question.question, answerable=False)
    for question in load_training("corpus")[::EVERY_NTH_TRAINING_QUESTION]:
        places = tuple(Place(target.document, (target.section,)) for target in question.targets)
        yield "dev", EvalTurn(question.question, targets=(Target(places),))


def example(assistant: Assistant, split: str, follows: bool, turn: EvalTurn, turns: Sequence[Turn]) -> list[Example]:
    """One, or none for a change of subject in so many words."""
    search = assistant.searcher()
    made = readings(turn.question, turns, search.names)
    if len(made) == 1:
        return []
    looked = look(turn.question, made, turns, search, Scope())
    signs = np.array([getattr(looked.signs, name) for name in SIGNS])
    scores = np.array([proposal.scores for proposal in looked.proposals])
    context = np.array([[getattr(proposal.context, name) for name in CONTEXT] for proposal in looked.proposals])
    return [Example(split, follows, signs, scores, context, _wanted(assistant, turn, looked))]


def _wanted(assistant: Assistant, turn: EvalTurn, looked: Looked) -> NDArray[np.bool_]:
    index = assistant.searcher().index
    sections = [proposal.candidate.section for proposal in looked.proposals]
    texts = {section.document_id: index.document(section.document_id).text for section in sections}
    return np.array([target_of(section, turn.targets, texts[section.document_id]) is not None for section in sections])


def train_leaning(data: Sequence[Example], steps: int = 3000, pull: float = 0.003) -> tuple[Floats, float]:
    """``(weights, bias)``. A follow-up that is found as it stands is neither one nor the other."""
    used = [one for one in data if not (one.follows and _alone_finds(one))]
    rows = np.stack([one.signs for one in used])
    labels = np.array([float(one.follows) for one in used])
    importance = np.where(labels > 0, 0.5 / labels.mean(), 0.5 / (1 - labels.mean())) / len(used)
    centre, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    scaled = (rows - centre) / spread
    weights, bias = np.zeros(len(SIGNS)), 0.0
    for _ in range(steps):
        error = importance * (1 / (1 + np.exp(-(scaled @ weights + bias))) - labels)
        weights -= 0.5 * (scaled.T @ error + pull * weights)
        bias -= 0.5 * float(error.sum())
    return weights / spread, bias - float(centre @ (weights / spread))


def _alone_finds(one: Example) -> bool:
    return bool(one.wanted[int(np.argmax(one.scores[:, 0]))])


def train_weights(
    data: Sequence[Example], weights: Floats, bias: float, steps: int = 600, pull: float = 0.003
) -> tuple[Floats, Floats, float]:
    """Weights of the readings, of the context, and of the question alone when it does not lean; none below zero."""
    rows = [(_row(one, _leans(one, weights, bias)), one.wanted) for one in data if one.wanted.any()]
    start = np.array([*(0.3 for _ in READINGS), *(START.get(name, 0.0) for name in CONTEXT), 1.0])
    learned = start.copy()
    least = np.zeros_like(start)
    for name in MAY_SPEAK_AGAINST:
        least[len(READINGS) + CONTEXT.index(name)] = -np.inf
    first, second = np.zeros_like(start), np.zeros_like(start)
    for step in range(1, steps + 1):
        gradient = pull * (learned - start) * len(rows)
        for features, wanted in rows:
            scores = _SCALE * (features @ learned)
            share = np.exp(scores - scores.max())
            share /= share.sum()
            right = share * wanted
            right /= max(float(right.sum()), 1e-12)
            gradient += _SCALE * ((share - right) @ features)
        gradient /= len(rows)
        first = 0.9 * first + 0.1 * gradient
        second = 0.999 * second + 0.001 * gradient**2
        learned -= 0.01 * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
        learned = np.maximum(learned, least)
    split = len(READINGS)
    return learned[:split], learned[split:-1], float(learned[-1])


def _leans(one: Example, weights: Floats, bias: float) -> float:
    return float(1 / (1 + np.exp(-(one.signs @ weights + bias))))


def _row(one: Example, leaning: float) -> Floats:
    alone = one.scores[:, :1]
    return np.concatenate([one.scores * leaning, one.context * leaning, alone * (1 - leaning)], axis=1)


def ranks(one: Example, model: Followups) -> int:
    """The rank of the first target, 0 when it was not found."""
    leaning = model.leans(Leaning(*one.signs))
    learned = model.followed
    weights = np.array(
        [
            *(learned.readings[name] for name in READINGS),
            *(learned.context.get(name, 0.0) for name in CONTEXT),
            learned.alone,
        ]
    )
    scores = _row(one, leaning) @ weights if leaning >= LEANS else one.scores[:, 0]
    places = np.flatnonzero(one.wanted[np.argsort(-scores, kind="stable")])
    return int(places[0]) + 1 if len(places) else 0


def report(data: Sequence[Example], model: Followups) -> dict[str, float]:
    found = [ranks(one, model) for one in data]
    leaning = [model.leans(Leaning(*one.signs)) >= LEANS for one in data]
    return {
        "questions": len(data),
        "leaning": round(float(np.mean(leaning)), 3),
        "hit@1": round(float(np.mean([rank == 1 for rank in found])), 3),
        "hit@5": round(float(np.mean([0 < rank <= 5 for rank in found])), 3),
    }


def learn(data: Sequence[Example], kept: Followups | None = None) -> Followups:
    """``kept``: whose leaning stays."""
    weights, bias = train_leaning(data)
    if kept is not None:
        weights, bias = np.array([kept.leaning[name] for name in SIGNS]), kept.bias
    return Followups(
        bias=round(bias, 4),
        leaning=_named(SIGNS, weights),
        unread=_weights(data, weights, bias, (ONLY_FOLLOWED, *ONLY_READ)),
        plain=_weights(data, weights, bias, (ONLY_FOLLOWED,)),
        followed=_weights(data, weights, bias),
    )


def _weights(data: Sequence[Example], leaning: Floats, bias: float, unknown: Sequence[str] = ()) -> Weights:
    """``unknown``: what of the context is not told."""
    by_reading, by_context, alone = train_weights([_without(unknown, one) for one in data], leaning, bias)
    learned = Weights(round(alone, 4), _named(READINGS, by_reading), _named(CONTEXT, by_context))
    told = {name: weight for name, weight in learned.context.items() if name not in unknown}
    return replace(learned, context=told)


def _without(names: Sequence[str], one: Example) -> Example:
    context = one.context.copy()
    context[:, [CONTEXT.index(name) for name in names]] = 0.0
    return replace(one, context=context)


def _named(names: Sequence[str], values: Floats) -> dict[str, float]:
    return {name: round(float(value), 4) for name, value in zip(names, values, strict=True)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="replace assistant/followups.json")
    parser.add_argument("--only", choices=("ranking",), help="keep what tells that a turn leans on the conversation")
    parser.add_argument("--test", action="store_true", help="measure on the test questions too")
    chosen = parser.parse_args()
    splits = ("dev", "test") if chosen.test else ("dev",)
    data = examples(assemble(Settings()), splits)
    kept = default_followups() if chosen.only else None
    model = learn([one for one in data if one.split != "test"], kept)
    for name, one in (("before", default_followups()), ("after", model)):
        for split in ("train", *splits):
            for follows in (True, False):
                part = [example for example in data if example.split == split and example.follows == follows]
                if part:
                    print(name, split, "follow-ups" if follows else "changes of subject", report(part, one))
    written = {
        "comment": "Follow-ups, learned by: python -m evals.train_followups --write",
        "bias": model.bias,
        "leaning": dict(model.leaning),
        "unread": asdict(model.unread),
        "plain": asdict(model.plain),
        "followed": asdict(model.followed),
    }
    print(json.dumps(written, indent=2))
    if chosen.write:
        FILE.write_text(json.dumps(written, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
