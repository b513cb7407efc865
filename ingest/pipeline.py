"""The write path: discover -> parse -> sections -> chunks -> embed -> a new generation -> verify -> switch.

``ingest`` reads top to bottom; each step is a module of its own. Nothing here touches the live generation.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from itertools import chain
from pathlib import Path

from ingest.asked import identity, identity_of, kept, read_asked
from ingest.building import new_generation, verify
from ingest.disk import full_disk_is_named
from ingest.embedding_cache import EmbeddingCache
from ingest.errors import AskwellError, BadInputError
from ingest.generations import Generations, require_name
from ingest.last_runs import remember
from ingest.manifest import read_manifest
from ingest.plan import Known, Plan, make_plan
from ingest.protocols import Embedder
from ingest.reading import read_documents, read_live, vectors_are_lost
from ingest.report import IngestReport, NoProgress, Progress
from ingest.sources.collect import Collector
from ingest.sources.folder import no_documents
from ingest.sources.source import Discovered, Source
from ingest.vectors import server_address


def ingest(
    roots: Sequence[Path | Source],
    *,
    data_dir: Path,
    embedder: Embedder,
    collection: str = "default",
    prune: bool = True,
    confirmed: bool = False,
    progress: Progress | None = None,
    keep_generations: int = 2,
    chroma_url: str = "",
) -> IngestReport:
    """Brings the index up to date with ``roots`` (a path is short for a source) and makes the result live.

    With ``prune``, documents of the same roots that are gone from them are removed; most of a root only when
    ``confirmed``. Raises BadInputError (nothing to ingest), BusyError, DiskFullError; whatever is raised, the live
    generation is what it was. A file that cannot be ingested is named in the report and stops nothing.
    """
    begun = time.monotonic()
    progress = progress or NoProgress()
    require_name(collection)
    if chroma_url:
        server_address(chroma_url)
    sources = [root if isinstance(root, Source) else Source(str(root)) for root in roots]
    generations = Generations(data_dir)
    with full_disk_is_named(data_dir), generations.lock(), Collector(data_dir, progress) as collector:
        generations.clean_unfinished()
        found = collector.collect(sources)
        live = read_live(generations, embedder, chroma_url)
        _require_documents(found, live.known, emptied=confirmed and prune)
        plan = make_plan(
            found, live.known, collection, prune=prune, confirmed=confirmed, reparse=live.rebuild, progress=progress
        )
        plan.warnings[:0] = live.warnings
        base = None if live.rebuild else generations.path(live.name)
        names = [source.name for source in sources]
        asked, odd = read_asked(names, collection)
        asked = [*kept(generations.path(live.name) if live.name else None, names, collection), *asked]
        plan.warnings.extend(odd)
        documents = read_documents(plan, live, collection, embedder)
        first = next(documents, None)
        if first is None and plan.failed and not plan.unchanged and not plan.removed:
            remember(data_dir, collection, [root.source for root in found], plan.failed)
            raise AskwellError(f"Nothing could be ingested: {plan.failed[0][1]}")
        new_questions = bool(live.name) and identity(asked) != identity_of(base)
        unchanged = first is None and not plan.removed and not new_questions
        lost = unchanged and chroma_url and vectors_are_lost(live, plan.warnings)
        if unchanged and not lost:  # nothing to do: the live generation stays
            remember(data_dir, collection, [root.source for root in found], plan.failed)
            return _report(generations, live.name, plan, begun)

        statuses: Counter[str] = Counter()
        with (
            closing(EmbeddingCache(data_dir / "embeddings.sqlite3")) as cache,
            new_generation(generations, embedder, cache, progress, base=base, chroma_url=chroma_url) as building,
        ):
            building.bytes_total = sum(size for _, size in plan.to_read)
            building.remove(plan.removed)
            for item in chain([first] if first else [], documents):
                building.add(item)
                statuses[item.status] += 1
            building.remove(plan.removed)  # with those whose files turned out to be no text any more
            building.finish(asked=asked)
            progress.update("checking", 0, 1, "index")
            verify(building.folder, data_dir, chroma_url)
            generations.switch(building.name, building.folder)
            progress.update("checking", 1, 1, "index")
        remember(data_dir, collection, [root.source for root in found], plan.failed)
        generations.clean_old(keep_generations, chroma_url)
        return _report(
            generations,
            building.name,
            plan,
            begun,
            added=statuses["added"],
            changed=statuses["changed"],
            embedded=cache.made,
            written=building.chunks_written,
        )


def _require_documents(found: Sequence[Discovered], known: Sequence[Known], *, emptied: bool) -> None:
    """A folder without documents is an error, unless it had some and the caller confirmed that they are to go."""
    for root in found:
        if (
            not root.files
            and not root.failed
            and not (emptied and any(document.source == root.source for document in known))
        ):
            raise no_documents(root.source)


def _report(
    generations: Generations,
    name: str,
    plan: Plan,
    begun: float,
    *,
    added: int = 0,
    changed: int = 0,
    embedded: int = 0,
    written: int = 0,
) -> IngestReport:
    if not name and plan.failed:
        raise AskwellError(f"Nothing could be ingested: {plan.failed[0][1]}")
    if not name:
        raise BadInputError("Every file vanished while it was being ingested. Run the same command again")
    manifest = read_manifest(generations.path(name), generations.data_dir)
    seconds = time.monotonic() - begun
    return IngestReport(
        generation=name,
        added=added,
        changed=changed,
        unchanged=plan.unchanged,
        removed=len(plan.removed),
        failed=tuple(plan.failed),
        warnings=tuple(plan.warnings),
        documents=manifest.documents,
        chunks=manifest.chunks,
        embedded=embedded,
        seconds=round(seconds, 3),
        chunks_per_second=round(written / seconds, 1),
        duplicates=tuple(plan.duplicates),
    )
