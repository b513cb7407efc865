"""What is under version control carries nothing of the machine it was made on, and no heavy picture."""

from __future__ import annotations

import re
import subprocess

from tests.docs.pages import ROOT


def tracked() -> list[str]:
    """Paths of the files under version control."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [path for path in listed.stdout.split("\0") if path and (ROOT / path).is_file()]


def test_no_file_names_a_folder_of_somebodys_machine_or_a_package_registry() -> None:
    folders = "|".join(("work", "home", "root", "Users", "mnt"))
    hosts = (
        "pypi.org",
        "download.pytorch.org",
        "pythonhosted.org",
        "npmjs",
        "anaconda.org",
        "crates.io",
        "docker.io",
        "ghcr.io",
        "proxy.golang",
    )
    wrong = re.compile(rf"(?<![\w.$}}])/(?:{folders})/[\w.]+|" + "|".join(map(re.escape, hosts)))
    here = "tests/docs/test_tidy.py"
    found = []
    for path in tracked():
        if path == here or path.endswith((".png", ".onnx")):
            continue
        text = (ROOT / path).read_text("utf-8", "replace")
        found += [f"{path}: {match.group()}" for match in wrong.finditer(text)]
    assert found == []


def test_pictures_are_small() -> None:
    pictures = sorted((ROOT / "docs/images").glob("*.png"))
    assert pictures
    assert [picture.name for picture in pictures if picture.stat().st_size >= 400_000] == []
