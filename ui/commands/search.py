"""``askwell search``: the passages nearest to a question, without an answer."""

from __future__ import annotations

from typing import Annotated

import typer

from ui.commands.terminal import JsonOption, filters_from, print_json, settings, stdout


def search(
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="A question or a few words.", show_default=False)],
    k: Annotated[int, typer.Option("-k", min=1, max=100, help="How many passages.")] = 10,
    collection: Annotated[list[str] | None, typer.Option(help="Search only this collection; may be repeated.")] = None,
    filters: Annotated[
        list[str] | None, typer.Option("--filter", help="FIELD=VALUE of the front matter; may be repeated.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Find passages in the documents.

    Examples:

        askwell search "zero-ETL"

        askwell search "encryption at rest" -k 3 --json
    """
    from assistant.wiring import assemble
    from ui.commands.ask import heading
    from ui.questions import checked_scope, checked_text
    from ui.shapes import SearchShape, hit_shape

    current = settings()
    assistant = assemble(current)
    try:
        text = checked_text(question, current)
        scope = checked_scope(assistant, collection or None, filters_from(filters or []))
        hits = assistant.search(text, k, scope)
    finally:
        assistant.close()
    if json:
        print_json(SearchShape(hits=[hit_shape(hit) for hit in hits]))
        return
    out = stdout()
    for hit in hits:
        out.print(f"{hit.rank}. {heading(hit.title, hit.section.heading_path)}", style="bold")
        words = " ".join(hit.chunk.text.split())
        out.print(f"   {words if len(words) <= 300 else words[:297] + '...'}")
        out.print(f"   {hit.chunk.document_id}, characters {hit.chunk.start} to {hit.chunk.end}", style="dim")
    if not hits:
        out.print("Nothing in the documents comes near.")
