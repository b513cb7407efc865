"""Runs the search on a BEIR-style folder (Thakur et al. 2021, arXiv:2104.08663), so that public sets can be compared.

``corpus.jsonl`` holds ``{"_id", "title", "text"}``, ``queries.jsonl`` holds ``{"_id", "text"}``, ``qrels/test.tsv``
holds query id, document id and grade under a header line. Only retrieval is measured: such sets have no facts.

    python -m evals.beir FOLDER [--split test] [--data-dir DIR]
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from assistant.types import Hit
from evals.baselines import NAMES, Baseline
from evals.markdown import table
from evals.metrics.retrieval import RankedTurn, retrieval_scores
from evals.outside import indexed
from ingest.errors import AskwellError


class BeirError(AskwellError):
    """The folder is not in BEIR's form; the sentence names the file and line."""


class Searched(Protocol):
    def search(self, text: str, k: int = ...) -> list[Hit]: ...


@dataclass(frozen=True, slots=True)
class BeirSet:
    """``qrels``: query id -> document id -> grade; grades above 0 are relevant."""

    folder: Path
    queries: Mapping[str, str]
    qrels: Mapping[str, Mapping[str, int]]


def load_beir(folder: Path, split: str = "test") -> BeirSet:
    """The judged queries of one split. Raises BeirError."""
    qrels: dict[str, dict[str, int]] = {}
    path = folder / "qrels" / f"{split}.tsv"
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            for number, row in enumerate(csv.reader(lines, delimiter="\t"), 1):
                if number == 1 and len(row) == 3 and not row[2].lstrip("-").isdigit():
                    continue  # the header
                if len(row) != 3 or not row[2].lstrip("-").isdigit():
                    raise BeirError(f"{path}:{number}: expected query id, document id and grade, separated by tabs.")
                qrels.setdefault(row[0], {})[row[1]] = int(row[2])
    except OSError as error:
        raise BeirError(f"{path} cannot be read ({error.strerror}). Name a folder in BEIR's form.") from error
    queries = {line["_id"]: line["text"] for line in _lines(folder / "queries.jsonl", ("_id", "text"))}
    missing = [query for query in qrels if query not in queries]
    if missing:
        raise BeirError(f"{path} judges the query {missing[0]!r}, which queries.jsonl does not hold.")
    return BeirSet(folder, {query: queries[query] for query in qrels}, qrels)


def write_documents(beir: BeirSet, out: Path) -> int:
    """One Markdown file for each document of the corpus, ready for ``askwell ingest OUT``. Returns their number."""
    out.mkdir(parents=True, exist_ok=True)
    count = 0
    for line in _lines(beir.folder / "corpus.jsonl", ("_id", "text")):
        title = " ".join(line.get("title", "").split())
        text = (f"# {title}\n\n" if title else "") + line["text"].strip() + "\n"
        (out / file_name(line["_id"])).write_text(text, encoding="utf-8")
        count += 1
    return count


def file_name(document_id: str) -> str:
    """A file name that any document id may have, different for different ids.

    >>> file_name("MED-10")
    'MED-10.md'
    """
    if document_id.replace("-", "").isalnum() and document_id.isascii() and len(document_id) <= 100:
        return f"{document_id}.md"
    return f"{hashlib.sha256(document_id.encode()).hexdigest()}.md"


def score(beir: BeirSet, assistant: Searched, depth: int = 100) -> Mapping[str, float]:
    """Mean hit@k, recall, MRR and nDCG over the judged queries, by document. Binary: any grade above 0 is relevant."""
    turns: list[RankedTurn] = []
    for query, text in beir.queries.items():
        relevant = [document for document, grade in beir.qrels[query].items() if grade > 0]
        if not relevant:
            continue
        numbers = {file_name(document): number for number, document in enumerate(relevant)}
        hits = assistant.search(text, depth)
        documents = dict.fromkeys(hit.section.document_id for hit in sorted(hits, key=lambda hit: hit.rank))
        turns.append(RankedTurn(query, len(relevant), tuple(numbers.get(document) for document in documents)))
    scores = retrieval_scores(turns)
    names = list(next(iter(scores.values()), {}))
    return {name: sum(found[name] for found in scores.values()) / len(scores) for name in names}


def _lines(path: Path, fields: tuple[str, ...]) -> Iterator[dict[str, str]]:
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if not line.strip():
                    continue
                try:
                    value = json.loads(line)
                except ValueError as error:
                    raise BeirError(f"{path}:{number} is not JSON.") from error
                if not isinstance(value, dict) or any(not isinstance(value.get(field), str) for field in fields):
                    raise BeirError(f"{path}:{number} lacks {' or '.join(fields)}.")
                yield value
    except OSError as error:
        raise BeirError(f"{path} cannot be read ({error.strerror}). Name a folder in BEIR's form.") from error


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m evals.beir", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--split", default="test", help="which qrels to use")
    parser.add_argument("--data-dir", type=Path, help="keep the index here (default: a scratch folder)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    chosen = parser.parse_args(arguments)
    try:
        beir = load_beir(chosen.folder, chosen.split)
        with indexed(lambda out: write_documents(beir, out), chosen.data_dir) as assistant:
            search = assistant.searcher()
            systems: dict[str, Searched] = {name: Baseline(system, search) for system, name in NAMES.items()}
            found = {name: score(beir, system) for name, system in [*systems.items(), ("Askwell", assistant)]}
    except AskwellError as error:
        print(error, file=sys.stderr)
        return 1
    if chosen.json:
        print(json.dumps({"queries": len(beir.queries), "scores": found}))
    else:
        names = list(found["Askwell"])
        rows = ((system, *(f"{scores[name]:.3f}" for name in names)) for system, scores in found.items())
        print(f"{len(beir.queries)} queries, by document\n")
        print("\n".join(table(("system", *names), rows)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
