"""deploy/: without root, with a read-only root, from named versions, and with settings and files that exist.

The image is not built here: that needs a container engine and its registries. What was seen when it was built stands in
docs/operating.md.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import yaml

from assistant.settings import Settings
from tests.docs.pages import ROOT

CONTAINERFILE = (ROOT / "deploy/Containerfile").read_text("utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text("utf-8"))
PINNED = dict(line.split("==") for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines() if "==" in line)


def instructions() -> list[tuple[str, str]]:
    """(instruction, arguments) with continued lines joined and comments left out."""
    lines = [line for line in CONTAINERFILE.splitlines() if not line.lstrip().startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [(words[0], words[1]) for line in joined.splitlines() if (words := line.split(maxsplit=1))]


def final_stage() -> list[tuple[str, str]]:
    every = instructions()
    last = max(number for number, (name, _) in enumerate(every) if name == "FROM")
    return every[last:]


def test_the_image_runs_without_root_checks_itself_and_stops_on_a_signal() -> None:
    stage = dict(final_stage())
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", stage["USER"])
    assert "/healthz" in stage["HEALTHCHECK"]
    assert stage["STOPSIGNAL"] == "SIGTERM"
    assert stage["ENTRYPOINT"] == '["askwell"]'
    assert "ASKWELL_REQUIRE_KEY=true" in " ".join(arguments for name, arguments in final_stage() if name == "ENV")


class Answering(BaseHTTPRequestHandler):
    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status if self.path == "/healthz" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


def test_the_health_check_asks_the_containers_own_port_and_tells_well_from_ill() -> None:
    written = dict(final_stage())["HEALTHCHECK"].partition("CMD ")[2]
    _, *arguments = json.loads(written)
    server = HTTPServer(("127.0.0.1", 0), Answering)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def check() -> int:
        environment = {**os.environ, "ASKWELL_PORT": str(server.server_port)}
        return subprocess.run([sys.executable, *arguments], env=environment, stderr=subprocess.DEVNULL).returncode

    assert check() == 0
    Answering.status = 500
    assert check() == 1
    server.shutdown()
    server.server_close()
    assert check() == 1


def test_nothing_is_fetched_by_address_and_every_base_is_a_version() -> None:
    for name, arguments in instructions():
        assert name != "ADD"
        assert "curl" not in arguments
        if name == "FROM":
            assert re.match(r"python:3\.\d+-slim-\w+( AS \w+)?$", arguments), arguments


def test_what_is_copied_exists_and_is_let_through_by_dockerignore() -> None:
    let_through = {
        line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")
    }
    copied = {
        source
        for name, arguments in instructions()
        if name == "COPY" and "--from" not in arguments
        for source in arguments.split()[:-1]
    }
    assert copied == let_through
    assert all((ROOT / source).exists() for source in copied)


def test_extras_and_settings_that_are_named_exist() -> None:
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    extras = re.search(r"'\.\[([\w,]+)\]'", CONTAINERFILE)
    assert extras is not None
    for extra in extras[1].split(","):
        assert re.search(rf"^{extra} = \[", project, re.M), extra
    known = {f"ASKWELL_{name.upper()}" for name in Settings.model_fields}
    used = set(re.findall(r"ASKWELL_\w+", CONTAINERFILE)) | set(COMPOSE["services"]["askwell"]["environment"])
    assert used <= known


@pytest.mark.parametrize("service", sorted(COMPOSE["services"]))
def test_no_service_may_gain_rights_or_is_of_no_version(service: str) -> None:
    described = COMPOSE["services"][service]
    assert described["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in described["security_opt"]
    assert "build" in described or re.search(r":\d", described["image"])


def test_askwell_is_read_only_reachable_from_this_machine_alone_and_waits_for_its_servers() -> None:
    askwell = COMPOSE["services"]["askwell"]
    assert askwell["read_only"] is True
    assert askwell["tmpfs"] == ["/tmp"]
    assert askwell["volumes"] == ["data:/data"]
    assert all(port.startswith("127.0.0.1:") for port in askwell["ports"])
    assert set(askwell["depends_on"]) == {"postgres", "chroma"}
    grace = int(str(askwell["stop_grace_period"]).removesuffix("s"))
    assert grace > Settings.model_fields["shutdown_seconds"].default
    for name in ("postgres", "chroma"):
        assert "ports" not in COMPOSE["services"][name]


def test_postgresql_is_well_only_once_it_takes_connections_from_other_machines() -> None:
    """While the image makes its database, a server answers on the socket alone, and is stopped again."""
    test = COMPOSE["services"]["postgres"]["healthcheck"]["test"]
    assert test[test.index("-h") + 1] == "127.0.0.1"


def test_further_settings_may_lie_in_a_file_that_reaches_neither_git_nor_the_image() -> None:
    assert COMPOSE["services"]["askwell"]["env_file"] == [{"path": "askwell.env", "required": False}]
    ignored = subprocess.run(["git", "check-ignore", "-q", "deploy/askwell.env"], cwd=ROOT)
    assert ignored.returncode == 0
    assert "deploy" not in (ROOT / ".dockerignore").read_text("utf-8").split("*", 1)[1]


def test_the_password_has_no_default_and_chroma_has_the_version_that_is_tested() -> None:
    text = (ROOT / "deploy/compose.yaml").read_text("utf-8")
    assert set(re.findall(r"\$\{POSTGRES_PASSWORD([^}]*)\}", text)) == {":?set a password"}
    assert COMPOSE["services"]["chroma"]["image"] == f"chromadb/chroma:{PINNED['chromadb']}"
