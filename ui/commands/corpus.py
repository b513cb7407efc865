"""``askwell corpus check``: what to mend in a folder of articles, and which reviews have grown old. Changes nothing."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ui.commands.terminal import JsonOption, print_json

if TYPE_CHECKING:
    from ingest.corpus_check import CorpusReport

corpus = typer.Typer(no_args_is_help=True, help="Look after the articles of a corpus.")


@corpus.callback()
def _group() -> None:
    """Look after the articles of a corpus."""
    # A callback keeps "check" a command of its own: Typer folds a group of one command into its parent.


@corpus.command()
def check(
    path: Annotated[Path, typer.Argument(help="The folder of articles.")] = Path("corpus"),
    older_than: Annotated[
        int, typer.Option(min=0, metavar="DAYS", help="Report articles whose review is older than this.")
    ] = 180,
    json: JsonOption = False,
) -> None:
    """Check front matter, links, sources, lengths and names of articles; exit 1 when there is something to mend.

    Example:

        askwell corpus check --older-than 365
    """
    from ingest.corpus_check import check_corpus

    report = check_corpus(path, date.today())
    if json:
        print_json(_as_json(report, older_than))
    else:
        typer.echo(_as_text(report, older_than))
    raise typer.Exit(1 if report.findings else 0)


def _as_json(report: CorpusReport, older_than: int) -> dict[str, object]:
    return {
        "articles": report.articles,
        "findings": [asdict(finding) for finding in report.findings],
        "older_than_days": older_than,
        "old_reviews": [
            {"document": old.document, "reviewed": old.reviewed.isoformat(), "days": old.days}
            for old in report.older_than(older_than)
        ],
    }


def _as_text(report: CorpusReport, older_than: int) -> str:
    lines: list[str] = []
    for document, findings in groupby(report.findings, key=lambda finding: finding.document):
        lines.append(document)
        lines.extend(f"  {finding.line}: {finding.check}: {finding.message}" for finding in findings)
    counted = f"{len(report.findings)} finding{'' if len(report.findings) == 1 else 's'}"
    lines.append(f"{report.articles} articles, {counted}.")
    old = report.older_than(older_than)
    if old:
        lines.append(f"Reviewed more than {older_than} days ago:")
        lines.extend(f"  {review.document}: {review.reviewed} ({review.days} days)" for review in old)
    else:
        lines.append(f"No review is older than {older_than} days.")
    return "\n".join(lines)
