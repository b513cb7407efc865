"""What an ingest has to do: the files on disk against the documents of the live generation.

Files are compared by the hash of their bytes, so a file that was only touched is not read twice.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from ingest.errors import BadInputError
from ingest.parsing import MAX_BYTES
from ingest.report import Progress
from ingest.sources.source import Discovered, SourceFile


class PruneError(BadInputError):
    """Most of a source would go, and nobody has said that it should."""


PRUNE_GUARD = 10
"""Fewer vanished documents than this are removed without asking, whatever share of the source they are."""


@dataclass(frozen=True, slots=True)
class Known:
    """A document of the live generation. ``number`` is its place in the catalog."""

    number: int
    collection: str
    id: str
    source: str
    raw_hash: str
    link: str = ""


@dataclass(slots=True)
class Plan:
    """``to_read`` are the files to parse, with their size in bytes; ``replaced`` maps an id to the document that
    such a file takes the place of."""

    to_read: list[tuple[SourceFile, int]] = field(default_factory=list)
    replaced: dict[str, Known] = field(default_factory=dict)
    removed: list[Known] = field(default_factory=list)
    duplicates: list[tuple[str, str]] = field(default_factory=list)
    """(id, the document with the same content that stands for it)."""
    unchanged: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def read_file(file: SourceFile) -> bytes:
    """Raises OSError, or BadInputError for a file that is too large to be read at all."""
    size = file.path.stat().st_size
    if size > MAX_BYTES:
        raise BadInputError(
            f"{file.id} is {size / 2**20:.0f} MB; the limit is {MAX_BYTES // 2**20} MB. Split it into parts"
        )
    return file.path.read_bytes()


def why(file: SourceFile, error: Exception) -> str:
    """The sentence for the report: which file cannot be ingested, and why."""
    return f"{file.id} cannot be read ({error.strerror})" if isinstance(error, OSError) else str(error)


def raw_hash(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def make_plan(
    roots: Sequence[Discovered],
    known: Sequence[Known],
    collection: str,
    *,
    prune: bool,
    confirmed: bool,
    reparse: bool,
    progress: Progress,
) -> Plan:
    """``reparse``: unchanged files too must be read, since the live generation cannot be built upon.

    Raises BadInputError when pruning would remove most of a source and was not confirmed.
    """
    plan = Plan(warnings=[warning for root in roots for warning in root.warnings])
    plan.failed = [entry for root in roots for entry in root.failed]
    live = {document.id: document for document in known if document.collection == collection}
    present = {document_id for document_id, _ in plan.failed}
    sources = {root.source for root in roots if root.complete}
    # What other sources hold stands; of the files of this run, the first with some content stands for all.
    owners = {document.raw_hash: document.id for document in live.values() if document.source not in sources}
    hashes: set[str] = set()
    files = [file for root in roots for file in root.files]
    for done, file in enumerate(files):
        progress.update("reading", done, len(files), "files")
        if file.id in present:
            plan.failed.append((file.id, f"{file.path} has the same id as a file of another root of this run"))
            continue
        before = live.get(file.id)
        try:
            raw = read_file(file)
        except FileNotFoundError:
            plan.warnings.append(f"{file.id} vanished while it was being ingested")
            continue
        except (OSError, BadInputError) as error:
            plan.failed.append((file.id, why(file, error)))
            present.add(file.id)  # it is there; what was ingested of it before stays
            continue
        present.add(file.id)
        digest = raw_hash(raw)
        hashes.add(digest)
        owner = owners.setdefault(digest, file.id) if raw.strip() else file.id
        if owner != file.id:
            plan.duplicates.append((file.id, owner))
            if before:
                plan.removed.append(before)
            continue
        if before and before.source != file.source:
            plan.warnings.append(f"{file.id} was ingested from {before.source} before and now comes from {file.source}")
        same = before is not None and (before.raw_hash, before.source, before.link) == (digest, file.source, file.link)
        plan.unchanged += same
        if before and not same:
            plan.replaced[file.id] = before
        if reparse or not same:
            plan.to_read.append((file, len(raw)))
    progress.update("reading", len(files), len(files), "files")
    if prune:
        gone = [document for document in live.values() if document.source in sources and document.id not in present]
        if not confirmed:
            _guard(gone, live, hashes)
        plan.removed += gone
    return plan


def _guard(removed: Sequence[Known], live: dict[str, Known], hashes: set[str]) -> None:
    """An unmounted or half copied folder must not empty the index. Files that only moved are not lost."""
    total = Counter(document.source for document in live.values())
    lost = Counter(document.source for document in removed if document.raw_hash not in hashes)
    for source, count in lost.items():
        if count >= PRUNE_GUARD and count * 2 > total[source]:
            raise PruneError(
                f"{count} of the {total[source]} documents ingested from {source} are gone from it. Nothing was "
                "changed. If they are to be removed from the index, add --yes; to keep them, add --no-prune"
            )
