"""Proves that the question sets fit the documents: each target exists, each fact stands in one of its targets.

    python -m evals.check [--corpus corpus] [SUITE...]

Does not judge whether a question is a good one; a second reader does.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from evals.cases import CaseError, EvalCase, EvalTurn, Place, Suite, Target, load_suites
from evals.matching import plain, section_matches
from evals.metrics.answers import stands_in
from evals.metrics.statements import content_words
from ingest.parsing import parse
from ingest.types import ParsedDocument, Section

PARAPHRASE = "paraphrase"
MOST_SHARED = 0.6
"""Share of a paraphrase's content words that may stand in its section; they average 0.14."""

CORPUS = Path(__file__).parents[1] / "corpus"


class _Words:
    """A token counter that counts words: the sections do not depend on it."""

    def count(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]


class Corpus:
    """The parsed documents under a folder, read when asked for."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.document = cache(self._parse)

    def _parse(self, document_id: str) -> ParsedDocument | None:
        path = self.root / document_id
        if not path.is_file() or not path.resolve().is_relative_to(self.root.resolve()):
            return None
        return parse(
            path.read_bytes(), document_id=document_id, collection="", source="", tokens=_Words(), max_tokens=256
        )

    def sections(self, place: Place) -> list[Section]:
        """The topmost sections that are the place."""
        parsed = self.document(place.document)
        if parsed is None:
            return []
        found = [section for section in parsed.sections if section_matches(section, place, parsed.document.text)]
        return [section for section in found if not any(other.index == section.parent for other in found)]

    def text(self, section: Section) -> str:
        """What a reader of the section sees, sub-sections and title included."""
        parsed = self.document(section.document_id)
        assert parsed is not None, "a section comes from a document that was parsed"
        return " ".join((*section.heading_path, parsed.document.text[section.start : section.tree_end]))


def problems(suites: Sequence[Suite], corpus: Corpus) -> list[str]:
    """One line for each thing that is wrong, in the order of the sets."""
    return [
        f"{suite.name} {case.id}{f' turn {number}' if len(case.turns) > 1 else ''}: {problem}"
        for suite in suites
        for case in suite.cases
        for number, turn in enumerate(case.turns, 1)
        for problem in (*_turn_problems(turn, corpus), *_paraphrase_problems(case, turn, corpus))
    ]


def _paraphrase_problems(case: EvalCase, turn: EvalTurn, corpus: Corpus) -> Iterator[str]:
    """A paraphrase that shares most of its words with the text is none."""
    asked = content_words(turn.question)
    if PARAPHRASE in case.tags and asked and turn.targets:
        text = " ".join(corpus.text(section) for section in corpus.sections(turn.targets[0].places[0]))
        shared = asked & content_words(text)
        if len(shared) / len(asked) > MOST_SHARED:
            yield f"a paraphrase, but its section has its words {', '.join(sorted(shared))}"


def _turn_problems(turn: EvalTurn, corpus: Corpus) -> Iterator[str]:
    """A fact stands in one of the targets; where a target may be found in several places, in each of them."""
    for target in turn.targets:
        for place in target.places:
            if problem := _place_problem(place, corpus):
                yield problem
    for fact in turn.facts:
        silent = [_silent(fact, target, corpus) for target in turn.targets]
        if all(silent):
            yield f"{' or '.join(map(repr, fact))} is not said by {min(silent, key=len)}"


def _silent(fact: Sequence[str], target: Target, corpus: Corpus) -> str:
    """The places of ``target`` that do not say ``fact``, named; "" when all do."""
    return ", ".join(str(place) for place in target.places if not _says(fact, place, corpus))


def _says(fact: Sequence[str], place: Place, corpus: Corpus) -> bool:
    text = plain(" ".join(corpus.text(section) for section in corpus.sections(place)))
    return any(stands_in(plain(alternative), text) for alternative in fact)


def _place_problem(place: Place, corpus: Corpus) -> str:
    if corpus.document(place.document) is None:
        return f"there is no document {place.document}"
    sections = corpus.sections(place)
    if len(sections) != 1:
        return f"{'no section' if not sections else f'{len(sections)} sections'} for {place}"
    if place.text and plain(place.text) not in plain(corpus.text(sections[0])):
        return f"{place} does not say {place.text!r}"
    return ""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m evals.check", description=__doc__)
    parser.add_argument("suites", nargs="*", metavar="SUITE")
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    options = parser.parse_args(arguments)
    try:
        suites = load_suites(options.suites)
    except CaseError as error:
        print(error, file=sys.stderr)
        return 1
    found = problems(suites, Corpus(options.corpus))
    for problem in found:
        print(problem)
    turns = sum(len(case.turns) for suite in suites for case in suite.cases)
    cases = sum(len(suite.cases) for suite in suites)
    print(f"{cases} cases, {turns} questions, {len(found)} problems", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
