"""Which files are found: stable ids, ignored and hidden ones left out, links that lead away or in circles survived."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ingest.errors import BadInputError
from ingest.sources.folder import discover


def ids(root: Path) -> list[str]:
    return [file.id for file in discover(root).files]


def fill(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("# x\n")


def test_a_documents_id_is_its_posix_path_under_the_root_and_the_order_is_stable(tmp_path: Path) -> None:
    fill(tmp_path, "b.md", "a/z.md", "a/b/c.TXT", "a-b.md", "picture.png")
    assert ids(tmp_path) == ["a-b.md", "a/b/c.TXT", "a/z.md", "b.md"]


def test_a_single_file_is_its_own_root_and_its_id_is_its_name(tmp_path: Path) -> None:
    fill(tmp_path, "guide.md", "other.md")
    found = discover(tmp_path / "guide.md")
    assert [(file.id, file.source) for file in found.files] == [("guide.md", str((tmp_path / "guide.md").resolve()))]


def test_hidden_and_ignored_files_are_left_out(tmp_path: Path) -> None:
    fill(
        tmp_path, ".git/x.md", ".note.md", "build/out.md", "keep.md", "drafts/a.md", "drafts/final.md", "deep/b.log.md"
    )
    (tmp_path / ".gitignore").write_text("build/\n*.log.md\n")
    (tmp_path / "drafts" / ".gitignore").write_text("*\n!final.md\n")
    assert ids(tmp_path) == ["drafts/final.md", "keep.md"]


def test_linked_folders_are_not_followed_so_loops_end(tmp_path: Path) -> None:
    fill(tmp_path, "a/x.md")
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    (tmp_path / "circle.md").symlink_to(tmp_path / "circle.md")
    found = discover(tmp_path)
    assert [file.id for file in found.files] == ["a/x.md"]
    assert len(found.warnings) == 2


def test_a_linked_file_is_followed_only_within_the_root(tmp_path: Path) -> None:
    root = tmp_path / "docs"
    fill(tmp_path, "secret.md", "docs/readme.md")
    (root / "inside.md").symlink_to(root / "readme.md")
    (root / "outside.md").symlink_to(tmp_path / "secret.md")
    found = discover(root)
    assert [file.id for file in found.files] == ["inside.md", "readme.md"]
    assert "outside.md is a link that leads out of the folder" in found.warnings[0]


def test_a_missing_path_and_an_unknown_kind_say_so_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"nowhere does not exist\. Check the path"):
        discover(tmp_path / "nowhere")
    (tmp_path / "a.exe").write_bytes(b"MZ")
    with pytest.raises(BadInputError, match="not a kind of file that is read"):
        discover(tmp_path / "a.exe")


def test_a_name_that_is_not_utf8_is_reported_and_left_out(tmp_path: Path) -> None:
    fill(tmp_path, "good.md")
    try:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/bad\xff.md")).write_text("# x")
    except OSError:
        pytest.skip("this file system refuses such names")
    found = discover(tmp_path)
    assert [file.id for file in found.files] == ["good.md"]
    assert "not UTF-8" in found.warnings[0]
