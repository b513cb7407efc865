"""constraints.txt: the exact versions install on every Python that pyproject.toml promises, not only on this one."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, metadata

from packaging.specifiers import SpecifierSet

from tests.docs.pages import ROOT


def test_every_pinned_version_runs_on_the_oldest_python_that_is_promised() -> None:
    promised = re.search(r'^requires-python = ">=(\d+\.\d+)"', (ROOT / "pyproject.toml").read_text("utf-8"), re.M)
    assert promised is not None
    oldest = f"{promised[1]}.0"
    too_new = []
    for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines():
        name, _, version = line.partition("==")
        try:
            known = metadata(name)
        except (PackageNotFoundError, ValueError):  # of an extra that is not installed here
            continue
        needs = "".join(known.get_all("Requires-Python") or ())
        if known["Version"] == version and needs and not SpecifierSet(needs).contains(oldest):
            too_new.append(f"{line} needs Python {needs}")
    assert not too_new, "Debian 12 has Python 3.11.2; take an older version of: " + ", ".join(too_new)
