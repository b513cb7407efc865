"""The fault run: an ingest killed, without disk, over files that change and a network that drops.

    python -m tests.faults.run [--pages 2000] [--kills 50] [--seed 1]

After each fault the live index must answer as before and the next run must complete; the first broken promise ends the
run with an error. Prints what was done as a Markdown table. The full disk needs the right to mount a tmpfs.
"""

from __future__ import annotations

import argparse
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from ingest.errors import AskwellError, DiskFullError
from ingest.pipeline import ingest
from ingest.sources.source import Source
from tests.faults.library import Library, page
from tests.ingest.sources.site import Site, serving

ROOT = Path(__file__).parents[2]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=2_000)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    chance = random.Random(chosen.seed)
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        print("| fault | times | what was seen |\n| --- | --- | --- |", flush=True)
        print(killed(base / "killed", chosen.pages, chosen.kills, chance), flush=True)
        print(full_disk(base / "full", chosen.pages // 10, chosen.rounds), flush=True)
        print(changing_files(base / "changing", chosen.pages // 4, chosen.rounds, chance), flush=True)
        print(dropping_network(base / "network", chosen.pages // 10, chosen.rounds, chance), flush=True)


def killed(folder: Path, pages: int, kills: int, chance: random.Random) -> str:
    """SIGKILL at random moments of an ingest in which a fifth of the pages changed; then a run that completes."""
    library = Library(folder / "docs", folder / "data")
    probes = range(0, pages, max(1, pages // 20))
    library.write(range(pages), 1)
    library.ingest()
    library.write(range(0, pages, 5), 2)
    begun = time.monotonic()
    assert _start(library).wait() == 0
    whole = time.monotonic() - begun
    before, switched, version = 0, 0, 2
    at: list[float] = []
    while len(at) < kills:
        version += 1
        live, was = library.live(), library.versions(probes)
        changed = range((version * 37) % 5, pages, 5)
        library.write(changed, version)
        process = _start(library)
        moment = chance.uniform(0.0, whole)
        time.sleep(moment)
        process.send_signal(signal.SIGKILL)
        if process.wait() == 0:  # it was quicker: the machine has less else to do than at the start
            whole = moment
            continue
        at.append(moment)
        expected = [version if number in changed else one for number, one in zip(probes, was, strict=True)]
        now = library.versions(probes)
        if library.live() == live:
            assert now == was, "the live index answers otherwise than before the fault"
            before += 1
        else:
            assert now == expected, "the new index does not hold what was written"
            switched += 1
        report = library.ingest()
        assert library.versions(probes) == expected
        assert report.documents == pages
        assert library.leftovers() == set()
    moments = f"{min(at):.1f} to {max(at):.1f} s into a run of about {whole:.1f} s" if at else "never in time"
    return (
        f"| SIGKILL at random moments ({pages:,} pages, {len(range(0, pages, 5))} changed) | {before + switched} | "
        f"{before} times the old index answered as before, {switched} times the new one was live already; every next "
        f"run completed, nothing was left behind ({moments}) |"
    )


def _start(library: Library) -> subprocess.Popen[bytes]:
    code = "import sys; from pathlib import Path; from tests.faults.library import Library; "
    code += "Library(Path(sys.argv[1]), Path(sys.argv[2])).ingest()"
    return subprocess.Popen([sys.executable, "-c", code, str(library.folder), str(library.data_dir)], cwd=ROOT)


def full_disk(folder: Path, pages: int, rounds: int) -> str:
    """A small file system with less and less room."""
    small = folder / "small"
    small.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(small)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        return "| full disk | 0 | not run: needs the right to mount a small file system |"
    try:
        library = Library(folder / "docs", small / "data")
        probes = range(0, pages, max(1, pages // 10))
        library.write(range(pages), 1)
        library.ingest()
        was, filler = library.versions(probes), small / "filler"
        full = 0
        for step in range(rounds):
            library.write(range(pages), step + 2)
            filler.write_bytes(b"")
            free = _free(small)
            filler.write_bytes(b"x" * max(0, free - 40_000 * 3**step))
            try:
                library.ingest()
                was = [step + 2] * len(was)
            except DiskFullError:
                full += 1
            assert library.versions(probes) == was, "the live index answers otherwise than before the fault"
        filler.unlink()
        library.write(range(pages), rounds + 2)
        library.ingest()
        assert set(library.versions(probes)) == {rounds + 2}
        assert library.leftovers() == set()
    finally:
        subprocess.run(["umount", "-l", str(small)], check=True)
    return (
        f"| disk full ({pages:,} pages, all changed) | {full} | one sentence each time, the old index answered as "
        "before; with room again the next run completed |"
    )


def _free(folder: Path) -> int:
    import os

    status = os.statvfs(folder)
    return status.f_bavail * status.f_frsize


def changing_files(folder: Path, pages: int, rounds: int, chance: random.Random) -> str:
    """Files written, removed and renamed as fast as it goes while they are read."""
    library = Library(folder / "docs", folder / "data")
    library.write(range(pages), 1)
    library.ingest()
    touched = 0
    for version in range(2, rounds + 2):
        stop = threading.Event()
        counted: list[int] = []
        thread = threading.Thread(target=_stir, args=(library, pages, version, stop, counted, chance))
        thread.start()
        try:
            ingest([library.folder], data_dir=library.data_dir, embedder=library.embedder)
        finally:
            stop.set()
            thread.join()
        touched += counted[0]
        library.write(range(pages), version)
        library.ingest()
        assert set(library.versions(range(0, pages, 10))) == {version}
        assert library.leftovers() == set()
    return (
        f"| files changing underneath ({pages:,} pages) | {rounds} | {touched:,} writes and removals during the "
        "runs; no run failed, and the next one held exactly what was on disk |"
    )


def _stir(
    library: Library, pages: int, version: int, stop: threading.Event, counted: list[int], chance: random.Random
) -> None:
    """Writes and removes pages until told to stop; how many, into ``counted``."""
    count = 0
    while not stop.is_set():
        name, text = page(chance.randrange(pages), version)
        path = library.folder / name
        if chance.random() < 0.2:
            path.unlink(missing_ok=True)
        else:
            path.write_text(text)
        count += 1
        time.sleep(0.0005)
    counted.append(count)


def dropping_network(folder: Path, pages: int, rounds: int, chance: random.Random) -> str:
    """A site that stops answering in the middle of being fetched."""
    library = Library(folder / "docs", folder / "data")
    kept = dropped = 0
    with serving() as site:
        addresses = [f"/{number}" for number in range(pages)]
        source = Source(site.sitemap(*addresses), allow_hosts=("127.0.0.1",), rate=1e6)
        _publish(site, pages, 1)
        _fetch(library, source)
        for version in range(2, rounds + 2):
            was = _texts(library)
            _publish(site, pages, version)
            gone = chance.randrange(2, pages)
            working = dict(site.pages)
            for number in range(gone, pages):
                site.pages[f"/{number}"] = _hang_up
            _fetch(library, source)
            now = _texts(library)
            assert now.keys() == was.keys(), "a page that could not be reached was lost"
            kept += sum(now[name] == was[name] for name in now)
            dropped += 1
            site.pages.update(working)
            _fetch(library, source)
            assert all(f"version {version} " in text for text in _texts(library).values())
    return (
        f"| network dropping ({pages:,} pages of a site) | {dropped} | {kept:,} pages could not be reached and "
        "stayed as they were; every next run completed |"
    )


def _publish(site: Site, pages: int, version: int) -> None:
    site.put({f"/{n}": f"<h1>Page {n}</h1><p>Page {n} in version {version} of the site.</p>" for n in range(pages)})


def _hang_up(handler: object) -> None:
    """Closes the connection without a word."""


def _fetch(library: Library, source: Source) -> None:
    try:
        ingest([source], data_dir=library.data_dir, embedder=library.embedder)
    except AskwellError as error:
        print(error, file=sys.stderr)


def _texts(library: Library) -> dict[str, str]:
    from ingest.generations import Generations
    from ingest.holder import open_live

    index = open_live(Generations(library.data_dir), library.embedder)
    try:
        return {document.id: index.document(document.id).text for document in index.documents()}
    finally:
        index.close()


if __name__ == "__main__":
    main()
