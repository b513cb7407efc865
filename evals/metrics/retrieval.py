"""Did the search find the sections: recall@k, MRR and nDCG by ranx, and hit@k over sections.

Sections are what is ranked, not chunks: two chunks of one section count once, so chunk size does not move the
numbers. Where several sections say the same, finding one is finding the target.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ingest.errors import AskwellError

HITS_AT = (1, 3, 5)
_RANX = {"recall@5": "recall@5", "recall@10": "recall@10", "mrr@10": "mrr@10", "ndcg@10": "ndcg@10"}
RETRIEVAL = (*(f"hit@{k}" for k in HITS_AT), *_RANX)


@dataclass(frozen=True, slots=True)
class RankedTurn:
    """The ranking of one question: for each section found, best first, the target it satisfies (None: none)."""

    id: str
    targets: int
    ranking: tuple[int | None, ...]


def target_ranks(turn: RankedTurn) -> tuple[int, ...]:
    """Rank of each target, from 1; 0 for one that was not found. Example: ranking (None, 0), 2 targets: (2, 0)."""
    return tuple(turn.ranking.index(target) + 1 if target in turn.ranking else 0 for target in range(turn.targets))


def hit_at(ranks: Sequence[int], k: int) -> float:
    """1.0 when a target is among the first ``k`` sections ("success@k" in the TREC literature)."""
    return float(any(0 < rank <= k for rank in ranks))


def retrieval_scores(turns: Sequence[RankedTurn]) -> Mapping[str, Mapping[str, float]]:
    """``{turn id: {"hit@1": 1.0, ..., "ndcg@10": 0.63}}``. Raises AskwellError when ranx is not installed.

    nDCG with binary gains (Järvelin & Kekäläinen 2002), the reciprocal of the first relevant rank, and recall as
    ranx computes them.
    """
    if not turns:
        return {}
    scores = {turn.id: {f"hit@{k}": hit_at(target_ranks(turn), k) for k in HITS_AT} for turn in turns}
    for ranx_name, values in _by_ranx(turns).items():
        for turn, value in zip(turns, values, strict=True):
            scores[turn.id][ranx_name] = value
    return scores


def _by_ranx(turns: Sequence[RankedTurn]) -> dict[str, list[float]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # numba warns of an integer cast inside ranx
        try:
            from ranx import Qrels, Run, evaluate
        except ImportError as error:
            raise AskwellError("Evals need the package ranx. Run: pip install 'askwell[evals]'") from error
        # ranx orders queries by name: numbers of equal length keep ours
        names = [f"{index:08d}" for index in range(len(turns))]
        qrels = {name: {f"t{t}": 1 for t in range(turn.targets)} for name, turn in zip(names, turns, strict=True)}
        run = {name: _run(turn) for name, turn in zip(names, turns, strict=True)}
        found = evaluate(Qrels(qrels), Run(run), list(_RANX.values()), return_mean=False)
    return {metric: [float(value) for value in values] for metric, values in found.items()}


def _run(turn: RankedTurn) -> dict[str, float]:
    """A second section for a target already found keeps its place as an irrelevant one, so ranks do not shift."""
    ranked: dict[str, float] = {}
    for position, target in enumerate(turn.ranking):
        name = f"t{target}"
        ranked[f"x{position}" if target is None or name in ranked else name] = 1.0 / (1 + position)
    return ranked or {"nothing": 1.0}  # ranx wants at least one document a query
