"""``askwell eval``: the only place where ``ui`` knows ``evals``. Parses options, nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from ui.commands.terminal import JsonOption, settings


def evaluate(
    suites: Annotated[
        list[str] | None, typer.Argument(metavar="SUITE", help="Question sets or .jsonl files; default: all.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write results.json, report.md and report.html to this folder.")
    ] = None,
    baseline: Annotated[
        Path | None, typer.Option(help="Compare with earlier results: a results.json or its folder.")
    ] = None,
    fail_under: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="Exit 1 when the metric is worse than VALUE; may be repeated."),
    ] = None,
    split: Annotated[Literal["dev", "test", "all"], typer.Option(help="Which half of the cases to ask.")] = "all",
    json: JsonOption = False,
) -> None:
    """Ask the question sets and measure retrieval, answers, citations and refusals.

    Example:

        askwell eval --out report --baseline earlier/results.json
    """
    from evals.command import run

    raise typer.Exit(run(suites or [], out, baseline, fail_under or [], json, settings(), split))
