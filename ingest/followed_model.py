"""Which section a turn asks for that says little by itself, learned from known questions that follow others.

Softmax regression over the vector and the words of the turn and of the question before: "how long are they kept?"
speaks for the sections on keeping something, "how do I back up a table" for those around that subject, and what both
speak for is meant. Pairs of known questions that stand by themselves, of one section or one document, are lessons
too: they say what is near to what. Learned while ingesting, beside ``asked_model``, with whose words it goes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ingest.asked_lessons import Asked, digest, label_of
from ingest.asked_model import AskedModel, Words
from ingest.packed import as_bytes, as_strings
from ingest.protocols import Vectors
from ingest.softmax import Floats, Softmax, learn_softmax

NAME, ROWS = "followed.npz", "followed_rows.npy"
_BEFORE_WEIGHS = 0.6
"""What the question before says counts less than what the turn says."""
_ENOUGH = 200
"""Follow-ups from which more can be learned."""
_PAIRS = 0.9
"""Pairs of questions that stand by themselves, for each follow-up."""

Texts = tuple[Sequence[str], Vectors]
"""Texts with their unit vectors, (len, dimension) float32."""


@dataclass(frozen=True, slots=True)
class FollowedLessons:
    """``turns`` that were asked after ``befores``, and the classes of the turns."""

    turns: Texts
    befores: Texts
    labels: Sequence[str]
    digest: str


@dataclass(frozen=True, slots=True)
class FollowedModel:
    softmax: Softmax
    words: Words
    digest: str = ""

    def likely(self, turn: tuple[Vectors, str], before: tuple[Vectors, str]) -> dict[str, float]:
        """Label to probability of the likeliest classes, likeliest first, for a turn and the question before it, each
        with its unit vector."""
        blocks = [
            turn[0],
            self.words.row(turn[1]),
            _BEFORE_WEIGHS * before[0],
            _BEFORE_WEIGHS * self.words.row(before[1]),
        ]
        return self.softmax.likely(np.concatenate(blocks))

    def save(self, folder: Path) -> None:
        np.save(folder / ROWS, self.softmax.rows)
        np.savez(
            folder / NAME,
            labels=as_bytes(self.softmax.labels),
            digest=as_bytes([self.digest]),
            scale=self.softmax.scale,
        )


def load_followed(folder: Path, words: Words) -> FollowedModel | None:
    """``words`` of the model that was learned beside it. The rows are mapped: they are read when a turn follows."""
    if not (folder / NAME).is_file():
        return None
    rows = np.load(folder / ROWS, mmap_mode="r", allow_pickle=False)
    with np.load(folder / NAME, allow_pickle=False) as stored:
        (digest,) = as_strings(stored["digest"]) or [""]
        return FollowedModel(Softmax(tuple(as_strings(stored["labels"])), rows, stored["scale"]), words, digest)


def followed_lessons(
    follow_ups: Sequence[Asked],
    standing: Sequence[Asked],
    vectors: Vectors,
    model: AskedModel,
    embed: Callable[[Sequence[str]], Vectors],
) -> FollowedLessons | None:
    """``standing``: the questions that stand by themselves, with their ``vectors``; ``model``: what was learned of
    them. None for a few follow-ups, or where they lead to no section that the model knows."""
    known = set(model.softmax.labels)
    follow_ups = [entry for entry in follow_ups if label_of(entry) in known]
    if len(follow_ups) < _ENOUGH:
        return None
    pairs = list(_pairs(standing, known, round(_PAIRS * len(follow_ups))))
    turns, befores = [first for first, _ in pairs], [second for _, second in pairs]
    return FollowedLessons(
        (
            [*(entry.question for entry in follow_ups), *(standing[number].question for number in turns)],
            np.concatenate([embed([entry.question for entry in follow_ups]), vectors[turns]]),
        ),
        (
            [*(entry.after for entry in follow_ups), *(standing[number].question for number in befores)],
            np.concatenate([embed([entry.after for entry in follow_ups]), vectors[befores]]),
        ),
        [*map(label_of, follow_ups), *(label_of(standing[number]) for number in turns)],
        f"{digest(follow_ups)}+{model.digest}",
    )


def _pairs(standing: Sequence[Asked], known: Set[str], count: int) -> Iterator[tuple[int, int]]:
    """Numbers of a question and of one that may have come before it: by turns of its section and of its document."""
    answered = [number for number, entry in enumerate(standing) if entry.document and label_of(entry) in known]
    near: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for number in answered:
        near[_section(standing[number])].append(number)
        near[_document(standing[number])].append(number)
    chance = np.random.default_rng(0)
    for step, number in enumerate(chance.choice(answered, count)):
        around = (_document if step % 2 else _section)(standing[number])
        yield int(number), int(chance.choice(near[around]))


def _section(entry: Asked) -> tuple[str, ...]:
    return entry.collection, entry.document, entry.section


def _document(entry: Asked) -> tuple[str, ...]:
    return entry.collection, entry.document


def learn_followed(
    lessons: FollowedLessons, words: Words, told: Callable[[int, int], None] = lambda _done, _of: None
) -> FollowedModel:
    """``told`` hears how many rounds of how many are done."""
    (turns, turn_vectors), (befores, before_vectors) = lessons.turns, lessons.befores
    blocks: list[Floats] = [
        turn_vectors,
        words.rows(turns),
        _BEFORE_WEIGHS * before_vectors,
        _BEFORE_WEIGHS * words.rows(befores),
    ]
    return FollowedModel(learn_softmax(blocks, lessons.labels, told), words, lessons.digest)
