"""Extraction in its own process: a file that hangs, bursts or crashes its parser costs that file and nothing else."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

import pytest

from ingest.formats.extracted import ParseError
from ingest.formats.isolated import Isolated, Limits
from tests.ingest.formats import made


@pytest.fixture(scope="module")
def isolated() -> Iterator[Isolated]:
    with Isolated() as extract:
        yield extract


def test_it_gives_what_extraction_in_this_process_gives(isolated: Isolated) -> None:
    from ingest.formats import extract_here

    for form, suffix in (("HTML", ".html"), ("PDF", ".pdf"), ("Word", ".docx"), ("reStructuredText", ".rst")):
        raw = made.article(suffix)
        assert isolated(form, raw, f"gateway{suffix}") == extract_here(form, raw, f"gateway{suffix}")


def test_a_parser_that_trips_names_the_file_and_the_next_file_is_read(isolated: Isolated) -> None:
    with pytest.raises(ParseError, match=r"bad\.docx is broken"):
        isolated("Word", b"PK\x03\x04nonsense", "bad.docx")
    assert "gateway" in isolated("HTML", made.article(".html"), "good.html").text


def test_a_process_that_was_killed_is_replaced(isolated: Isolated) -> None:
    isolated("HTML", b"<p>Tea</p>", "tea.html")
    process = isolated._process
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    with pytest.raises(ParseError, match=r"tea\.html brought the reader of HTML files down"):
        isolated("HTML", b"<p>Tea</p>", "tea.html")
    assert isolated("HTML", b"<p>Tea</p>", "tea.html").text == "Tea\n"


def test_a_file_that_takes_too_long_is_given_up() -> None:
    slow = b"<p>" + b"<b>*a_ </b>" * 400_000
    begun = time.monotonic()
    with Isolated(Limits(seconds=1.5, seconds_per_mib=0.0)) as extract:
        with pytest.raises(ParseError, match=r"slow\.html (took more than 2 seconds|brought the reader)"):
            extract("HTML", slow, "slow.html")
        assert extract("HTML", b"<p>Tea</p>", "tea.html").text == "Tea\n"
    assert time.monotonic() - begun < 20


def test_a_file_that_needs_too_much_memory_is_given_up() -> None:
    large = b"<p>" + b"<i>x</i>" * 200_000
    with Isolated(Limits(seconds=60, memory=180 * 2**20)) as extract:
        with pytest.raises(ParseError, match=r"large\.html (needs too much memory|brought the reader|cannot be read)"):
            extract("HTML", large, "large.html")
        assert extract("HTML", b"<p>Tea</p>", "tea.html").text == "Tea\n"


def test_it_is_told_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    with Isolated() as extract:
        extract("HTML", b"<p>Tea</p>", "tea.html")
        assert extract._process is not None
        environment = open(f"/proc/{extract._process.pid}/environ", "rb").read()  # noqa: PTH123, SIM115
    assert b"sk-secret" not in environment
