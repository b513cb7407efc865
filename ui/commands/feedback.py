"""``askwell feedback``: what people said about answers, and the way from there into a question set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ui.commands.terminal import JsonOption, print_json, say, settings, stdout

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from assistant.records.history import RecordedAnswer
    from assistant.settings import Settings

feedback = typer.Typer(
    no_args_is_help=True, help="See what people said about answers, and turn it into evaluation cases."
)
DRAFTS = Path("drafts.jsonl")
DaysOption = Annotated[int | None, typer.Option(min=1, max=36500, help="Only the last DAYS days; default: all.")]


@feedback.command("list")
def list_feedback(days: DaysOption = None, json: JsonOption = False) -> None:
    """List rated answers, the latest last.

    Example:

        askwell feedback list --days 7
    """
    with _records(settings()) as engine:
        rated = [one for one in _recorded(engine, days) if one.rating]
    if json:
        print_json({"feedback": [_told(one) for one in rated]})
        return
    for one in rated:
        said = " · ".join(filter(None, (one.reason, one.comment, one.expected and f"expected: {one.expected}")))
        mark = "+" if one.rating == "up" else "-"
        stdout().print(f"{mark} {one.asked_at:%Y-%m-%d} {one.answer.question}" + (f"  ({said})" if said else ""))
    if not rated:
        say("No answer has been rated yet.")


@feedback.command()
def export(
    out: Annotated[Path, typer.Option(help="The file of drafts; new ones are added to what is there.")] = DRAFTS,
    suite: Annotated[Path | None, typer.Option(help="Leave out what this question set (.jsonl) holds already.")] = None,
    days: DaysOption = None,
    json: JsonOption = False,
) -> None:
    """Turn answers that were voted down, and questions that were not answered, into draft cases.

    Each draft says which stage failed and why. Review the file: mend question, targets and facts (evals/README.md),
    set "accept" to true, and give it to "askwell feedback accept".

    Example:

        askwell feedback export --out drafts.jsonl
    """
    import json as json_module

    from assistant.wiring import assemble
    from evals.drafts import drafts, ids_in

    chosen = settings()
    known = ids_in(out) | (ids_in(suite) if suite else frozenset())
    with _records(chosen) as engine:
        recorded = list(_recorded(engine, days))
    assistant = assemble(chosen)
    try:
        made = list(drafts(recorded, assistant, assistant.holder.current(), known))
    finally:
        assistant.close()
    if made:
        out.parent.mkdir(parents=True, exist_ok=True)
        with out.open("a", encoding="utf-8") as file:
            file.writelines(json_module.dumps(draft, ensure_ascii=False) + "\n" for draft in made)
    if json:
        print_json({"drafts": made, "file": str(out)})
        return
    for draft in made:
        review = draft["review"]
        assert isinstance(review, dict)
        stdout().print(f"{review['stage'] or 'answered by now'}: {draft['question']}")
    say(f"{len(made)} new drafts in {out}." if made else "Nothing new to review.")


@feedback.command()
def accept(
    file: Annotated[Path, typer.Argument(help="The reviewed drafts.")] = DRAFTS,
    suite: Annotated[Path, typer.Option(help="The question set (.jsonl) that they join.")] = Path("real.jsonl"),
    json: JsonOption = False,
) -> None:
    """Add the drafts whose "accept" is true to a question set, once they fit the documents.

    Example:

        askwell feedback accept drafts.jsonl --suite real.jsonl

        askwell eval real.jsonl
    """
    from evals.drafts import accept as accept_drafts
    from ingest.holder import IndexHolder

    chosen = settings()
    holder = IndexHolder(chosen.data_dir, chroma_url=chosen.chroma_url)
    try:
        done = accept_drafts(file, suite, holder.current())
    finally:
        holder.close()
    if json:
        print_json({"added": list(done.added), "waiting": done.waiting, "known": done.known, "suite": str(suite)})
        return
    say(f"{len(done.added)} added to {suite}, {done.known} there already, {done.waiting} not accepted yet.")


@contextmanager
def _records(chosen: Settings) -> Iterator[Engine]:
    from assistant.records import open_records
    from assistant.records.store import SqlRecords

    records = open_records(chosen)
    try:
        assert isinstance(records, SqlRecords)
        yield records.engine
    finally:
        records.close()


def _recorded(engine: Engine, days: int | None) -> Iterator[RecordedAnswer]:
    from assistant.records.history import recorded_answers

    yield from recorded_answers(engine, since=datetime.now(UTC) - timedelta(days=days) if days else None)


def _told(one: RecordedAnswer) -> dict[str, object]:
    return {
        "answer_id": one.answer.id,
        "asked_at": one.asked_at.isoformat(),
        "question": one.answer.question,
        "standalone_question": one.answer.standalone_question,
        "status": one.answer.status,
        "rating": one.rating,
        "reason": one.reason,
        "comment": one.comment,
        "expected": one.expected,
    }
