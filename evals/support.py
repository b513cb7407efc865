"""``python -m evals.support``: how well the check of a chat model's sentences tells borne out from not.

Pairs of a quote and a sentence (``sets/pairs/support.jsonl``), each labelled by hand: supported, contradicted,
unsupported, number_changed, negated, entity_swapped. Thresholds and word lists were chosen on the dev pairs; the test
pairs share no evidence with them. ``--show`` prints the pairs that were judged wrongly, of dev only unless
``--split test``.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from assistant.names import Names, load_glossary
from assistant.support.verdict import Quote, Similarity, Verdict, check
from evals.metrics.statistics import Estimate, ratio

SET = Path(__file__).parent / "sets" / "pairs" / "support.jsonl"

Label = Literal["supported", "contradicted", "unsupported", "number_changed", "negated", "entity_swapped"]
LABELS: tuple[Label, ...] = get_args(Label)


@dataclass(frozen=True, slots=True)
class Pair:
    id: str
    split: str
    label: Label
    heading: str
    evidence: str
    claim: str


@dataclass(frozen=True, slots=True)
class Judged:
    pair: Pair
    verdict: Verdict

    @property
    def right(self) -> bool:
        return self.verdict.supported == (self.pair.label == "supported")


def load(path: Path = SET) -> list[Pair]:
    return [Pair(**json.loads(line)) for line in path.read_text("utf-8").splitlines() if line.strip()]


def judge(pairs: Sequence[Pair], similarity: Similarity | None) -> list[Judged]:
    names = Names(load_glossary(), (), ())
    return [Judged(pair, check(pair.claim, [Quote(pair.evidence, pair.heading)], names, similarity)) for pair in pairs]


def recall(judged: Sequence[Judged], label: Label) -> tuple[int, int]:
    """(judged rightly, all) of one label."""
    of_label = [one for one in judged if one.pair.label == label]
    return sum(one.right for one in of_label), len(of_label)


def report(judged: Sequence[Judged]) -> str:
    """Catching what is not borne out is the task: precision and recall are those of "not supported"."""
    lines = ["| label | pairs | judged rightly |", "| --- | --- | --- |"]
    for label in LABELS:
        right, every = recall(judged, label)
        lines.append(f"| {label.replace('_', ' ')} | {every} | {right} ({right / max(1, every):.2f}) |")
    flagged = [one for one in judged if not one.verdict.supported]
    wrong = [one for one in judged if one.pair.label != "supported"]
    caught = [one for one in flagged if one.pair.label != "supported"]
    # Pairs over one quote are not independent: whole quotes are drawn.
    precision = ratio([float(one in caught) for one in flagged], [1.0] * len(flagged), _quotes(flagged))
    found = ratio([float(one.right) for one in wrong], [1.0] * len(wrong), _quotes(wrong))
    lines += ["", f"Caught: precision {_shown(precision)}, recall {_shown(found)}; {len(judged)} pairs."]
    return "\n".join(lines)


def _quotes(judged: Sequence[Judged]) -> list[str]:
    return [one.pair.evidence for one in judged]


def _shown(estimate: Estimate | None) -> str:
    if estimate is None:
        return "none"
    return f"{estimate.value:.3f} (95% interval {estimate.low:.3f} to {estimate.high:.3f})"


def embedding_similarity() -> Similarity:
    """Cosines by the built-in embedder."""
    from assistant.settings import Settings
    from ingest.embedders import load_embedder

    data_dir = Settings().data_dir
    folder = data_dir if data_dir.is_dir() else Path(tempfile.mkdtemp())
    embedder = load_embedder("all-MiniLM-L6-v2", folder)

    def cosines(text: str, others: Sequence[str]) -> Sequence[float]:
        rows = embedder.embed([text, *others])
        return [float(cosine) for cosine in rows[1:] @ rows[0]]

    return cosines


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m evals.support", description="Judge the check of sentences.")
    parser.add_argument("--split", choices=["dev", "test"], default=None, help="only these pairs (default: both)")
    parser.add_argument("--show", action="store_true", help="print the pairs that were judged wrongly")
    wanted = parser.parse_args()
    similarity = embedding_similarity()
    for split in [wanted.split] if wanted.split else ["dev", "test"]:
        judged = judge([pair for pair in load() if pair.split == split], similarity)
        print(f"## {split}\n\n{report(judged)}\n")
        if wanted.show and (split == "dev" or wanted.split):
            for one in judged:
                if not one.right:
                    found = ", ".join(one.verdict.findings) or "nothing found"
                    print(
                        f"- {one.pair.id} {one.pair.label} ({found}; coverage {one.verdict.coverage}, cosine "
                        f"{one.verdict.cosine}, score {one.verdict.score})\n  {one.pair.evidence}\n  {one.pair.claim}"
                    )


if __name__ == "__main__":
    main()
