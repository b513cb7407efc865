"""Questions that sections are known to answer: ``questions.jsonl`` beside the documents of a folder.

People ask in other words than documents answer in. A question somebody asked, with the section that answers it, is a
second way into that section (document expansion, Nogueira et al. 2019, https://arxiv.org/abs/1904.08375, with
questions of people instead of a model's). Only the way in: answers are quoted from the documents alone.

    {"question": "Our basket must come back at once. What do we take?",
     "targets": [{"document": "choosing/session-store.md", "section": "Choose DynamoDB when", "quote": "single-digit"}]}

``quote``, if given, is a few words of the sentence that answers. A question with ``"targets": []`` is one that the
documents do not answer. ``"after"`` is the question before, for one that is only understood after another.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

from ingest.asked_lessons import Asked, digest, label_of, lessons
from ingest.asked_lookup import FORM, Place, Placed, write_lookup, write_places
from ingest.asked_model import AskedModel, Lessons, Words, learn_model, load_model
from ingest.catalog import Catalog
from ingest.disk import write_atomically
from ingest.embedding_cache import EmbeddingCache
from ingest.errors import NotFoundError
from ingest.followed_model import FollowedLessons, FollowedModel, followed_lessons, learn_followed, load_followed
from ingest.protocols import Embedder, Vectors
from ingest.report import Progress
from ingest.types import Chunk

FILE = "questions.jsonl"
NAME = "asked.json"


def read_asked(sources: Sequence[str], collection: str) -> tuple[list[Asked], list[str]]:
    """``(questions, warnings)`` of the folders that have some. A line that cannot be read is a warning."""
    found: list[Asked] = []
    warnings: list[str] = []
    for source in sources:
        path = Path(source) / FILE
        if "://" in source or not path.is_file():
            continue
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), 1):
            try:
                found.extend(_entries(line, collection, source))
            except (ValueError, KeyError, TypeError, AttributeError):
                warnings.append(f"{FILE}:{number} is not a question with targets and was passed over")
    return found, warnings


def _entries(line: str, collection: str, source: str) -> Iterator[Asked]:
    if line.strip():
        entry = json.loads(line)
        question, after = " ".join(str(entry["question"]).split()), str(entry.get("after", ""))
        if not question:
            raise ValueError("no question")
        if not entry["targets"]:
            yield Asked(question, collection, "", "", source, after=after)
        for target in entry["targets"]:
            place = (collection, str(target["document"]), str(target["section"]), source)
            yield Asked(question, *place, quote=str(target.get("quote", "")), after=after)


def kept(folder: Path | None, sources: Sequence[str], collection: str) -> list[Asked]:
    """The questions of a generation that are not to be replaced by those of ``sources``."""
    path = folder / NAME if folder is not None else None
    if path is None or not path.is_file():
        return []
    entries = (Asked(**entry) for entry in json.loads(path.read_text("utf-8"))["entries"])
    return [entry for entry in entries if not (entry.source in sources and entry.collection == collection)]


def identity(entries: Sequence[Asked]) -> str:
    """Another for other questions, and where a version keeps something else of them."""
    return f"{FORM}:{digest(entries)}"


def identity_of(folder: Path | None) -> str:
    """That of the questions that a generation was built with."""
    path = folder / NAME if folder is not None else None
    return str(json.loads(path.read_text("utf-8"))["digest"]) if path is not None and path.is_file() else identity([])


def write_asked(
    folder: Path,
    entries: Sequence[Asked],
    embedder: Embedder,
    cache: EmbeddingCache,
    progress: Progress,
    before: Path | None = None,
) -> None:
    """Writes those whose section is in the generation in ``folder``, each with its vector, and what can be learned
    of them; taken over from the generation in ``before`` when that knew the same.
    """
    if not entries:
        return
    catalog = Catalog(folder)
    try:
        documents = {(entry.collection, entry.document) for entry in entries if entry.document}
        by_heading = _chunks_by_heading(catalog, documents)
        standing = [entry for entry in entries if not entry.after]
        found = [(entry, by_heading.get((entry.collection, entry.document, entry.section), ())) for entry in standing]
        answered = [(entry, of_section) for entry, of_section in found if of_section]
        entered = [entry for entry, _ in answered] + [entry for entry in standing if not entry.document]

        def embed(texts: Sequence[str]) -> Vectors:
            told = partial(progress.update, "known questions", total=len(texts), unit="questions")
            return cache.embed(texts, embedder, lambda count: told(done=count))

        vectors = embed([entry.question for entry in entered])
        placed = [Placed(entry.question, label_of(entry), *_place(entry.quote, chunks)) for entry, chunks in answered]
        places = {label_of(entry): _section(of_section[0]) for entry, of_section in answered}
        known = {place.section for place in places.values()}
        learned = lessons(catalog.headings(), entered, vectors, known, embed)
    finally:
        catalog.close()
    model = _model(learned, before, progress) if learned else None
    if model:
        model.save(folder)
        follow_ups = [entry for entry in entries if entry.after]
        following = followed_lessons(follow_ups, entered, vectors, model, embed)
        if following:
            _followed(following, model.words, before, progress).save(folder)
    chunks_of = {label_of(entry): chunks for entry, chunks in answered}
    sections = {label: " ".join(chunk.embed_text for chunk in chunks) for label, chunks in chunks_of.items()}
    write_lookup(folder, placed, vectors[: len(placed)], model.words if model else Words.of([]), sections)
    write_places(folder, places)
    # All of them are kept for the next ingest: a document whose section is gone may come back.
    listed = [asdict(entry) for entry in entries]
    write_atomically(folder / NAME, json.dumps({"digest": identity(entries), "entries": listed}, ensure_ascii=False))


def _model(lessons: Lessons, before: Path | None, progress: Progress) -> AskedModel:
    """That of the generation before, if nearly the same would be learned."""
    model = load_model(before) if before else None
    if model is not None and model.digest == lessons.digest:
        return model
    return learn_model(lessons, lambda done, of: progress.update("learning from them", done, of, "rounds"))


def _followed(lessons: FollowedLessons, words: Words, before: Path | None, progress: Progress) -> FollowedModel:
    model = load_followed(before, words) if before else None
    if model is not None and model.digest == lessons.digest:
        return model
    told = partial(progress.update, "learning what follows what", unit="rounds")
    return learn_followed(lessons, words, lambda done, of: told(done=done, total=of))


def _section(chunk: Chunk) -> Place:
    return Place((chunk.collection, chunk.document_id, chunk.section), chunk.id)


def _chunks_by_heading(
    catalog: Catalog, documents: Iterable[tuple[str, str]]
) -> dict[tuple[str, str, str], tuple[Chunk, ...]]:
    """(collection, document, last heading) to the chunks of the first section that has some under that heading."""
    found: dict[tuple[str, str, str], tuple[Chunk, ...]] = {}
    for collection, document in documents:
        try:
            sections = catalog.sections(document, collection)
        except NotFoundError:
            continue
        for section in sections:
            chunks = catalog.section_chunks(collection, document, section.index)
            if section.heading_path and chunks:
                found.setdefault((collection, document, section.heading_path[-1]), chunks)
    return found


def _place(quote: str, chunks: Sequence[Chunk]) -> tuple[str, int]:
    """``(chunk id, offset of the quote in the document)``; the section's first chunk and -1 without a quote."""
    for chunk in chunks:
        at = chunk.text.find(quote) if quote else -1
        if at >= 0:
            return chunk.id, chunk.start + at
    return chunks[0].id, -1
