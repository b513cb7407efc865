"""The threat model names every risk of both lists, what is left of each, and only tests that exist."""

from __future__ import annotations

import re

from tests.docs.pages import ROOT

PAGE = (ROOT / "docs/threat-model.md").read_text("utf-8")


def test_every_risk_of_both_lists_has_its_place_and_says_what_is_left() -> None:
    parts = re.split(r"^### ", PAGE, flags=re.M)[1:]
    assert [part.split()[0] for part in parts] == [
        *(f"LLM{number:02d}" for number in range(1, 11)),
        *(f"API{number}" for number in range(1, 11)),
    ]
    for part in parts:
        assert "- Left: " in part, part.splitlines()[0]
        assert "- Shown by: " in part, part.splitlines()[0]


def test_every_test_that_is_named_exists() -> None:
    named = re.findall(r"`(tests/[\w/.]+)::(\w+)`", PAGE)
    assert len(named) > 30
    for path, name in named:
        assert re.search(rf"^ *(async )?def {name}\(", (ROOT / path).read_text("utf-8"), re.M), f"{path}::{name}"
