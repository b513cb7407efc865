"""Names: what things are called, how people shorten them, and a team's own glossary."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.names import Names, load_glossary, subject_of, variants
from assistant.words import stem, words
from ingest.errors import BadInputError


@pytest.mark.parametrize(
    ("name", "forms"),
    [
        ("Amazon Aurora", ("Amazon Aurora", "Aurora")),
        ("Amazon DynamoDB Accelerator (DAX)", ("Amazon DynamoDB Accelerator", "DynamoDB Accelerator", "DAX")),
        (
            "Amazon Relational Database Service (Amazon RDS)",
            ("Amazon Relational Database Service", "Relational Database Service", "Amazon RDS", "RDS"),
        ),
        ("Amazon Keyspaces (for Apache Cassandra)", ("Amazon Keyspaces", "Keyspaces")),
        ("Kangaroo", ("Kangaroo",)),
    ],
)
def test_a_name_is_known_by_its_short_forms(name: str, forms: tuple[str, ...]) -> None:
    assert tuple(dict.fromkeys((name, *forms))) == variants(name)


@pytest.mark.parametrize(
    ("heading", "subject"),
    [
        ("Weaknesses of graph databases", "graph databases"),
        ("Limits of a DynamoDB table", "DynamoDB table"),
        ("What a Multi-AZ DB cluster is", "Multi-AZ DB cluster"),
        ("When to use Neptune", "Neptune"),
        ("Amazon Neptune", "Amazon Neptune"),
    ],
)
def test_a_heading_is_about_its_subject(heading: str, subject: str) -> None:
    assert subject_of(heading) == subject


def made(*headings: str, services: tuple[str, ...] = ()) -> Names:
    return Names([("Aurora capacity unit", "ACU", "ACUs")], services, headings)


def test_names_come_from_glossary_front_matter_and_headings() -> None:
    names = made("Graph databases", services=("Amazon Neptune",))
    found = names.mentions("Do ACUs exist for Neptune or graph databases?")
    assert [(mention.name.canonical, mention.name.kind) for mention in found] == [
        ("Aurora capacity unit", "glossary"),
        ("Amazon Neptune", "service"),
        ("Graph databases", "heading"),
    ]


def test_the_longest_name_wins_and_none_overlap() -> None:
    names = made(services=("Amazon Aurora", "Aurora capacity unit price"))
    found = names.mentions("the Aurora capacity unit price of Amazon Aurora")
    assert [mention.alias for mention in found] == ["aurora capacity unit price", "amazon aurora"]


def test_names_match_whatever_their_number_and_case() -> None:
    assert [mention.name.canonical for mention in made("Graph databases").mentions("GRAPH DATABASE?")] == [
        "Graph databases"
    ]


def test_plain_headings_and_questions_are_no_names() -> None:
    names = made(
        "Overview", "Strengths", "How to restore a cluster", "Does it scale?", "The end of a very long heading"
    )
    assert not names.mentions("Overview of strengths: how to restore a cluster, does it scale? the end of")


def test_a_service_that_the_glossary_knows_stays_one_name() -> None:
    names = Names([("Amazon DynamoDB", "DDB")], ["Amazon DynamoDB"], ["Amazon DynamoDB"])
    canonical = {names.mentions(text)[0].name.canonical for text in ("DDB", "amazon dynamodb", "DynamoDB")}
    assert canonical == {"Amazon DynamoDB"}


def test_an_abbreviation_is_searched_by_its_full_name_too() -> None:
    names = made()
    assert "Aurora capacity unit" in names.expansion("How large is an ACU?")
    assert "Aurora capacity unit" not in names.expansion("How large is an Aurora capacity unit?")
    assert names.expansion("How large is it?") == []


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=80))
def test_mentions_are_runs_of_the_texts_own_words(text: str) -> None:
    names = made("Graph databases", services=("Amazon Neptune",))
    tokens, position = words(text), 0
    for mention in names.mentions(f"{text} neptune"):
        assert mention.start >= position
        position = mention.end
        assert " ".join([*tokens, "neptune"][mention.start : mention.end]) == mention.alias


def test_the_built_in_glossary_gives_no_word_two_meanings() -> None:
    owner: dict[tuple[str, ...], str] = {}
    for entry in load_glossary():
        for alias in entry:
            key = tuple(stem(word) for word in words(alias))
            assert owner.setdefault(key, entry[0]) == entry[0], alias


def test_a_team_glossary_extends_the_built_in_one(tmp_path: Path) -> None:
    path = tmp_path / "terms.yaml"
    path.write_text("- [Kangaroo ledger, KL]\n- [Rate, 7]\n", encoding="utf-8")
    entries = load_glossary(path)
    assert entries[-2:] == [("Kangaroo ledger", "KL"), ("Rate", "7")]
    assert len(entries) == len(load_glossary()) + 2


def test_an_empty_glossary_is_no_error(tmp_path: Path) -> None:
    path = tmp_path / "terms.yaml"
    path.write_text("# nothing yet\n", encoding="utf-8")
    assert load_glossary(path) == load_glossary()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"- [a, b", "is not valid YAML"),
        (b"full: name", "must be a list of lists"),
        (b"- name\n- other", "must be a list of lists"),
        (b"- []", "must be a list of lists"),
        (None, "cannot be read"),
        (b"\xff\xfe\x00bad", "is not UTF-8"),
    ],
)
def test_a_glossary_that_cannot_be_used_is_named_with_what_to_do(
    tmp_path: Path, content: bytes | None, said: str
) -> None:
    path = tmp_path / "terms.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadInputError, match=said) as caught:
        load_glossary(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
