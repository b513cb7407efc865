"""Reads the documents of a run: opens what is live, parses the files of the plan, and carries over the rest.

When chunker or embedder have changed, every document is parsed anew: those of this run from their files, the others
from their text in the live catalog, so that a rebuild loses none.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from ingest.errors import AskwellError, BadInputError, IndexMismatchError, NoIndexError, VectorsLostError
from ingest.formats.isolated import Isolated
from ingest.generation import Generation
from ingest.generations import Generations
from ingest.holder import open_live
from ingest.manifest import check_embedder
from ingest.parsing import CHUNKER, ParseError, parse, parse_again
from ingest.plan import Known, Plan, raw_hash, read_file, why
from ingest.protocols import Embedder
from ingest.types import ParsedDocument

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Live:
    """What is live now. ``rebuild``: a new generation cannot be built upon it."""

    name: str
    known: tuple[Known, ...]
    rebuild: bool
    generation: Generation | None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """A parsed document on its way into the generation; ``size`` of its file in bytes.

    ``status`` says what it is against the live generation; "unchanged" documents are parsed only in a rebuild.
    """

    parsed: ParsedDocument
    raw_hash: str
    size: int
    ingested: str
    status: Literal["added", "changed", "unchanged"]
    link: str = ""


def read_live(generations: Generations, embedder: Embedder, chroma_url: str) -> Live:
    """A generation that another version made cannot be read; one with other chunks or vectors is read and replaced."""
    try:
        generation = open_live(generations, chroma_url=chroma_url)
    except NoIndexError:
        return Live("", (), True, None)
    except IndexMismatchError as error:
        _log.warning("%s", error)
        return Live("", (), True, None, (f"{error} (done now; documents of other folders must be ingested again)",))
    known = tuple(Known(*record) for record in generation.catalog.raw_hashes())
    rebuild = generation.manifest.chunker != CHUNKER
    try:
        check_embedder(generation.manifest, embedder, generations.data_dir)
    except IndexMismatchError:
        rebuild = True
    return Live(generation.manifest.generation, known, rebuild, generation)


def vectors_are_lost(live: Live, warnings: list[str]) -> bool:
    """Whether the Chroma server has lost what the live generation keeps there (its disk is new, say).

    Told in ``warnings``, also that it cannot be known since the server does not answer.
    """
    if live.generation is None:
        return False
    try:
        missing = live.generation.manifest.chunks - live.generation.counts()["chroma"]
        lost = f"the Chroma server lacks {missing:,} vectors of this index" if missing else ""
    except VectorsLostError:
        lost = "the Chroma server did not have the vectors of this index any more"
    except AskwellError as error:
        warnings.append(str(error))
        return False
    if lost:
        warnings.append(f"{lost}; all are written again")
    return bool(lost)


def read_documents(plan: Plan, live: Live, collection: str, embedder: Embedder) -> Iterator[Item]:
    """Parses one file after the other. Files that cannot be parsed are noted and what they replaced is removed."""
    with Isolated() as extract:
        yield from _read(plan, live, collection, embedder, extract)
    yield from _carried(plan, live, collection, embedder)


def _read(plan: Plan, live: Live, collection: str, embedder: Embedder, extract: Isolated) -> Iterator[Item]:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    known_ids = {document.id for document in live.known if document.collection == collection}
    for file, _ in plan.to_read:
        try:
            raw = read_file(file)
            parsed = parse(
                raw,
                document_id=file.id,
                collection=collection,
                source=file.source,
                tokens=embedder.tokens,
                max_tokens=embedder.max_tokens,
                media_type=file.media_type,
                url=file.url,
                metadata=file.metadata,
                extract=extract,
            )
        except FileNotFoundError:
            plan.warnings.append(f"{file.id} vanished while it was being ingested")
            continue
        except (OSError, ParseError, BadInputError) as error:
            plan.failed.append((file.id, why(file, error)))
            # Its old text is no longer in the file, so nothing may be quoted from it.
            if file.id in plan.replaced and not isinstance(error, OSError):
                plan.removed.append(plan.replaced[file.id])
            continue
        plan.warnings.extend(parsed.warnings)
        status: Literal["added", "changed", "unchanged"] = "unchanged" if file.id in known_ids else "added"
        yield Item(parsed, raw_hash(raw), len(raw), now, "changed" if file.id in plan.replaced else status, file.link)


def _carried(plan: Plan, live: Live, collection: str, embedder: Embedder) -> Iterator[Item]:
    """When all is made anew: the documents that this run did not read again, from their text in the live catalog."""
    if not live.rebuild or live.generation is None:
        return
    read = {file.id for file, _ in plan.to_read}
    gone = {document.number for document in plan.removed}
    stamps = {(line.collection, line.id): line.ingested for line in live.generation.documents()}
    for known in live.known:
        if (known.collection == collection and known.id in read) or known.number in gone:
            continue
        document = live.generation.document(known.id, known.collection)
        try:
            parsed = parse_again(document, tokens=embedder.tokens, max_tokens=embedder.max_tokens)
        except ParseError as error:
            plan.failed.append((known.id, str(error)))
            continue
        stamp = stamps[known.collection, known.id]
        yield Item(parsed, known.raw_hash, len(document.text), stamp, "unchanged", known.link)
