"""Ingesting again and again: only the difference is done, nothing that is live is harmed, and bad files are named."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from ingest.embedders.hashing import HashingEmbedder
from ingest.errors import AskwellError, BadInputError, BusyError, IndexMismatchError, NoIndexError, NotFoundError
from ingest.holder import IndexHolder, open_live
from ingest.manifest import FORMAT
from ingest.manifest import NAME as MANIFEST
from ingest.report import IngestReport
from tests.ingest.conftest import Library

FILES = {
    "tea.md": "# Tea\n\nTea is a drink.",
    "graphs.md": "# Graphs\n\nGraphs have edges.",
    "rows.md": "# Rows\n\nRows.",
}


def summary(report: IngestReport) -> tuple[int, int, int, int]:
    return report.added, report.changed, report.unchanged, report.removed


def test_a_first_ingest_adds_and_a_second_changes_nothing(library: Library) -> None:
    library.write(FILES)
    first = library.ingest()
    assert summary(first) == (3, 0, 0, 0)
    assert first.embedded == first.chunks == 3
    second = library.ingest()
    assert summary(second) == (0, 0, 3, 0)
    assert (second.generation, second.embedded) == (first.generation, 0)


def test_only_what_changed_is_embedded_and_removed_documents_answer_no_more(library: Library) -> None:
    library.write(FILES)
    library.ingest()
    library.write({"graphs.md": "# Graphs\n\nGraphs have vertices.", "new.md": "# New\n\nBrand new."})
    (library.folder / "tea.md").unlink()
    report = library.ingest()
    assert summary(report) == (1, 1, 1, 1)
    assert report.embedded == 2
    assert "tea.md" not in library.found("tea drink", k=50)
    index = library.open()
    assert "tea" not in index.vocabulary()
    assert "edges" not in index.vocabulary()
    with pytest.raises(NotFoundError):
        index.document("tea.md")
    assert set(index.counts().values()) == {3}


def test_a_file_that_was_only_touched_is_unchanged(library: Library) -> None:
    library.write(FILES)
    library.ingest()
    os.utime(library.folder / "tea.md", (1, 1))
    assert summary(library.ingest()) == (0, 0, 3, 0)


def test_a_renamed_file_moves_without_being_embedded_again(library: Library) -> None:
    library.write(FILES)
    library.ingest()
    (library.folder / "tea.md").rename(library.folder / "drinks.md")
    report = library.ingest()
    assert (summary(report), report.embedded) == ((1, 0, 2, 1), 0)
    assert "drinks.md" in library.found("tea drink")


def test_without_prune_documents_stay(library: Library) -> None:
    library.write(FILES)
    library.ingest()
    (library.folder / "tea.md").unlink()
    assert summary(library.ingest(prune=False)) == (0, 0, 2, 0)
    assert "tea.md" in library.found("tea drink")


def test_removing_most_of_a_source_needs_a_confirmation(library: Library) -> None:
    library.write({f"{number}.md": f"# Title\n\nText {number}." for number in range(20)})
    before = library.ingest().generation
    for number in range(15):
        (library.folder / f"{number}.md").unlink()
    with pytest.raises(BadInputError, match=r"15 of the 20 documents .* add --yes"):
        library.ingest()
    assert library.generations.live() == before
    assert summary(library.ingest(confirmed=True)) == (0, 0, 5, 15)


def test_moving_a_whole_folder_is_no_loss(library: Library) -> None:
    library.write({f"{number}.md": f"# Title\n\nText {number}." for number in range(20)})
    library.ingest()
    (library.folder / "v2").mkdir()
    for number in range(20):
        (library.folder / f"{number}.md").rename(library.folder / "v2" / f"{number}.md")
    assert summary(library.ingest()) == (20, 0, 0, 20)


def test_other_roots_and_collections_are_left_alone(library: Library, tmp_path: Path) -> None:
    library.write(FILES)
    library.ingest()
    other = Library(tmp_path / "other", library.data_dir)
    other.write({"tea.md": "# Green tea\n\nGreen tea is green.", "b.md": "# B\n\nBee."})
    report = other.ingest(collection="team")
    assert (summary(report), report.documents) == ((2, 0, 0, 0), 5)
    index = library.open()
    assert index.collections() == ["default", "team"]
    assert index.document("tea.md").text == FILES["tea.md"]
    assert "Green" in index.document("tea.md", "team").text
    (other.folder / "b.md").unlink()
    assert summary(other.ingest(collection="team")) == (0, 0, 1, 1)
    assert library.open().manifest.documents == 4


def test_the_same_id_from_another_root_is_taken_over_with_a_warning(library: Library, tmp_path: Path) -> None:
    library.write(FILES)
    library.ingest()
    other = Library(tmp_path / "other", library.data_dir)
    other.write({"tea.md": "# Coffee\n\nCoffee is a drink."})
    report = other.ingest()
    assert summary(report) == (0, 1, 0, 0)
    assert "tea.md was ingested from" in report.warnings[0]
    assert library.open().document("tea.md").source == str(other.folder.resolve())


def test_two_roots_of_one_run_with_the_same_id_report_the_second(library: Library, tmp_path: Path) -> None:
    library.write(FILES)
    other = Library(tmp_path / "other", library.data_dir)
    other.write({"tea.md": "# Coffee\n\nCoffee."})
    report = library.ingest(library.folder, other.folder)
    assert summary(report) == (3, 0, 0, 0)
    ((name, reason),) = report.failed
    assert name == "tea.md"
    assert "same id" in reason


def test_single_files_of_one_folder_do_not_prune_each_other(library: Library) -> None:
    library.write(FILES)
    library.ingest(library.folder / "tea.md")
    report = library.ingest(library.folder / "rows.md")
    assert (summary(report), report.documents) == ((1, 0, 0, 0), 2)


def test_bad_files_are_named_and_the_others_go_in(library: Library) -> None:
    library.write(
        {
            **FILES,
            "binary.md": b"\x7fELF\x00\x01\x02" * 50,
            "latin.md": b"# Caf\xe9\n\nGood coffee here.",
            "empty.md": "",
        }
    )
    report = library.ingest()
    assert report.added == 4
    assert sorted(name for name, _ in report.failed) == ["binary.md", "empty.md"]
    assert any("latin.md" in warning for warning in report.warnings)
    again = library.ingest()
    assert (again.generation, len(again.failed)) == (report.generation, 2)


def test_a_document_that_became_binary_is_no_longer_quoted(library: Library) -> None:
    library.write(FILES)
    library.ingest()
    library.write({"tea.md": b"\x00\x01\x02" * 100})
    report = library.ingest()
    assert (summary(report), len(report.failed)) == ((0, 0, 2, 1), 1)
    assert "tea.md" not in library.found("tea drink")


def test_a_folder_where_every_file_fails_is_an_error(library: Library) -> None:
    library.write({"binary.md": b"\x00" * 100})
    with pytest.raises(AskwellError, match=r"Nothing could be ingested: binary\.md is"):
        library.ingest()
    with pytest.raises(NoIndexError):
        library.open()


def test_an_empty_folder_is_an_error_and_empties_nothing(library: Library) -> None:
    library.write(FILES)
    library.ingest()
    for name in FILES:
        (library.folder / name).unlink()
    with pytest.raises(BadInputError, match="No documents in"):
        library.ingest()
    assert library.open().manifest.documents == 3
    assert summary(library.ingest(confirmed=True)) == (0, 0, 0, 3)
    assert library.found("tea") == []
    library.write(FILES)
    assert summary(library.ingest()) == (3, 0, 0, 0)


def test_a_file_that_vanishes_while_it_is_ingested_is_named(library: Library) -> None:
    library.write(FILES)

    class Thief:
        def update(self, stage: str, done: int, total: int, unit: str) -> None:
            if stage == "reading" and done == total:
                (library.folder / "tea.md").unlink(missing_ok=True)

    report = library.ingest(progress=Thief())
    assert report.added == 2
    assert "tea.md vanished while it was being ingested" in report.warnings


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_named_and_its_old_text_stays(library: Library) -> None:
    library.write(FILES)
    library.ingest()
    (library.folder / "tea.md").chmod(0)
    report = library.ingest()
    assert report.failed == (("tea.md", "tea.md cannot be read (Permission denied)"),)
    assert "tea.md" in library.found("tea drink")


def test_a_second_writer_is_turned_away_at_once(library: Library) -> None:
    library.write(FILES)
    with library.generations.lock(), pytest.raises(BusyError, match="Another ingest is writing to"):
        library.ingest()
    assert library.ingest().added == 3


def test_old_generations_are_removed_and_unfinished_ones_too(library: Library) -> None:
    for number in range(4):
        library.write({"tea.md": f"# Tea\n\nTea number {number}."})
        library.ingest(keep_generations=2)
    (library.generations.folder / ".building-000009-x").mkdir()
    (library.generations.folder / "000010-half").mkdir()
    library.ingest()
    assert len(library.generations.names()) == 2
    assert sorted(path.name for path in library.generations.folder.iterdir()) == [
        *library.generations.names(),
        "CURRENT",
    ]
    assert [info.live for info in library.generations.list()] == [False, True]
    assert all(info.bytes > 0 for info in library.generations.list())


def test_rolling_back_goes_to_the_generation_before_and_the_next_ingest_goes_on_from_there(library: Library) -> None:
    library.write(FILES)
    first = library.ingest().generation
    library.write({"tea.md": "# Tea\n\nCoffee."})
    second = library.ingest().generation
    assert library.generations.rollback() == first
    assert library.open().document("tea.md").text == FILES["tea.md"]
    with pytest.raises(NotFoundError, match="no earlier generation"):
        library.generations.rollback()
    third = library.ingest()
    assert summary(third) == (0, 1, 2, 0)
    assert library.generations.names() == [first, third.generation]
    assert third.generation > second


def test_no_index_says_what_to_run(library: Library) -> None:
    with pytest.raises(NoIndexError) as caught:
        IndexHolder(library.data_dir).current()
    assert str(caught.value) == f"No index in {library.data_dir}. Run: askwell ingest corpus"


def test_an_index_of_another_embedder_names_the_mending_command_and_is_rebuilt_by_it(
    library: Library, tmp_path: Path
) -> None:
    library.write(FILES)
    library.ingest()
    other = Library(tmp_path / "other", library.data_dir)
    other.write({"extra.md": "# Extra\n\nMore."})
    other.ingest()
    library.embedder = HashingEmbedder(dimension=32)
    with pytest.raises(
        IndexMismatchError, match=r"Run: askwell ingest .*docs .*other \(or set ASKWELL_EMBEDDING_MODEL"
    ):
        library.open()
    report = library.ingest()
    assert (summary(report), report.documents) == ((0, 0, 3, 0), 4)
    assert library.found("extra more", k=1)[0] == "extra.md"


def test_an_index_of_another_version_names_the_mending_command_and_is_rebuilt_by_it(library: Library) -> None:
    library.write(FILES)
    library.ingest()
    manifest = library.generations.path(library.generations.live()) / MANIFEST
    manifest.write_text(manifest.read_text().replace(f'"format": {FORMAT}', '"format": 99'))
    with pytest.raises(IndexMismatchError, match=r"another version .*Run: askwell ingest .*docs"):
        library.open()
    report = library.ingest()
    assert (summary(report), report.embedded) == ((3, 0, 0, 0), 0)
    assert "another version" in report.warnings[0]


def test_a_missing_generation_is_an_error_that_the_next_ingest_mends(library: Library) -> None:
    library.write(FILES)
    library.ingest()
    (library.generations.path(library.generations.live()) / MANIFEST).unlink()
    with pytest.raises(IndexMismatchError, match="is damaged"):
        library.open()
    assert library.ingest().added == 3


def test_a_collection_name_must_not_look_like_an_id(library: Library) -> None:
    library.write(FILES)
    with pytest.raises(AskwellError, match='"a:b" cannot name a collection'):
        library.ingest(collection="a:b")


class TestTheHolder:
    def test_follows_the_live_generation_between_two_requests(self, library: Library) -> None:
        library.write(FILES)
        library.ingest()
        holder = IndexHolder(library.data_dir, library.embedder)
        before = holder.current()
        assert holder.current() is before
        library.write({"new.md": "# New\n\nNew."})
        library.ingest()
        assert before.manifest.documents == 3
        assert holder.current().manifest.documents == 4
        assert before.document("tea.md").text == FILES["tea.md"]

    def test_loses_no_request_while_the_index_switches_again_and_again(self, library: Library) -> None:
        library.write({**FILES, "version.md": "# Version\n\nVersion 0."})
        library.ingest()
        holder = IndexHolder(library.data_dir, library.embedder)
        stop, failures, answered = threading.Event(), [], []
        vector = library.embedder.embed(["version"])[0]

        def ask() -> None:
            while not stop.is_set():
                try:
                    index = holder.current()
                    hit = index.dense(vector, 1)[0]
                    chunk = index.chunks([hit.chunk_id])[hit.chunk_id]
                    assert index.lexical("version", 1)[0].chunk_id == hit.chunk_id
                    assert index.document("version.md").text[chunk.start : chunk.end] == chunk.text
                    answered.append(index.manifest.generation)
                except Exception as error:
                    failures.append(error)

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for number in range(1, 6):
            library.write({"version.md": f"# Version\n\nVersion {number}."})
            library.ingest(keep_generations=1)
        stop.set()
        for thread in threads:
            thread.join()
        assert failures == []
        assert len(set(answered)) > 1

    def test_goes_on_serving_when_a_generation_for_another_embedder_goes_live(self, library: Library) -> None:
        library.write(FILES)
        library.ingest()
        holder = IndexHolder(library.data_dir, library.embedder)
        before = holder.current()
        library.embedder = HashingEmbedder(dimension=32)
        library.ingest()
        assert holder.current() is before
        assert "was made with the embedder" in holder.problem


def test_open_live_closes_what_it_refuses(library: Library) -> None:
    library.write(FILES)
    library.ingest()
    with pytest.raises(IndexMismatchError):
        open_live(library.generations, HashingEmbedder(dimension=8))


class TestALargeIndex:
    """The stores of a large index are copied and changed, not written anew. Here every index counts as large."""

    @pytest.fixture(autouse=True)
    def _large(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("ingest.stores.EXACT_CHUNKS", 0)
        monkeypatch.setattr("ingest.stores._STALE_LEXICAL", 0.5)
        monkeypatch.setattr("ingest.stores._STALE_CHROMA", 0.5)

    def test_holds_what_is_there_and_nothing_else_after_many_updates(self, library: Library) -> None:
        library.write({f"{number:02}.md": f"# Subject {number}\n\nFirst text {number}." for number in range(60)})
        library.ingest()
        for turn in range(6):
            library.write({f"{turn:02}.md": f"# Subject {turn}\n\nSecond words {turn}.\n\n## More\n\nAppendix {turn}."})
            (library.folder / f"{50 + turn}.md").unlink()
            library.write({f"new-{turn}.md": f"# Fresh {turn}\n\nFresh text."})
            report = library.ingest()
            assert summary(report) == (1, 1, 58, 1)
            index = library.open()
            counts = index.counts()
            assert counts["catalog"] == counts["lexical"] == counts["chroma"] == report.chunks
            assert all("Second" in text for text in _texts(library, f"Second words {turn}", 1))
            assert not any(f"{50 + turn}.md" in name for name in library.found(f"First text {50 + turn}", k=100))

    def test_gives_the_room_of_removed_documents_back(self, library: Library) -> None:
        library.write({f"{number:02}.md": f"# Subject {number}\n\nText of {number}." for number in range(60)})
        library.ingest()
        before = library.generations.list()[-1].bytes
        for number in range(40):
            (library.folder / f"{number:02}.md").unlink()
        report = library.ingest(confirmed=True)
        index = library.open()
        assert set(index.counts().values()) == {20}
        assert library.found("Text of 55", k=1) == ["55.md", "55.md"]
        assert library.generations.list()[-1].bytes < before
        assert report.embedded == 0


def _texts(library: Library, question: str, k: int) -> list[str]:
    index = library.open()
    hits = [*index.dense(library.embedder.embed([question])[0], k), *index.lexical(question, k)]
    return [chunk.text for chunk in index.chunks([hit.chunk_id for hit in hits]).values()]
