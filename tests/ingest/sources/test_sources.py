"""Folders with patterns, archives, working trees and the sources file: what they offer, and what they must not do."""

from __future__ import annotations

import io
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

from ingest.errors import BadInputError
from ingest.sources.folder import discover
from ingest.sources.git import link_maker
from ingest.sources.listing import read_sources_file
from ingest.sources.source import Source
from tests.ingest.conftest import Library


def ids(library: Library) -> list[str]:
    return [document.id for document in library.open().documents()]


class TestPatterns:
    def test_include_and_exclude_choose_among_paths(self, tmp_path: Path) -> None:
        for name in ("guide/a.md", "guide/b.draft.md", "guide/deep/c.md", "blog/d.md", "e.md"):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text("# x")
        found = discover(tmp_path, include=["guide/", "/e.md"], exclude=["*.draft.md", "deep/"])
        assert [file.id for file in found.files] == ["e.md", "guide/a.md"]

    def test_what_is_newly_excluded_is_removed(self, library: Library) -> None:
        library.write({"a.md": "# A\n\nTea.", "b.md": "# B\n\nBread."})
        library.ingest()
        report = library.ingest(Source(str(library.folder), exclude=("b.md",)))  # type: ignore[arg-type]
        assert (report.removed, ids(library)) == (1, ["a.md"])


class TestLinks:
    def test_a_base_url_leads_to_the_original_and_a_new_one_is_taken_over(self, library: Library) -> None:
        library.write(
            {"guide/keys.md": "# Keys\n\nA key.", "own.md": "---\nurl: https://own.example/x\n---\n# Own\n\nO."}
        )
        folder = str(library.folder)
        library.ingest(Source(folder, base_url="https://docs.example.com"))  # type: ignore[arg-type]
        assert library.open().document("guide/keys.md").url == "https://docs.example.com/guide/keys.md"
        assert library.open().document("own.md").url == "https://own.example/x"
        again = library.ingest(Source(folder, base_url="https://docs.example.com"))  # type: ignore[arg-type]
        assert again.unchanged == 2
        report = library.ingest(Source(folder, base_url="https://new.example.com/{stem}/"))  # type: ignore[arg-type]
        assert (report.changed, report.embedded) == (2, 0)
        assert library.open().document("guide/keys.md").url == "https://new.example.com/guide/keys/"


class TestDuplicates:
    def test_the_same_content_through_two_paths_is_indexed_once(self, library: Library) -> None:
        library.write({"a.md": "# Tea\n\nTea is a drink.", "x/b.md": "# Tea\n\nTea is a drink.", "c.md": "# C\n\nC."})
        report = library.ingest()
        assert (report.added, report.duplicates) == (2, (("x/b.md", "a.md"),))
        assert ids(library) == ["a.md", "c.md"]
        again = library.ingest()
        assert (again.generation, again.unchanged, len(again.duplicates)) == (report.generation, 2, 1)

    def test_when_the_one_that_stood_for_it_goes_the_other_takes_its_place(self, library: Library) -> None:
        library.write({"a.md": "# Tea\n\nTea is a drink.", "b.md": "# Tea\n\nTea is a drink."})
        library.ingest()
        (library.folder / "a.md").unlink()
        report = library.ingest()
        assert (report.added, report.removed, report.embedded) == (1, 1, 0)
        assert ids(library) == ["b.md"]

    def test_a_document_that_becomes_a_copy_is_removed(self, library: Library) -> None:
        library.write({"a.md": "# Tea\n\nTea is a drink.", "b.md": "# B\n\nBread."})
        library.ingest()
        library.write({"b.md": "# Tea\n\nTea is a drink."})
        report = library.ingest()
        assert (report.removed, ids(library)) == (1, ["a.md"])

    def test_another_source_of_the_collection_counts_and_another_collection_does_not(
        self, library: Library, tmp_path: Path
    ) -> None:
        library.write({"a.md": "# Tea\n\nTea is a drink."})
        library.ingest()
        other = Library(tmp_path / "other", library.data_dir)
        other.write({"z.md": "# Tea\n\nTea is a drink.", "y.md": "# Y\n\nYes."})
        assert other.ingest().duplicates == (("z.md", "a.md"),)
        assert other.ingest(collection="team").duplicates == ()


class TestArchives:
    @staticmethod
    def tar(path: Path, files: dict[str, bytes], *extra: tarfile.TarInfo) -> Path:
        with tarfile.open(path, "w:gz") as archive:
            for name, content in files.items():
                info = tarfile.TarInfo(name)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
            for info in extra:
                archive.addfile(info)
        return path

    def test_a_tar_and_a_zip_of_pages_are_read_like_folders(self, library: Library, tmp_path: Path) -> None:
        files = {"site/a.md": b"# A\n\nTea.", "site/b.html": b"<h1>B</h1><p>Bread.</p>", "site/c.png": b"\x89PNG"}
        packed = self.tar(tmp_path / "pages.tar.gz", files)
        assert library.ingest(packed).added == 2
        assert ids(library) == ["site/a.md", "site/b.html"]
        assert library.open().document("site/a.md").source == str(packed)
        assert library.ingest(packed).unchanged == 2
        self.tar(packed, {"site/a.md": files["site/a.md"]})
        assert library.ingest(packed).removed == 1
        with zipfile.ZipFile(tmp_path / "pages.zip", "w") as archive:
            archive.writestr("z/d.md", "# D\n\nDates.")
        assert library.ingest(tmp_path / "pages.zip").added == 1
        assert list((library.data_dir / "staging").iterdir()) == []

    @pytest.mark.parametrize("name", ["../evil.md", "/etc/evil.md", "a/../../evil.md", "..\\evil.md", "C:\\evil.md"])
    def test_paths_that_lead_out_are_left_out(self, library: Library, tmp_path: Path, name: str) -> None:
        packed = self.tar(tmp_path / "pages.tar.gz", {name: b"# Evil", "good.md": b"# Good\n\nGood."})
        report = library.ingest(packed)
        assert ids(library) == ["good.md"]
        assert "leads out of the archive" in report.warnings[0]
        assert not list(tmp_path.rglob("evil.md"))

    def test_links_and_devices_are_left_out(self, library: Library, tmp_path: Path) -> None:
        link = tarfile.TarInfo("link.md")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        hard = tarfile.TarInfo("hard.md")
        hard.type, hard.linkname = tarfile.LNKTYPE, "good.md"
        device = tarfile.TarInfo("zero.md")
        device.type, device.devmajor, device.devminor = tarfile.CHRTYPE, 1, 5
        packed = self.tar(tmp_path / "pages.tar.gz", {"good.md": b"# Good\n\nGood."}, link, hard, device)
        report = library.ingest(packed)
        assert ids(library) == ["good.md"]
        assert len(report.warnings) == 3

    def test_bombs_are_refused(self, library: Library, tmp_path: Path) -> None:
        bomb = self.tar(tmp_path / "bomb.tar.gz", {f"{n}.md": b"\0" * 30_000_000 for n in range(3)})
        with pytest.raises(BadInputError, match="looks like a decompression bomb"):
            library.ingest(bomb)
        with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.md", b"\0" * 30_000_000)
        with pytest.raises(BadInputError, match="looks like a decompression bomb"):
            library.ingest(tmp_path / "bomb.zip")
        assert list((library.data_dir / "staging").iterdir()) == []

    def test_broken_archives_are_named(self, library: Library, tmp_path: Path) -> None:
        (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04 nothing")
        with pytest.raises(BadInputError, match=r"broken\.zip is broken and cannot be unpacked"):
            library.ingest(tmp_path / "broken.zip")
        (tmp_path / "broken.tar.gz").write_bytes(b"\x1f\x8b\x08 nothing")
        with pytest.raises(BadInputError, match="is broken and cannot be unpacked"):
            library.ingest(tmp_path / "broken.tar.gz")


class TestWorkingTrees:
    def git(self, folder: Path, *arguments: str) -> str:
        identity = ("-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "commit.gpgsign=false")
        command = ["git", "-C", str(folder), *identity, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def test_citations_can_link_to_the_commit_on_the_forge(self, library: Library) -> None:
        library.write({"docs/keys.md": "# Keys\n\nA key.", "docs/new.md": "# New\n\nNot committed yet."})
        self.git(library.folder, "init", "-q")
        self.git(library.folder, "remote", "add", "origin", "https://me:secret@github.com/acme/handbook.git")
        self.git(library.folder, "add", "docs/keys.md")
        self.git(library.folder, "commit", "-qm", "Keys")
        commit = self.git(library.folder, "rev-parse", "HEAD")
        library.ingest(library.folder / "docs")
        keys = library.open().document("keys.md")
        assert keys.url == f"https://github.com/acme/handbook/blob/{commit}/docs/keys.md"
        assert (keys.metadata["commit"], keys.metadata["path"]) == (commit, "docs/keys.md")
        assert library.open().document("new.md").url == ""

        # A later commit that leaves the file alone changes nothing: the old link still shows the same words.
        self.git(library.folder, "add", ".")
        self.git(library.folder, "commit", "-qm", "New")
        report = library.ingest(library.folder / "docs")
        assert (report.changed, report.unchanged) == (1, 1)
        assert library.open().document("keys.md").url == keys.url
        assert "/docs/new.md" in library.open().document("new.md").url

    @pytest.mark.parametrize(
        ("remote", "link"),
        [
            ("git@github.com:acme/docs.git", "https://github.com/acme/docs/blob/{commit}/a%20b.md"),
            ("https://token@gitlab.example.com/a/b/c.git", "https://gitlab.example.com/a/b/c/-/blob/{commit}/a%20b.md"),
            ("ssh://git@codeberg.org/acme/docs", "https://codeberg.org/acme/docs/src/commit/{commit}/a%20b.md"),
            ("https://bitbucket.org/acme/docs.git", "https://bitbucket.org/acme/docs/src/{commit}/a%20b.md"),
        ],
    )
    def test_forges_are_known_by_their_address(self, remote: str, link: str) -> None:
        made = link_maker(remote)
        assert made is not None
        assert made("a b.md") == link

    def test_other_remotes_give_no_link(self) -> None:
        assert link_maker("/srv/git/docs.git") is None
        assert link_maker("https://example.com/docs.git") is None
        assert link_maker("javascript:alert(1)") is None


class TestTheSourcesFile:
    def test_names_collections_with_their_sources(self, tmp_path: Path) -> None:
        path = tmp_path / "sources.yaml"
        path.write_text(
            "collections:\n  handbook:\n    - path: docs\n      exclude: [drafts/]\n      base_url: https://x.example/{stem}/\n"
            "  product:\n    - url: https://Docs.example.com/sitemap.xml#top\n      rate: 0.5\n"
        )
        sources = read_sources_file(path)
        assert sources["handbook"][0] == Source(
            str(tmp_path / "docs"), exclude=("drafts/",), base_url="https://x.example/{stem}/"
        )
        assert sources["product"][0] == Source("https://docs.example.com/sitemap.xml", rate=0.5)

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("collections: [", "is not valid YAML"),
            ("", "is not usable at collections: Field required"),
            ("collections: {a: [{path: x, typo: 1}]}", "is not usable at collections.a.0.typo"),
            ("collections: {a: [{}]}", "name either a path or a url"),
            ("collections: {a: [{path: x, base_url: 'javascript:x'}]}", "is not usable at collections.a.0.base_url"),
            ("collections: {'a:b': [{path: x}]}", "cannot name a collection"),
            ("collections: {a: [{url: 'file:///etc/passwd'}]}", "is not an http or https address"),
            ("collections: {a: []}", "names no source"),
        ],
    )
    def test_says_what_is_wrong_and_where(self, tmp_path: Path, text: str, sentence: str) -> None:
        path = tmp_path / "sources.yaml"
        path.write_text(text)
        with pytest.raises(BadInputError) as caught:
            read_sources_file(path)
        assert sentence in str(caught.value)
