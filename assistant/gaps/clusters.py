"""Groups questions that are about the same thing: alike in meaning, or sharing words that the documents hardly know.

Meaning alone puts "a Kubernetes operator for DynamoDB" next to everything about DynamoDB; what is missing is the other
word. So the rarer a shared word is in the documents, the more it counts.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from assistant.words import content_stems
from ingest.protocols import Vectors

MEANING = 0.55
"""Share of the cosine in how alike two questions are; the rest is the words they share, weighted by rarity."""
FARTHEST = 0.74
"""Mean distance up to which groups are merged; chosen on hand-written questions, see tests/assistant/test_gaps.py."""


def clusters(questions: Sequence[str], vectors: Vectors, rarity: Mapping[str, float]) -> list[list[int]]:
    """Indices of the questions of each group, each group and the groups in the order of their first question.

    ``vectors`` are unit vectors, shape (n, dimension); ``rarity`` gives the weight of a stem.
    """
    if len(questions) < 2:
        return [[at] for at in range(len(questions))]
    from sklearn.cluster import AgglomerativeClustering

    alike = MEANING * np.clip(vectors @ vectors.T, 0, 1) + (1 - MEANING) * _shared(questions, rarity)
    distance = np.clip(1 - alike, 0, 1)
    np.fill_diagonal(distance, 0)
    model = AgglomerativeClustering(
        n_clusters=None, distance_threshold=FARTHEST, metric="precomputed", linkage="average"
    )
    groups: dict[int, list[int]] = {}
    for at, label in enumerate(model.fit_predict(distance)):
        groups.setdefault(int(label), []).append(at)
    return list(groups.values())


def rarity_of(stems: Mapping[str, int], chunks: int) -> dict[str, float]:
    """Inverse document frequency, from 0 for a word of every chunk to 1 for a word of none.

    >>> rarity_of({"graph": 99, "kubernet": 0}, 99)
    {'graph': 0.0, 'kubernet': 1.0}
    """
    most = math.log(chunks + 1) or 1.0
    return {one: round(math.log((chunks + 1) / (count + 1)) / most, 4) for one, count in stems.items()}


def _shared(questions: Sequence[str], rarity: Mapping[str, float]) -> Vectors:
    """Weighted Jaccard similarity of the stems, shape (n, n)."""
    bags = [content_stems(question) for question in questions]
    columns = {stem: column for column, stem in enumerate(sorted({stem for bag in bags for stem in bag}))}
    weights = np.array([rarity.get(stem, 1.0) ** 2 for stem in columns], dtype=np.float32)
    present = np.zeros((len(bags), max(1, len(columns))), dtype=np.float32)
    for row, bag in enumerate(bags):
        present[row, [columns[stem] for stem in bag]] = 1
    if not columns:
        return np.zeros((len(bags), len(bags)), dtype=np.float32)
    both = (present * weights) @ present.T
    own = np.diag(both)
    either = own[:, None] + own[None, :] - both
    shared: Vectors = np.where(either > 0, both / np.maximum(either, 1e-9), 0)
    return shared
