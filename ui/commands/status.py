"""``askwell status``: what is indexed and which generations are kept."""

from __future__ import annotations

from dataclasses import asdict

from ui.commands.terminal import JsonOption, print_json, settings, stdout


def status(json: JsonOption = False) -> None:
    """Show the live index, its collections and the generations that can be rolled back to.

    Example:

        askwell status --json
    """
    from ingest.errors import NoIndexError
    from ingest.generations import Generations
    from ingest.holder import open_live

    current = settings()
    generations = Generations(current.data_dir)
    kept = generations.list()
    collections: dict[str, int] = {}
    embedder = ""
    try:
        live = open_live(generations, chroma_url=current.chroma_url)
    except NoIndexError as error:
        sentence = str(error)
    else:
        sentence = ""
        collections = dict(live.document_counts())
        embedder = live.manifest.embedder
        live.close()
    if json:
        print_json(
            {
                "data_dir": str(current.data_dir),
                "live": generations.live_or_none(),
                "embedder": embedder or None,
                "collections": dict(sorted(collections.items())),
                "generations": [asdict(one) for one in kept],
            }
        )
        return
    out = stdout()
    if sentence:
        out.print(sentence)
    for name, documents in sorted(collections.items()):
        out.print(f"{name}: {documents:,} documents")
    for one in kept:
        mark = "live" if one.live else "kept"
        size = f"{one.bytes / 1_000_000:,.0f} MB"
        out.print(f"{mark}  {one.name}  {one.documents:,} documents, {one.chunks:,} chunks, {size}")
