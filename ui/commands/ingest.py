"""``askwell ingest``: brings the index up to date with files and folders."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ui.commands.terminal import JsonOption, print_json, say, settings, stdout

if TYPE_CHECKING:
    from ingest.report import IngestReport


def ingest(
    paths: Annotated[list[str], typer.Argument(metavar="PATH", help="Files and folders to read.", show_default=False)],
    collection: Annotated[str, typer.Option(help="The collection that the documents belong to.")] = "default",
    prune: Annotated[
        bool, typer.Option("--prune/--no-prune", help="Remove documents whose files are gone from these folders.")
    ] = True,
    yes: Annotated[bool, typer.Option("--yes", help="Also remove when that is most of a folder.")] = False,
    json: JsonOption = False,
) -> None:
    """Read documents into the index. Only what changed is read again; answers switch over at the end.

    Examples:

        askwell ingest corpus

        askwell ingest handbook/ runbooks/restart.md --collection operations
    """
    from ingest.embedders import load_embedder
    from ingest.errors import BadInputError
    from ingest.pipeline import ingest as run
    from ui.commands.progress import Bar

    for path in paths:
        if path.startswith(("http://", "https://")):
            raise BadInputError(
                f"{path} is a web address; files and folders are read. Save the page and ingest the file."
            )
    current = settings()
    with Bar() as bar:
        embedder = load_embedder(
            current.embedding_model, current.data_dir, current.threads, fast=current.fast_embedding
        )
        report = run(
            [Path(path) for path in paths],
            data_dir=current.data_dir,
            embedder=embedder,
            collection=collection,
            prune=prune,
            confirmed=yes,
            progress=bar,
            keep_generations=current.keep_generations,
            chroma_url=current.chroma_url,
        )
    for warning in report.warnings:
        say(f"Note: {warning}")
    for name, why in report.failed:
        say(f"Not ingested: {name}: {why}" if name not in why else f"Not ingested: {why}")
    if json:
        print_json(_json(report))
    else:
        _show(report)


def _json(report: IngestReport) -> dict[str, object]:
    failed = [{"document": name, "reason": why} for name, why in report.failed]
    return {**asdict(report), "failed": failed, "warnings": list(report.warnings)}


def _show(report: IngestReport) -> None:
    out = stdout()
    counts = (("added", report.added), ("changed", report.changed), ("unchanged", report.unchanged))
    removed = (("removed", report.removed), ("failed", len(report.failed)))
    out.print(", ".join(f"{number:,} {word}" for word, number in (*counts, *removed) if number or word != "failed"))
    speed = f", {report.chunks_per_second:,.0f} chunks per second" if report.embedded else ""
    out.print(f"{report.documents:,} documents, {report.chunks:,} chunks in the index; {report.seconds:.1f} s{speed}")
