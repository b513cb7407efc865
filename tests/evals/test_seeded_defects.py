"""Three defects, seeded into the real assistant one at a time: the gate turns red and names the right stage."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest

from assistant.assistant import Assistant
from assistant.knowing import default_judge
from assistant.records import open_records
from assistant.settings import Settings
from assistant.types import Answer, Hit, Question, Turn
from evals.cases import EvalCase, EvalTurn, Place, Suite, Target
from evals.compare import compare, regressions
from evals.gate import broken, parse_floors
from evals.html import to_html
from evals.markdown import to_markdown
from evals.results import Results
from evals.runner import run_suites
from ingest.pipeline import ingest
from ingest.protocols import Embedder
from tests.assistant.house import assistant_over
from tests.evals.test_runner import results

SERVICES = ("Alder", "Birch", "Cedar", "Dogwood", "Elm", "Hazel", "Juniper", "Larch", "Maple", "Rowan", "Spruce", "Yew")
DOCUMENT = """# {name}

{name} is a database service that keeps records under keys.

## How large a {name} record may be

A {name} record may be at most {size} KB. Larger records have to be split by the application.

## Weaknesses of {name}

{name} has these weaknesses:

- {name} cannot join two tables in one query.
- {name} keeps backups of its records for {days} days only.
"""
ELSEWHERE = """Who won the cup final last night?|How do I bake rye bread?|Will it rain in Oslo tomorrow?
Which train goes to Lisbon?|How tall is the Eiffel tower?|Write a song about winter|What is the price of gold?
Who painted the night watch?|How do I repair a bicycle tyre?|Which visa do I need for Japan?
What does my horoscope say?|How many eggs go into pancakes?""".replace("\n", "|").split("|")


def suite() -> Suite:
    cases: list[EvalCase] = []
    for number, name in enumerate(SERVICES):
        document, size, days = f"{name.lower()}.md", f"{16 + number} KB", f"{3 + number} days"
        how_large = Target((Place(document, (f"How large a {name} record may be",)),))
        weak = Target((Place(document, (f"Weaknesses of {name}",)),))
        weaknesses = EvalTurn(f"What are the weaknesses of {name}?", "", (weak,), (("join",), (days,)))
        alone = f"How large may a {name} record be?"
        follow_up = EvalTurn("How large may its records be?", alone, (how_large,), ((size,),))
        opener = replace(weaknesses, standalone=weaknesses.question)
        cases += (
            EvalCase(f"{name}-weak", (weaknesses,), ("list",)),
            EvalCase(f"{name}-talk", (opener, follow_up), ("pronoun",)),
            EvalCase(f"un-{number}", (EvalTurn(ELSEWHERE[number], answerable=False),), ("off-topic",)),
        )
    return Suite("services", tuple(cases))


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Assistant]:
    folder = tmp_path_factory.mktemp("services")
    (folder / "documents").mkdir()
    for number, name in enumerate(SERVICES):
        text = DOCUMENT.format(name=name, size=16 + number, days=3 + number)
        (folder / "documents" / f"{name.lower()}.md").write_text(text)
    ingest([folder / "documents"], data_dir=folder / "data", embedder=embedder)
    assistant = assistant_over(folder / "data", embedder, open_records(Settings(data_dir=folder, _env_file=None)))
    yield assistant
    assistant.close()


@pytest.fixture(scope="module")
def baseline(sound: Assistant) -> Results:
    return results(run_suites([suite()], sound, sound.holder.current()))


@dataclass
class ShuffledCitations:
    """Each number stands beside the quote of the next one."""

    assistant: Assistant

    def search(self, text: str, k: int = 10) -> list[Hit]:
        return self.assistant.search(text, k)

    def ask(self, question: Question) -> Answer:
        answer = self.assistant.ask(question)
        numbers = [citation.number for citation in answer.citations]
        shuffled = zip(answer.citations, [*numbers[1:], *numbers[:1]], strict=True)
        return replace(answer, citations=tuple(replace(citation, number=number) for citation, number in shuffled))


def shuffled_citations(assistant: Assistant, patch: pytest.MonkeyPatch) -> ShuffledCitations:
    return ShuffledCitations(assistant)


def threshold_too_low(assistant: Assistant, patch: pytest.MonkeyPatch) -> Assistant:
    patch.setattr(assistant, "_judge", replace(default_judge(), answered=0.0, partial=0.0))
    return assistant


def last_turn_only(assistant: Assistant, patch: pytest.MonkeyPatch) -> Assistant:
    def forgotten(conversation_id: str, limit: int = 20) -> tuple[Turn, ...]:
        return ()

    patch.setattr(assistant.records, "turns", forgotten)
    return assistant


def test_the_sound_assistant_passes(baseline: Results) -> None:
    assert broken(parse_floors(["correct=0.95", "quote_exactness=1"]), baseline.summary.overall) == ()
    assert regressions(compare(baseline, baseline)) == ()


@pytest.mark.parametrize(
    ("seed", "stage", "metric"),
    [
        (shuffled_citations, "miscited", "citation_precision"),
        (threshold_too_low, "wrongly answered", "abstention_recall"),
        (last_turn_only, "follow-up not resolved", "followup_all_facts"),
    ],
)
def test_a_seeded_defect_turns_the_gate_red_and_names_its_stage(
    sound: Assistant,
    baseline: Results,
    monkeypatch: pytest.MonkeyPatch,
    seed: Callable[[Assistant, pytest.MonkeyPatch], Assistant | ShuffledCitations],
    stage: str,
    metric: str,
) -> None:
    defective = seed(sound, monkeypatch)
    now = results(run_suites([suite()], defective, sound.holder.current()))
    comparison = compare(baseline, now)
    assert broken(parse_floors(["correct=0.95"]), now.summary.overall)
    sentences = regressions(comparison)
    assert any(sentence.startswith(f"{metric} got worse") for sentence in sentences)
    assert {flip.stage for flip in comparison.worsened} == {stage}
    assert sentences[-1] == f"questions that were right and now fail, by stage: {stage} ({len(comparison.worsened)})"
    for report in (to_markdown(now, comparison), to_html(now, comparison)):
        assert stage in report
        assert "Became wrong" in report
