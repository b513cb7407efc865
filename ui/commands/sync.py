"""``askwell sync``: brings every collection of a sources file up to date."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ingest.errors import AskwellError
from ui.commands.ingest import PruneOption, YesOption, report_json, run, show, tell
from ui.commands.terminal import JsonOption, print_json, say, settings, stdout


def sync(
    file: Annotated[
        Path | None,
        typer.Argument(help="The sources file; else that of ASKWELL_SOURCES.", show_default=False),
    ] = None,
    collection: Annotated[
        list[str] | None, typer.Option(help="Only this collection; may be given several times.")
    ] = None,
    prune: PruneOption = True,
    yes: YesOption = False,
    json: JsonOption = False,
) -> None:
    """Bring all collections of a sources file up to date. One that fails is named and does not stop the others.

    Examples:

        askwell sync

        askwell sync sources.yaml --collection handbook
    """
    from ingest.errors import BadInputError
    from ingest.sources.listing import read_sources_file

    path = file or settings().sources
    listed = read_sources_file(path)
    unknown = [name for name in collection or () if name not in listed]
    if unknown:
        raise BadInputError(f"{path} has no collection {unknown[0]}. There is: {', '.join(listed)}")
    reports: dict[str, object] = {}
    failed: list[str] = []
    for name, sources in listed.items():
        if collection and name not in collection:
            continue
        try:
            report = run(sources, name, prune=prune, confirmed=yes)
        except AskwellError as error:
            failed.append(name)
            reports[name] = {"error": str(error)}
            say(f"{name}: {error}")
            continue
        tell(report)
        reports[name] = report_json(report)
        if not json:
            stdout().print(f"{name}:")
            show(report)
    if json:
        print_json({"collections": reports})
    if failed:
        raise AskwellError(f"Not brought up to date: {', '.join(failed)}. What was ingested of it before still answers")
