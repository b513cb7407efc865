"""Pages for fault runs, each saying its version throughout, and what must hold after a fault."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ingest.embedders.hashing import HashingEmbedder
from ingest.generations import Generations
from ingest.holder import open_live
from ingest.pipeline import ingest
from ingest.report import IngestReport

_VERSION = re.compile(r"version (\d+)")


def page(number: int, version: int) -> tuple[str, str]:
    """(name, text). One in ten is HTML, so that the parsers' own process is in the run too."""
    parts = [
        f"Part {part} of page {number} in version {version} speaks of matter {number * 7 + part}." for part in range(3)
    ]
    if number % 10 == 0:
        body = "".join(f"<h2 id=p{n}>Part {n}</h2><p>{text}</p>" for n, text in enumerate(parts))
        return f"{number % 50:02}/{number:04}.html", f"<main><h1>Page {number}</h1>{body}</main>"
    body = "".join(f"\n## Part {n}\n\n{text}\n" for n, text in enumerate(parts))
    return f"{number % 50:02}/{number:04}.md", f"# Page {number}\n{body}"


@dataclass(frozen=True, slots=True)
class Library:
    folder: Path
    data_dir: Path

    @property
    def embedder(self) -> HashingEmbedder:
        return HashingEmbedder(dimension=64)

    def write(self, numbers: range, version: int) -> None:
        for number in numbers:
            name, text = page(number, version)
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def ingest(self) -> IngestReport:
        return ingest([self.folder], data_dir=self.data_dir, embedder=self.embedder)

    def live(self) -> str:
        return Generations(self.data_dir).live()

    def versions(self, probes: range) -> list[int]:
        """The version of each probed page, as both searches and the stored text give it; they must agree."""
        index = open_live(Generations(self.data_dir), self.embedder)
        try:
            found = []
            for number in probes:
                name = page(number, 0)[0]
                question = f"Part 1 of page {number} speaks of matter {number * 7 + 1}."
                text = index.document(name).text
                versions = {int(match) for match in _VERSION.findall(text)}
                assert len(versions) == 1, f"{name} is half of one version and half of another"
                for hits in (index.lexical(question, 3), index.dense(self.embedder.embed([question])[0], 5)):
                    chunks = index.chunks([hit.chunk_id for hit in hits])
                    own = [chunk for chunk in chunks.values() if chunk.document_id == name]
                    assert hits, f"nothing is found for page {number}"
                    assert all(text[chunk.start : chunk.end] == chunk.text for chunk in own)
                found.append(versions.pop())
            counts = index.counts()
            assert counts["catalog"] == counts["lexical"] == counts["chroma"] == index.manifest.chunks
            return found
        finally:
            index.close()

    def leftovers(self) -> set[str]:
        generations = Generations(self.data_dir)
        return {path.name for path in generations.folder.iterdir()} - {"CURRENT", *generations.names()}
