"""Kills an ingest with SIGKILL and lets it go on: ``python -m tests.benchmarks.killed_ingest FOLDER DATA_DIR``.

``DATA_DIR`` must hold a live index already, say of one small file: it has to answer after every kill. Each round runs
``askwell ingest FOLDER`` until so many more chunks were embedded, kills it, and asks the live index. The last round
runs to its end. Printed as JSON: what each round added to the embedding cache, and what the last one embedded. The
last one's own count and the growth of the cache are equal only if nothing was embedded a second time.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

_ASKWELL = str(Path(sys.executable).with_name("askwell"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--every", type=int, default=40_000, help="chunks embedded between two kills")
    parser.add_argument("--collection", default="archive")
    parser.add_argument("--question", required=True, help="asked of the live index after every kill")
    chosen = parser.parse_args()
    os.environ["ASKWELL_DATA_DIR"] = str(chosen.data_dir.absolute())
    command = [_ASKWELL, "ingest", chosen.folder, "--collection", chosen.collection, "--json"]
    rounds: list[dict[str, object]] = []
    for _ in range(chosen.kills):
        before = embedded(chosen.data_dir)
        seconds = kill_after(command, chosen.data_dir, before + chosen.every)
        rounds.append({"embedded": embedded(chosen.data_dir) - before, "seconds": seconds, "answers": answers(chosen)})
        print(json.dumps(rounds[-1]), file=sys.stderr, flush=True)
    before = embedded(chosen.data_dir)
    began = time.monotonic()
    report = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    last = {
        "embedded": report["embedded"],
        "cache_grew_by": embedded(chosen.data_dir) - before,
        "seconds": round(time.monotonic() - began),
        "documents": report["documents"],
        "chunks": report["chunks"],
    }
    print(json.dumps({"killed": rounds, "last": last, "answers": answers(chosen)}, indent=2))


def embedded(data_dir: Path) -> int:
    """Vectors in the embedding cache."""
    path = data_dir / "embeddings.sqlite3"
    if not path.is_file():
        return 0
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=60)) as connection:
        return int(connection.execute("SELECT max(rowid) FROM embeddings").fetchone()[0] or 0)


def kill_after(command: list[str], data_dir: Path, wanted: int) -> float:
    """Seconds until the ingest was killed. Raises RuntimeError when it ended before."""
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    while embedded(data_dir) < wanted:
        if process.poll() is not None:
            raise RuntimeError("The ingest ended before it could be killed: lower --every or --kills.")
        time.sleep(0.2)
    process.send_signal(signal.SIGKILL)
    process.wait()
    return round(time.monotonic() - began, 1)


def answers(chosen: argparse.Namespace) -> bool:
    """Whether the live index finds something for the question."""
    asked = [_ASKWELL, "ask", chosen.question, "--json"]
    done = subprocess.run(asked, stdout=subprocess.PIPE, text=True)
    return done.returncode == 0 and json.loads(done.stdout)["status"] == "answered"


if __name__ == "__main__":
    main()
