"""A question made ready for search: its kind, its words corrected, widened and weighed."""

from __future__ import annotations

from importlib import resources

import pytest
import yaml

from assistant.analysis import Kind, analyse, strip_lead_in
from assistant.names import Names
from assistant.search import HybridSearch
from assistant.spelling import Speller
from assistant.synonyms import synonyms_of
from assistant.words import contains_phrase, content_words, overlap, stem, stem_set

KINDS: list[tuple[str, Kind]] = [
    ("What is Amazon Aurora?", "definition"),
    ("mechanical sympathy", "definition"),
    ("DAX", "definition"),
    ("polyglot persistence meaning", "definition"),
    ("What are the strengths of DynamoDB?", "list"),
    ("Which design principles belong to the cost pillar?", "list"),
    ("List the engines of RDS", "list"),
    ("Aurora vs DynamoDB", "comparison"),
    ("What is the difference between Aurora and Neptune?", "comparison"),
    ("Does DynamoDB support transactions?", "yes_no"),
    ("Can Aurora fail over?", "yes_no"),
    ("How many replicas can Aurora have?", "value"),
    ("maximum item size of DynamoDB", "value"),
    ("How do I restore an Aurora cluster?", "steps"),
    ("Why does Neptune need a KMS key?", "reason"),
    ("Which database should I use for graphs?", "choice"),
    ("Amazon MemoryDB leaderboards", "plain"),
    ("how is access controlled (weaknesses of Neptune)?", "plain"),
]


@pytest.mark.parametrize(("question", "kind"), KINDS)
def test_the_kind_of_answer_is_seen_in_the_question(names: Names, question: str, kind: Kind) -> None:
    assert analyse(question, names).kind == kind


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("Hi, can you tell me what DAX is?", "what DAX is?"),
        ("Hello! Please explain the cost pillar", "explain the cost pillar"),
        ("thanks. What is Aurora?", "What is Aurora?"),
        ("hello", "hello"),
        ("  What\n is   Aurora? ", "What is Aurora?"),
        ("Solve it", "Solve it"),
    ],
)
def test_greetings_are_no_part_of_the_question(typed: str, asked: str) -> None:
    assert strip_lead_in(typed) == asked


def test_words_are_compared_by_their_stems() -> None:
    assert content_words("What are the weaknesses of graph databases?") == ["weaknesses", "graph", "databases"]
    assert contains_phrase("Graph databases are quick", "graph database")
    assert not contains_phrase("Graphs of databases", "graph database")
    assert not contains_phrase("anything", "")
    assert overlap(["a", "b"], ["b", "c"]) == pytest.approx(1 / 3)
    assert overlap([], []) == 0


# synonyms


def test_synonyms_work_both_ways_and_leave_the_word_itself_out() -> None:
    weakness, drawback = stem("weaknesses"), stem("drawbacks")
    assert drawback in synonyms_of(weakness)
    assert weakness in synonyms_of(drawback)
    assert weakness not in synonyms_of(weakness)
    assert synonyms_of(stem("kangaroo")) == ()


def test_no_word_of_the_synonyms_file_stands_on_two_lines() -> None:
    seen: dict[str, str] = {}
    groups = yaml.safe_load(resources.files("assistant").joinpath("synonyms.yaml").read_text("utf-8"))
    for group in groups:
        for one in {stem(word) for word in group}:
            assert seen.setdefault(one, group[0]) == group[0], one


# spelling

WORDS = {"aurora": 9, "replica": 5, "replicas": 7, "transactions": 4, "data": 90, "date": 3, "größe": 2, "db": 40}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("aurroa", "aurora"),
        ("auroa", "aurora"),
        ("replicsa", "replicas"),
        ("transctoins", "transactions"),
        ("tranzaktions", "transactions"),
        ("dat", None),
        ("dota", "data"),
        ("urora", None),
        ("aurora2", None),
        ("zebra", None),
        ("about", None),
        ("gröse", None),
        ("", None),
    ],
)
def test_a_typo_is_mended_when_the_word_meant_is_plain(typed: str, meant: str | None) -> None:
    assert Speller(lambda: WORDS).correct(typed) == meant


def test_of_two_words_equally_near_the_more_frequent_is_meant() -> None:
    assert Speller(lambda: {"data": 90, "date": 3}).correct("datx") == "data"
    assert Speller(lambda: {"data": 3, "date": 90}).correct("datx") == "date"


def test_the_vocabulary_is_read_only_when_a_word_is_odd() -> None:
    read: list[int] = []

    def vocabulary() -> dict[str, int]:
        read.append(1)
        return WORDS

    speller = Speller(vocabulary)
    assert not read
    speller.correct("aurroa")
    speller.correct("replicsa")
    assert len(read) == 1


# the query


def test_a_typo_is_mended_in_place_and_reported(search: HybridSearch) -> None:
    query = search.query("What are the strenghts of DynmoDB?")
    assert dict(query.corrections) == {"strenghts": "strengths", "dynmodb": "dynamodb"}
    assert query.question == "What are the strenghts of DynmoDB?"
    assert query.analysis.text == "What are the strengths of dynamodb?"


def test_words_that_the_index_knows_are_left_alone(search: HybridSearch) -> None:
    query = search.query("What are the strengths of DynamoDB?")
    assert query.corrections == ()
    assert query.analysis.text == query.question


def test_full_names_are_searched_along_with_abbreviations(search: HybridSearch) -> None:
    query = search.query("Is DDB encrypted?")
    assert "Amazon DynamoDB" in query.text
    assert "dynamodb" in query.lexical.split()
    assert search.hits(query, 1)[0].chunk.document_id == "services/dynamodb.md"


def test_a_verb_torn_from_its_particle_is_searched_as_the_noun_that_documents_write(search: HybridSearch) -> None:
    def ways(question: str) -> set[frozenset[str]]:
        return {way for concept in search.query(question).concepts for way in concept.alternatives}

    assert frozenset({stem("backup")}) in ways("Can Neptune back itself up?")
    assert frozenset({stem("backup")}) not in ways("When is Neptune back?")


def test_a_name_is_one_concept_with_all_its_aliases(search: HybridSearch) -> None:
    concepts = search.query("What are the drawbacks of Amazon DynamoDB?").concepts
    asked = {concept.text: concept for concept in concepts}
    assert {name: concept.is_name for name, concept in asked.items()} == {"drawbacks": False, "amazon dynamodb": True}
    assert asked["drawbacks"].in_stems(stem_set("weaknesses"))
    assert asked["amazon dynamodb"].in_stems(stem_set("DDB"))
    assert not asked["amazon dynamodb"].in_stems(stem_set("Amazon Neptune"))


def test_coverage_is_the_share_of_the_questions_weight(search: HybridSearch) -> None:
    query = search.query("What are the weaknesses of graph databases?")
    assert query.coverage(stem_set("weaknesses of graph databases")) == pytest.approx(1.0)
    assert query.coverage(stem_set("nothing of the kind")) == 0.0
    partly = query.coverage(stem_set("a graph"))
    assert 0 < partly < query.coverage(stem_set("weaknesses of a graph")) < 1
    assert sum(concept.weight for concept in query.concepts) == pytest.approx(query.weight)


def test_rarer_words_weigh_more_and_unknown_ones_are_known_to_be_unknown(search: HybridSearch) -> None:
    concepts = {concept.text: concept for concept in search.query("leaderboards database qwertzuiop").concepts}
    assert concepts["leaderboards"].weight > concepts["database"].weight
    assert concepts["leaderboards"].known
    assert not concepts["qwertzuiop"].known


def test_a_question_of_stop_words_alone_asks_for_nothing_and_breaks_nothing(search: HybridSearch) -> None:
    query = search.query("What is it about?")
    assert query.concepts == ()
    assert query.weight == 1.0
    assert query.coverage(frozenset({"anyth"})) == 0.0
    assert search.hits(query, 3)
