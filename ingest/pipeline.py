"""The write path: discover -> parse -> sections -> chunks -> embed -> a new generation -> verify -> switch.

``ingest`` reads top to bottom; each step is one module. Nothing here touches the live generation.
"""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

from ingest.building import Building, verify
from ingest.discover import Discovered, discover, no_documents
from ingest.disk import flush_tree, full_disk_is_named
from ingest.embedding_cache import EmbeddingCache
from ingest.errors import AskwellError, BadInputError, IndexMismatchError, NoIndexError
from ingest.generation import Generation
from ingest.generations import Generations, require_name
from ingest.holder import open_live
from ingest.manifest import check_embedder, read_manifest
from ingest.parsing import CHUNKER, ParseError, parse
from ingest.plan import Known, Plan, make_plan, raw_hash, read_file
from ingest.protocols import Embedder
from ingest.report import IngestReport, NoProgress, Progress
from ingest.types import ParsedDocument

_log = logging.getLogger(__name__)


def ingest(
    roots: Sequence[Path],
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
    """Brings the index up to date with the files under ``roots`` and makes the result live.

    With ``prune``, documents of the same roots whose files are gone are removed; most of a root only when
    ``confirmed``. Raises BadInputError (nothing to ingest), BusyError, DiskFullError; whatever is raised, the live
    generation is what it was. A file that cannot be ingested is named in the report and stops nothing.
    """
    begun = time.monotonic()
    progress = progress or NoProgress()
    generations = Generations(data_dir)
    with full_disk_is_named(data_dir), generations.lock():
        require_name(collection)
        generations.clean_unfinished()
        found = [discover(root) for root in roots]
        live = _live(generations, embedder, chroma_url)
        _require_documents(found, live.known, confirmed and prune)
        plan = make_plan(
            found,
            live.known,
            collection,
            prune=prune,
            confirmed=confirmed,
            reparse=live.rebuild,
            progress=progress,
        )
        plan.warnings[:0] = live.warnings
        outcome = _Outcome(plan)
        documents = _documents(plan, live, collection, embedder, outcome)
        first = next(documents, None)
        if first is None and plan.failed and not plan.unchanged:
            raise AskwellError(f"None of the files could be ingested. {plan.failed[0][0]}: {plan.failed[0][1]}")
        if first is None and not plan.removed:
            return _report(outcome, live.name, generations, begun)

        name, folder = generations.begin()
        cache = EmbeddingCache(data_dir / "embeddings.sqlite3")
        building = None
        try:
            building = Building(
                name,
                folder,
                embedder,
                cache,
                progress,
                base=None if live.rebuild else generations.path(live.name),
                chroma_url=chroma_url,
                collection=generations.collection_prefix() + name,
            )
            building.bytes_total = sum(size for _, size in plan.to_read)
            for item in chain([first] if first else [], documents):
                building.add(item.parsed, raw_hash=item.raw_hash, size=item.size, ingested=item.ingested)
            for gone in plan.removed:
                building.remove(gone.collection, gone.id)
            building.finish()
            progress.update("checking", 0, 1, "index")
            verify(folder, data_dir, chroma_url)
            flush_tree(folder)
            generations.switch(name, folder)
            progress.update("checking", 1, 1, "index")
        except BaseException:
            if building is not None:
                building.abandon()
            shutil.rmtree(folder, ignore_errors=True)
            raise
        finally:
            outcome.embedded = cache.made
            cache.close()
        outcome.written = building.chunks_written
        generations.clean_old(keep_generations, chroma_url)
        return _report(outcome, name, generations, begun)


@dataclass(frozen=True, slots=True)
class _Live:
    """What is live now. ``rebuild``: a new generation cannot be built upon it."""

    name: str
    known: tuple[Known, ...]
    rebuild: bool
    generation: Generation | None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Item:
    """A parsed document on its way into the generation; ``size`` of its file in bytes."""

    parsed: ParsedDocument
    raw_hash: str
    size: int
    ingested: str


@dataclass(slots=True)
class _Outcome:
    """What happened so far, for the report."""

    plan: Plan
    added: int = 0
    changed: int = 0
    embedded: int = 0
    written: int = 0


def _live(generations: Generations, embedder: Embedder, chroma_url: str) -> _Live:
    """A generation that another version made cannot be read; one with other chunks or vectors is read and replaced."""
    try:
        generation = open_live(generations, chroma_url=chroma_url)
    except NoIndexError:
        return _Live("", (), True, None)
    except IndexMismatchError as error:
        _log.warning("%s", error)
        return _Live("", (), True, None, (f"{error} (done now; documents of other folders must be ingested again)",))
    known = tuple(Known(*record) for record in generation.catalog.raw_hashes())
    rebuild = generation.manifest.chunker != CHUNKER
    try:
        check_embedder(generation.manifest, embedder, generations.data_dir)
    except IndexMismatchError:
        rebuild = True
    return _Live(generation.manifest.generation, known, rebuild, generation)


def _require_documents(found: Sequence[Discovered], known: Sequence[Known], emptied: bool) -> None:
    """A folder without documents is an error, unless it had some and the caller confirmed that they are to go."""
    for root in found:
        if not root.files and not (emptied and any(document.source == root.source for document in known)):
            raise no_documents(root.source)


def _documents(plan: Plan, live: _Live, collection: str, embedder: Embedder, outcome: _Outcome) -> Iterator[_Item]:
    """Parses one file after the other. Files that cannot be parsed are noted and what they replaced is removed."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    known_ids = {document.id for document in live.known if document.collection == collection}
    for file, _ in plan.to_read:
        try:
            raw = read_file(file.path)
            parsed = parse(
                raw,
                document_id=file.id,
                collection=collection,
                source=file.source,
                tokens=embedder.tokens,
                max_tokens=embedder.max_tokens,
            )
        except FileNotFoundError:
            plan.warnings.append(f"{file.id} vanished while it was being ingested")
            continue
        except (OSError, ParseError, BadInputError) as error:
            reason = f"cannot be read ({error.strerror})" if isinstance(error, OSError) else str(error)
            plan.failed.append((file.id, reason))
            # Its old text is no longer in the file, so nothing may be quoted from it.
            if file.id in plan.replaced and not isinstance(error, OSError):
                plan.removed.append(plan.replaced[file.id])
            continue
        plan.warnings.extend(parsed.warnings)
        if file.id in plan.replaced:
            outcome.changed += 1
        elif file.id not in known_ids:
            outcome.added += 1
        yield _Item(parsed, raw_hash(raw), len(raw), now)
    yield from _carried(plan, live, collection, embedder)


def _carried(plan: Plan, live: _Live, collection: str, embedder: Embedder) -> Iterator[_Item]:
    """When all is made anew: the documents that this run did not read again, from their text in the live catalog."""
    if not live.rebuild or live.generation is None:
        return
    read = {file.id for file, _ in plan.to_read}
    gone = {document.number for document in plan.removed}
    stamps = {(line.collection, line.id): line.ingested for line in live.generation.documents()}
    for known in live.known:
        if (known.collection == collection and known.id in read) or known.number in gone:
            continue
        raw = live.generation.document(known.id, known.collection).text.encode("utf-8", "surrogatepass")
        try:
            parsed = parse(
                raw,
                document_id=known.id,
                collection=known.collection,
                source=known.source,
                tokens=embedder.tokens,
                max_tokens=embedder.max_tokens,
            )
        except ParseError as error:
            plan.failed.append((known.id, str(error)))
            continue
        yield _Item(parsed, known.raw_hash, len(raw), stamps[known.collection, known.id])


def _report(outcome: _Outcome, name: str, generations: Generations, begun: float) -> IngestReport:
    if not name:
        raise BadInputError("Every file vanished while it was being ingested. Run the same command again")
    manifest = read_manifest(generations.path(name), generations.data_dir)
    plan = outcome.plan
    seconds = time.monotonic() - begun
    return IngestReport(
        generation=name,
        added=outcome.added,
        changed=outcome.changed,
        unchanged=plan.unchanged,
        removed=len(plan.removed),
        failed=tuple(plan.failed),
        warnings=tuple(plan.warnings),
        documents=manifest.documents,
        chunks=manifest.chunks,
        embedded=outcome.embedded,
        seconds=round(seconds, 3),
        chunks_per_second=round(outcome.written / seconds, 1) if outcome.written else 0.0,
    )
