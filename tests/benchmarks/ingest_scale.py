"""Ingests a folder and prints what it cost, as JSON: ``python -m tests.benchmarks.ingest_scale FOLDER [DATA_DIR]``.

Runs three ingests: the first, one with nothing changed, and one after a page was changed (in a copy of its text
that is put back afterwards). ``--model hashing`` leaves the model out and measures everything else; ``--fast`` embeds
with OpenVINO. Megabytes are 1,000,000 bytes; peak memory is that of the whole process so far.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from ingest.disk import tree_bytes
from ingest.embedders import load_embedder
from ingest.generations import Generations
from ingest.holder import open_live
from ingest.pipeline import ingest
from ingest.protocols import Embedder
from ingest.report import IngestReport
from ingest.sources.folder import discover


class Told:
    """Progress on stderr, at most once a second, so that stdout holds the JSON alone."""

    def __init__(self) -> None:
        self._last = 0.0
        self.peak_rss_mb: dict[str, int] = {}
        """Peak memory so far at the end of each stage."""

    def update(self, stage: str, done: int, total: int, unit: str) -> None:
        self.peak_rss_mb[stage] = peak_rss_mb()
        if time.monotonic() - self._last > 1 or done == total:
            self._last = time.monotonic()
            print(f"\r{stage} {done:,}/{total:,} {unit}   ", end="", file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("data_dir", type=Path, nargs="?")
    parser.add_argument("--model", default="all-MiniLM-L6-v2")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--fast", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        data_dir = arguments.data_dir or Path(temporary)
        embedder = load_embedder(arguments.model, data_dir, arguments.threads, fast=arguments.fast)
        measured = measure(arguments.folder, data_dir, embedder)
    print(json.dumps(measured, indent=2))


def peak_rss_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 // 1_000_000  # Linux counts in KiB


def measure(folder: Path, data_dir: Path, embedder: Embedder) -> dict[str, object]:
    def run(told: Told) -> IngestReport:
        return ingest([folder], data_dir=data_dir, embedder=embedder, progress=told)

    told = Told()
    first, unchanged = run(told), run(Told())
    page = discover(folder).files[0].path
    text = page.read_bytes()
    try:
        page.write_bytes(text + b"\n\nOne more sentence for the benchmark.\n")
        changed = run(Told())
    finally:
        page.write_bytes(text)
    generations = Generations(data_dir)
    live = generations.path(generations.live())
    listed = {"failed", "warnings", "duplicates"}
    stores = {path.name: tree_bytes(path) if path.is_dir() else path.stat().st_size for path in live.iterdir()}
    return {
        "first": {key: value for key, value in asdict(first).items() if key not in listed},
        "failed": len(first.failed),
        "copies_indexed_once": len(first.duplicates),
        "warnings": len(first.warnings),
        "unchanged_seconds": unchanged.seconds,
        "one_changed_page_seconds": changed.seconds,
        "peak_rss_mb": peak_rss_mb(),
        "peak_rss_mb_after": told.peak_rss_mb,
        "bytes_on_disk": stores | {"embeddings.sqlite3": (data_dir / "embeddings.sqlite3").stat().st_size},
        "searches_ms": searches(data_dir, embedder),
    }


def searches(data_dir: Path, embedder: Embedder) -> dict[str, float]:
    """Median milliseconds over some questions, after the first one; titles_found is a share, 0 to 1."""
    begun = time.perf_counter()
    index = open_live(Generations(data_dir), embedder)
    opened = time.perf_counter() - begun
    index.warm()
    warmed = time.perf_counter() - begun - opened
    asked = index.documents()[:: max(1, index.manifest.documents // 50)]
    found = 0
    taken: dict[str, list[float]] = {"embed": [], "dense": [], "lexical": [], "vectors_of_100": []}
    for title, document in ((line.title, line.id) for line in asked):
        marks = [time.perf_counter()]
        vector = embedder.embed([title])[0]
        marks.append(time.perf_counter())
        hits = index.dense(vector, 100)
        marks.append(time.perf_counter())
        words = index.lexical(title, 100)
        marks.append(time.perf_counter())
        index.vectors([hit.chunk_id for hit in hits])
        marks.append(time.perf_counter())
        chunks = index.chunks([hit.chunk_id for hit in (*hits, *words)])
        found += any(chunk.document_id == document for chunk in chunks.values())
        for name, start, end in zip(taken, marks, marks[1:], strict=False):
            taken[name].append((end - start) * 1000)
    medians = {name: round(sorted(values)[len(values) // 2], 2) for name, values in taken.items()}
    shares = {"titles_found": round(found / len(asked), 3)}
    return {"open": round(opened * 1000, 1), "warm": round(warmed * 1000, 1), **medians, **shares}


if __name__ == "__main__":
    main()
