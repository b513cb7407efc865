"""A real ingest in a process of its own, to be killed: says each step, and at the end that it is done."""

from __future__ import annotations

import multiprocessing
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

# Imported late by the ingest, and here once for all processes
import chromadb  # noqa: F401
import tantivy  # noqa: F401

import ingest.embedding_cache
from ingest.embedders.hashing import HashingEmbedder
from ingest.pipeline import ingest as run

# Each process is forked from one that has imported all this and done nothing: Python starts once, not sixty times.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload([__name__])


class Told:
    def __init__(self, says: Connection) -> None:
        self._says = says

    def update(self, stage: str, done: int, total: int, unit: str) -> None:
        self._says.send(f"{stage} {done}/{total} {unit}")


def work(folder: Path, data_dir: Path, says: Connection) -> None:
    ingest.embedding_cache.BATCH = 16  # more commits, more moments to be killed between
    run([folder], data_dir=data_dir, embedder=HashingEmbedder(dimension=64), progress=Told(says))
    says.send("done")


def start(folder: Path, data_dir: Path) -> tuple[ForkServerProcess, Connection]:
    """The process, and what it says: a line for each step, then the end of the file."""
    heard, says = PROCESSES.Pipe(duplex=False)
    process = PROCESSES.Process(target=work, args=(folder, data_dir, says))
    process.start()
    says.close()
    return process, heard
