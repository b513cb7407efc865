"""A real ingest in a process of its own, to be killed: says each step on stdout. ``killed_ingest.py FOLDER DATA``."""

from __future__ import annotations

import sys
from pathlib import Path

import ingest.embedding_cache
from ingest.embedders.hashing import HashingEmbedder
from ingest.pipeline import ingest as run


class Told:
    def update(self, stage: str, done: int, total: int, unit: str) -> None:
        print(f"{stage} {done}/{total} {unit}", flush=True)


if __name__ == "__main__":
    ingest.embedding_cache.BATCH = 16  # more commits, more moments to be killed between
    run([Path(sys.argv[1])], data_dir=Path(sys.argv[2]), embedder=HashingEmbedder(dimension=64), progress=Told())
    print("done", flush=True)
