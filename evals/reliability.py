"""``python -m evals.reliability RESULTS [--write]``: what a confidence is worth, for the cue under an answer.

Reads the results of ``askwell eval --out`` and counts, of the answers with a confidence in each band, how many were
right in every point (facts, polarity, citations). Only the test half counts: the judge was tuned on the other.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from evals.outcomes import Outcome
from evals.results import load

EDGES = (0.0, 0.5, 0.7, 0.9)
TABLE = Path(__file__).parent.parent / "assistant" / "reliability.json"


def bands(outcomes: Sequence[Outcome]) -> list[dict[str, float]]:
    """For each band that holds answers: where it begins, the share that was right, and of how many.

    A band never claims less than the one below it: with few answers in a band, a dip is chance.
    """
    found: list[dict[str, float]] = []
    for floor, ceiling in zip(EDGES, (*EDGES[1:], 1.01), strict=True):
        inside = [one.correct for one in outcomes if floor <= one.confidence < ceiling]
        if inside:
            least = found[-1]["right"] if found else 0.0
            found.append({"from": floor, "right": max(least, round(sum(inside) / len(inside), 3)), "of": len(inside)})
    return found


def answers(outcomes: Sequence[Outcome]) -> list[Outcome]:
    return [one for one in outcomes if one.split == "test" and one.status in ("answered", "partial")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=Path, help="results.json, or the folder that holds it")
    parser.add_argument("--write", action="store_true", help=f"replace {TABLE.name}")
    given = parser.parse_args()
    table = bands(answers(load(given.results).outcomes))
    for band in table:
        print(f"from {band['from']:.1f}: {band['right']:.1%} of {band['of']:.0f} right")
    if given.write:
        comment = "Share of right answers by confidence, test half: python -m evals.reliability RESULTS --write"
        TABLE.write_text(json.dumps({"comment": comment, "bands": table}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
