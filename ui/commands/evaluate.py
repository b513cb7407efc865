"""``askwell eval``: parses options, nothing else. With ``feedback`` the only place where ``ui`` knows ``evals``."""

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
        Path | None,
        typer.Option(
            help="Write results.json, summary.md, report.md, report.html and junit.xml to this folder. A run that was "
            "interrupted goes on where it stopped."
        ),
    ] = None,
    baseline: Annotated[
        Path | None, typer.Option(help="Compare with earlier results: a results.json or its folder.")
    ] = None,
    against: Annotated[
        str,
        typer.Option(
            metavar="INDEX",
            help="Compare with another index: a data directory, an earlier generation, or a folder of documents.",
        ),
    ] = "",
    fail_under: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="Exit 1 when the metric is worse than VALUE; may be repeated."),
    ] = None,
    fail_if_worse: Annotated[
        bool, typer.Option("--fail-if-worse", help="Exit 1 when a metric is worse than before by more than chance.")
    ] = False,
    split: Annotated[Literal["dev", "test", "all"], typer.Option(help="Which half of the cases to ask.")] = "all",
    judge: Annotated[
        str, typer.Option(metavar="MODEL", help="Let a chat model judge the answers too, such as openai:gpt-5-mini.")
    ] = "",
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes that ask at the same time; default: one for each core.")
    ] = None,
    keep: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write compact results, a baseline to commit.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Ask the question sets and measure retrieval, answers, citations and refusals.

    Examples:

        askwell eval --out report --baseline earlier/results.json

        askwell eval single --against ../main/corpus
    """
    from evals.command import Request, run

    request = Request(
        suites=tuple(suites or ()),
        split=split,
        out=out,
        baseline=baseline,
        against=against,
        fail_under=tuple(fail_under or ()),
        fail_if_worse=fail_if_worse,
        judge=judge,
        keep=keep,
        workers=workers,
        json_output=json,
    )
    raise typer.Exit(run(request, settings()))
