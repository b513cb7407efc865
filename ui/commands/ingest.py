"""``askwell ingest``: brings the index up to date with files, folders, archives and web pages."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from ui.commands.terminal import JsonOption, print_json, say, settings, stdout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ingest.report import IngestReport
    from ingest.sources.source import Source

_NAMED = 5
PruneOption = Annotated[bool, typer.Option("--prune/--no-prune", help="Remove documents that are gone from a source.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Also remove when that is most of a source.")]


def ingest(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH_OR_URL", help="Folders, files, archives, web pages and sitemaps.", show_default=False
        ),
    ],
    collection: Annotated[str, typer.Option(help="The collection that the documents belong to.")] = "default",
    prune: PruneOption = True,
    yes: YesOption = False,
    include: Annotated[list[str] | None, typer.Option(help="Only paths that match, as in .gitignore files.")] = None,
    exclude: Annotated[list[str] | None, typer.Option(help="Not paths that match, as in .gitignore files.")] = None,
    base_url: Annotated[str, typer.Option(help="Web address under which the originals are found.")] = "",
    allow_host: Annotated[
        list[str] | None, typer.Option(help="Host that may be fetched from although its address is private.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Read documents into the index. Only what changed is read again; answers switch over at the end.

    Examples:

        askwell ingest corpus

        askwell ingest handbook/ runbooks/restart.md --collection operations

        askwell ingest https://docs.example.com/sitemap.xml --collection product
    """
    from ingest.sources.source import Source

    sources = [
        Source(
            path,
            include=tuple(include or ()),
            exclude=tuple(exclude or ()),
            base_url=base_url,
            allow_hosts=tuple(allow_host or ()),
        )
        for path in paths
    ]
    report = run(sources, collection, prune=prune, confirmed=yes)
    tell(report)
    if json:
        print_json(report_json(report))
    else:
        show(report)


def run(sources: Sequence[Source], collection: str, *, prune: bool, confirmed: bool) -> IngestReport:
    """One ingest with the settings of this process and a progress bar. Asks a person before most of a source goes."""
    from ingest.embedders import load_embedder
    from ingest.pipeline import ingest as ingest_sources
    from ingest.plan import PruneError
    from ui.commands.progress import Bar

    current = settings()

    def once(*, confirmed: bool) -> IngestReport:
        with Bar() as bar:
            embedder = load_embedder(
                current.embedding_model, current.data_dir, current.threads, fast=current.fast_embedding
            )
            return ingest_sources(
                sources,
                data_dir=current.data_dir,
                embedder=embedder,
                collection=collection,
                prune=prune,
                confirmed=confirmed,
                progress=bar,
                keep_generations=current.keep_generations,
                chroma_url=current.chroma_url,
            )

    try:
        return once(confirmed=confirmed)
    except PruneError as error:
        if not _asked(error):
            raise
        return once(confirmed=True)


def _asked(error: Exception) -> bool:
    """Whether a person at the terminal says that the documents are to go; without a terminal nobody is asked."""
    import sys

    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    say(f"{error}.")
    return typer.confirm("Remove them from the index?", default=False, err=True)


def tell(report: IngestReport) -> None:
    """Notes and failures, on stderr."""
    for warning in report.warnings:
        say(f"Note: {warning}")
    for name, owner in report.duplicates[:_NAMED]:
        say(f"Note: {name} has the content of {owner}, which stands for it")
    if len(report.duplicates) > _NAMED:
        say(f"Note: {len(report.duplicates) - _NAMED} more have the content of another document")
    for name, why in report.failed:
        say(f"Not ingested: {name}: {why}" if name not in why else f"Not ingested: {why}")


def report_json(report: IngestReport) -> dict[str, object]:
    failed = [{"document": name, "reason": why} for name, why in report.failed]
    duplicates = [{"document": name, "of": owner} for name, owner in report.duplicates]
    return {**asdict(report), "failed": failed, "duplicates": duplicates, "warnings": list(report.warnings)}


def show(report: IngestReport) -> None:
    out = stdout()
    counts = (("added", report.added), ("changed", report.changed), ("unchanged", report.unchanged))
    seldom = (("duplicates", len(report.duplicates)), ("failed", len(report.failed)))
    shown = [*counts, ("removed", report.removed), *((word, number) for word, number in seldom if number)]
    out.print(", ".join(f"{number:,} {word}" for word, number in shown))
    speed = f", {report.chunks_per_second:,.0f} chunks per second" if report.embedded else ""
    out.print(f"{report.documents:,} documents, {report.chunks:,} chunks in the index; {report.seconds:.1f} s{speed}")
