"""How quickly Askwell answers: ``python -m tests.benchmarks.serving [DATA_DIR] [--suite single]``.

Starts the real server on a loopback port over an existing index, waits until it has read ahead, asks the questions
of an eval set one after the other through HTTP, each once, and prints JSON: start of the command line, a cold
``askwell ask``, p50 and p95 of /v1/search and /v1/answers in milliseconds, memory of the server in MB (1,000,000
bytes), and whether torch is mapped into it. Run it alone on the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from evals.cases import load_suites

RUNS = 5
WARM_UP = 5


def seconds_of(command: Sequence[str], environment: dict[str, str]) -> float:
    """Median wall-clock seconds of a whole process, after one run that is not counted."""
    taken: list[float] = []
    for _ in range(RUNS + 1):
        began = time.perf_counter()
        subprocess.run(command, env=environment, check=True, capture_output=True)
        taken.append(time.perf_counter() - began)
    return statistics.median(taken[1:])


@contextmanager
def server(environment: dict[str, str]) -> Iterator[tuple[str, int]]:
    """``(address, process id)`` of a server that is ready; it is stopped afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "ui.main", "serve", "--port", str(port)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        address = f"http://127.0.0.1:{port}"
        try:
            for _ in range(300):
                try:
                    if httpx.get(f"{address}/readyz", timeout=2).status_code == 200:
                        break
                except httpx.HTTPError:
                    time.sleep(0.1)
            yield address, process.pid
        finally:
            process.terminate()
            process.wait(timeout=20)


def milliseconds(client: httpx.Client, path: str, questions: Sequence[str]) -> dict[str, float]:
    taken: list[float] = []
    for number, question in enumerate(questions):
        began = time.perf_counter()
        response = client.post(path, json={"question": question})
        response.raise_for_status()
        if number >= WARM_UP:
            taken.append((time.perf_counter() - began) * 1000)
    ordered = sorted(taken)
    return {
        "questions": len(ordered),
        "p50": round(statistics.median(ordered), 1),
        "p95": round(ordered[int(len(ordered) * 0.95)], 1),
    }


def idle_after(process: int) -> float:
    """Seconds until the server has read ahead: it used less than a tenth of a core for three seconds."""
    began = time.perf_counter()
    ticks, quiet = -1.0, 0
    while quiet < 3 and time.perf_counter() - began < 300:
        fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
        used = float(fields[11]) + float(fields[12])
        quiet = quiet + 1 if used - ticks < 10 else 0
        ticks = used
        time.sleep(1)
    return round(time.perf_counter() - began - 3, 1)


def memory(process: int) -> dict[str, float | bool]:
    """Resident memory of a process and of its children, in MB; peak of the process itself."""
    status = Path(f"/proc/{process}/status").read_text()
    values = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    maps = Path(f"/proc/{process}/maps").read_text()
    return {
        "rss_mb": round(int(values["VmRSS"].split()[0]) * 1024 / 1e6, 1),
        "peak_rss_mb": round(int(values["VmHWM"].split()[0]) * 1024 / 1e6, 1),
        "torch_mapped": "libtorch" in maps,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data_dir", nargs="?", default=".askwell")
    parser.add_argument("--suite", default="single", help="the eval set whose questions are asked")
    chosen = parser.parse_args()
    environment = os.environ | {"ASKWELL_DATA_DIR": str(Path(chosen.data_dir).resolve())}
    questions = [case.turns[0].question for case in load_suites([chosen.suite])[0].cases][:105]
    command = [sys.executable, "-m", "ui.main"]
    report: dict[str, object] = {
        "askwell --help, seconds": round(seconds_of([*command, "--help"], environment), 3),
        "askwell ask, cold process, seconds": round(
            seconds_of([*command, "ask", "What is Amazon Aurora?", "--json"], environment), 3
        ),
    }
    with server(environment) as (address, process), httpx.Client(base_url=address, timeout=60) as client:
        report["read ahead, seconds"] = idle_after(process)
        report["/v1/search, ms"] = milliseconds(client, "/v1/search", questions)
        report["/v1/answers, ms"] = milliseconds(client, "/v1/answers", questions)
        report["server"] = memory(process)
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
