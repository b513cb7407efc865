"""A small honest assistant: it looks words up in three sections and quotes the best one. Computable by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from assistant.types import Answer, Citation, Hit, Question
from evals.metrics.statements import content_words
from ingest.errors import NotFoundError
from ingest.types import Chunk, Document, Scope, Section

SECTIONS = (
    ("limits.md", ("Limits", "Item size"), "A DynamoDB item is at most 400 KB."),
    ("limits.md", ("Limits", "Key length"), "A sort key is up to 1,024 bytes."),
    ("graph.md", ("Graph", "Strengths"), "Graph databases find fraud rings."),
)


def _documents() -> Mapping[str, Document]:
    texts: dict[str, str] = {}
    for name, _, body in SECTIONS:
        texts[name] = texts.get(name, "") + body + "\n"
    return {n: Document(n, "default", n, "", text, "text/markdown", "hash") for n, text in texts.items()}


@dataclass
class SmallAssistant:
    """``threshold``: fewer shared words are refused. ``remembers``: follow-ups are searched with the turn before.
    ``off_by``: shifts every citation's place, a seeded defect."""

    threshold: int = 1
    remembers: bool = True
    off_by: int = 0
    before: dict[str, str] = field(default_factory=dict)

    def document(self, document_id: str, collection: str | None = None) -> Document:
        found = _documents().get(document_id)
        if found is None:
            raise NotFoundError(f"There is no document {document_id!r}.")
        return found

    def search(self, text: str, k: int = 10, scope: Scope = Scope()) -> list[Hit]:
        shared = [len(content_words(text) & content_words(" ".join((*path, body)))) for _, path, body in SECTIONS]
        order = sorted(range(len(SECTIONS)), key=lambda number: -shared[number])
        return [self._hit(number, rank, shared[number]) for rank, number in enumerate(order, 1) if shared[number]][:k]

    def ask(self, question: Question) -> Answer:
        conversation = question.conversation_id or f"c{len(self.before)}"
        standalone = question.text
        if self.remembers and question.conversation_id:
            standalone = f"{self.before[conversation]} {question.text}"
        self.before[conversation] = question.text
        hits = tuple(self.search(standalone))
        refused = not hits or hits[0].score < self.threshold
        citations = () if refused else (self._citation(hits[0]),)
        return Answer(
            id=f"a-{standalone}",
            conversation_id=conversation,
            question=question.text,
            standalone_question=standalone,
            status="not_found" if refused else "answered",
            text="Not found." if refused else f"{hits[0].chunk.text} [1]",
            citations=citations,
            related=(),
            hits=hits,
            generator="small",
            index_generation="g",
            confidence=hits[0].score / 10 if hits else 0.0,
        )

    def _hit(self, number: int, rank: int, score: float) -> Hit:
        name, path, body = SECTIONS[number]
        start = self.document(name).text.index(body)
        end = start + len(body)
        section = Section(name, "default", number, path, "", 2, "heading", start, start, end, end, -1)
        return Hit(Chunk("default", name, number, start, end, body, body), section, name, "", rank, score)

    def _citation(self, hit: Hit) -> Citation:
        start, end = hit.chunk.start + self.off_by, hit.chunk.end + self.off_by
        path = hit.section.heading_path
        return Citation(1, hit.chunk.document_id, "default", "", path, "", hit.chunk.text, start, end, 1.0, True)
