"""Search: what is found, in which order, within which scope, and the files that its models come from."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from importlib import resources

import pytest

from assistant.assistant import Assistant
from assistant.knowing import Judge, Model, Signs, default_judge
from assistant.links import source_url
from assistant.ranking import Features, Ranking, default_ranking
from assistant.retriever import HybridRetriever
from assistant.search import HybridSearch, without_duplicates
from ingest.errors import BadInputError, NotFoundError
from ingest.types import Scope

HANDBOOK = Scope(collections=("handbook",))
SECURITY = Scope(filters=(("pillars", ("security",)),))


@pytest.mark.parametrize(
    ("question", "document", "heading"),
    [
        ("weaknesses of graph databases", "services/neptune.md", "Weaknesses"),
        ("How fast does Aurora fail over?", "services/aurora.md", "Strengths of Aurora"),
        ("games with live leaderboards", "services/memorydb.md", "Develop online games"),
        ("pay only for what you consume", "well-architected/pillars.md", "Adopt a consumption model"),
        ("liquid helium", "odd/notes.txt", ""),
        ("gatectl", "restart.md", "Restart of the mail gateway"),
    ],
)
def test_the_section_that_answers_is_found_first(
    search: HybridSearch, question: str, document: str, heading: str
) -> None:
    best = search.hits(search.query(question), 5)[0]
    assert (best.chunk.document_id, best.section.heading) == (document, heading)


def test_hits_are_sections_each_once_best_first(assistant: Assistant) -> None:
    hits = assistant.search("DynamoDB limits", k=12)
    assert len(hits) == 12
    assert [hit.rank for hit in hits] == list(range(1, 13))
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    places = [(hit.chunk.collection, hit.chunk.document_id, hit.section.index) for hit in hits]
    assert len(set(places)) == len(places)


def test_a_hit_says_where_it_stands_and_what_each_retriever_thought(assistant: Assistant) -> None:
    hit = assistant.search("maximum item size of DynamoDB", k=1)[0]
    assert hit.title == "Amazon DynamoDB"
    assert hit.url == source_url("services/dynamodb.md", start=hit.chunk.start, end=hit.chunk.end)
    assert -1 <= hit.dense <= 1
    assert hit.lexical > 0
    assert hit.section.start <= hit.chunk.start < hit.chunk.end <= hit.section.end


def test_fewer_hits_are_the_first_of_more(assistant: Assistant) -> None:
    assert assistant.search("encryption at rest", k=3) == assistant.search("encryption at rest", k=10)[:3]


def test_only_the_named_collections_are_searched(assistant: Assistant) -> None:
    question = "How long are backups kept?"
    assert {hit.chunk.collection for hit in assistant.search(question, 20)} == {"default", "handbook"}
    assert {hit.chunk.collection for hit in assistant.search(question, 20, HANDBOOK)} == {"handbook"}


def test_only_documents_that_fit_the_filter_are_searched(assistant: Assistant) -> None:
    found = {hit.chunk.document_id for hit in assistant.search("What is it good for?", 50, SECURITY)}
    assert found == {"services/qldb.md", "well-architected/pillars.md"}
    narrower = replace(SECURITY, filters=(*SECURITY.filters, ("services", ("amazon qldb",))))
    assert {hit.chunk.document_id for hit in assistant.search("strengths", 50, narrower)} == {"services/qldb.md"}


def test_a_filter_that_nothing_fits_finds_nothing(assistant: Assistant) -> None:
    both = Scope(collections=("handbook",), filters=SECURITY.filters)
    assert assistant.search("strengths", 5, both) == []


def test_unknown_collections_and_filters_are_refused_with_those_there_are(assistant: Assistant) -> None:
    with pytest.raises(NotFoundError, match=r"'nowhere'.*default, handbook"):
        assistant.search("anything", 5, Scope(collections=("default", "nowhere")))
    with pytest.raises(BadInputError, match=r"'colour'.*pillars.*services"):
        assistant.search("anything", 5, Scope(filters=(("colour", ("red",)),)))


def test_the_retriever_gives_the_same_hits_to_any_langchain_chain(search: HybridSearch) -> None:
    question = "weaknesses of graph databases"
    documents = HybridRetriever(search=search, k=4).invoke(question)
    hits = search.hits(search.query(question), 4)
    assert [document.metadata["hit"] for document in documents] == hits
    assert [document.page_content for document in documents] == [hit.chunk.text for hit in hits]
    assert documents[0].metadata["heading_path"][-1] == "Weaknesses"
    within = HybridRetriever(search=search, k=4, scope=HANDBOOK).invoke(question)
    assert {document.metadata["hit"].chunk.collection for document in within} == {"handbook"}


def test_candidates_show_their_evidence(search: HybridSearch) -> None:
    candidates = search.candidates(search.query("weaknesses of graph databases"))
    ranking = default_ranking()
    for candidate in candidates:
        assert candidate.score == pytest.approx(ranking.score(candidate.features))
        assert 0 <= candidate.features.coverage <= 1
        assert 0 <= candidate.features.heading_coverage <= candidate.features.coverage + 1e-9
    assert candidates[0].features.coverage == pytest.approx(1.0)


def test_the_same_passage_reached_twice_is_kept_once(search: HybridSearch) -> None:
    candidates = search.candidates(search.query("weaknesses of graph databases"))[:3]
    assert without_duplicates([*candidates, *candidates]) == candidates


# the models


def weights_in(name: str) -> dict[str, float]:
    loaded = json.loads(resources.files("assistant").joinpath(name).read_text("utf-8"))
    return {str(key): float(value) for key, value in loaded["weights"].items()}


def test_the_ranking_file_names_known_features_only() -> None:
    assert set(weights_in("ranking.json")) <= {field.name for field in fields(Features)}
    assert dict(default_ranking().weights) == {name: w for name, w in weights_in("ranking.json").items() if w}


def test_the_knowing_file_names_known_signs_only_and_its_thresholds_make_sense() -> None:
    judge = default_judge()
    assert judge.known is not None
    for model in (judge.plain, judge.known):
        named = {part for name in model.weights for part in name.split("*")}
        assert named | set(model.most) <= {field.name for field in fields(Signs)}
        assert 0 < model.partial <= model.answered < 1
    assert 0 < judge.partial <= judge.answered < 1


def test_a_ranking_is_a_weighted_sum() -> None:
    ranking = Ranking({"cosine": 2.0, "bm25": -1.0})
    assert ranking.score(Features(cosine=0.5, bm25=0.25, coverage=9)) == pytest.approx(0.75)


def test_a_judge_gives_a_probability_however_strong_the_signs() -> None:
    judge = Judge(Model(bias=0.0, weights={"cosine": 1.0}, answered=0.6, partial=0.4))
    nothing = Signs(**dict.fromkeys((field.name for field in fields(Signs)), 0.0))
    assert judge.probability(nothing) == pytest.approx(0.5)  # halfway between the thresholds stays halfway
    assert judge.probability(replace(nothing, cosine=1.0)) > 0.5
    for cosine in (-1e9, 1e9):
        assert 0 <= judge.probability(replace(nothing, cosine=cosine)) <= 1
