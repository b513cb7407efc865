"""``askwell gaps``: what people asked and the documents did not answer, by subject."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ingest.errors import BadInputError
from ui.commands.terminal import JsonOption, print_json, say, settings


def gaps(
    since: Annotated[str, typer.Option(metavar="WHEN", help="30d, 12h, 2w, or a date.")] = "30d",
    until: Annotated[str | None, typer.Option(metavar="WHEN", help="The end of the period; now if left out.")] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Write gaps.md and gaps.html there; else Markdown on stdout.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Group the questions that were not answered, answered in part or voted down by what the documents lack.

    Examples:

        askwell gaps --since 7d

        askwell gaps --since 2026-11-01 --until 2026-12-01 --out reports
    """
    from assistant.callers import OPERATOR, acting_as
    from assistant.gaps.report import gap_report
    from assistant.records import answers_of
    from assistant.wiring import assemble
    from ui.commands.period import moment
    from ui.gaps.writing import gaps_markdown, gaps_page, gaps_shape, summary

    current = settings()
    begin, end = moment(since), moment(until) if until else None
    if end is not None and end <= begin:
        raise BadInputError("The period ends before it begins. --since is its begin, --until its end.")
    assistant = assemble(current)
    try:
        with acting_as(OPERATOR):
            report = gap_report(assistant, answers_of(assistant.records, begin, end), begin, end)
    finally:
        assistant.close()
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / "gaps.md").write_text(gaps_markdown(report, current.public_url), "utf-8")
        (out / "gaps.html").write_text(gaps_page(report, current.public_url), "utf-8")
        say(f"{summary(report)} Written: {out / 'gaps.md'}, {out / 'gaps.html'}")
    if json:
        print_json(gaps_shape(report))
    elif out is None:
        typer.echo(gaps_markdown(report, current.public_url), nl=False)
