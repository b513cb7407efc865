"""``askwell answers recheck``: earlier answers whose cited words have changed or gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ingest.errors import AskwellError, BadInputError
from ui.commands.terminal import JsonOption, print_json, say, settings, stdout

if TYPE_CHECKING:
    from assistant.assistant import Assistant
    from assistant.recheck import FlaggedAnswer
    from assistant.settings import Settings
    from assistant.types import Answer

answers = typer.Typer(no_args_is_help=True, help="Look after answers that were given.")


@answers.callback()
def _group() -> None:
    """Look after answers that were given."""
    # A callback keeps "recheck" a command of its own: Typer folds a group of one command into its parent.


@answers.command()
def recheck(
    since: Annotated[str, typer.Option(metavar="WHEN", help="30d, 12h, 2w, or a date.")] = "90d",
    post: Annotated[
        bool, typer.Option("--post", help="Post the correction in the Slack thread of each answer that has one.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Compare the quotes of earlier answers with the documents of today, and name the answers that no longer stand.

    Examples:

        askwell answers recheck --since 30d

        askwell answers recheck --post
    """
    from assistant.callers import OPERATOR, acting_as
    from assistant.recheck import flagged
    from assistant.records import answers_of
    from assistant.wiring import assemble
    from ui.commands.period import moment

    current = settings()
    begin = moment(since)
    if post and not current.slack_bot_token.get_secret_value():
        raise BadInputError("Set ASKWELL_SLACK_BOT_TOKEN to post corrections, or leave out --post.")
    assistant = assemble(current)
    try:
        with acting_as(OPERATOR):
            found = list(flagged(answers_of(assistant.records, begin), assistant.holder.current()))
            told = _post(assistant, current, found) if post else 0
    finally:
        assistant.close()
    if json:
        print_json({"since": begin.isoformat(), "flagged": [_as_json(one) for one in found], "corrections": told})
    else:
        _show(found)
    if post:
        say(f"{told} correction{'' if told == 1 else 's'} for Slack.")


def _post(assistant: Assistant, current: Settings, found: list[FlaggedAnswer]) -> int:
    from assistant.callers import acting_as
    from assistant.records import inbox_of
    from ui.slack.askers import earlier_asker
    from ui.slack.bot import SlackBot
    from ui.slack.corrections import hand_over, is_wanted

    bot, inbox = SlackBot(assistant, current), inbox_of(assistant.records)
    told = 0
    for one in found:
        # As the person who asked: the thread may read no more than Slack may, and what is recorded now is theirs.
        who = earlier_asker(one.recorded.asker, current)
        if is_wanted(inbox, one) and all(who.may_see(change.citation.collection) for change in one.changes):
            with acting_as(who):
                again = _asked_again(assistant, one)
            told += hand_over(inbox, one, again, current.public_url)
    bot.dispatcher.run_until_empty()  # what Slack does not take now is posted by a server that runs
    return told


def _asked_again(assistant: Assistant, one: FlaggedAnswer) -> Answer | None:
    from assistant.types import Question

    try:
        return assistant.ask(Question(one.recorded.answer.standalone_question))
    except AskwellError:
        return None


def _show(found: list[FlaggedAnswer]) -> None:
    out = stdout()
    if not found:
        out.print("Every quote of these answers is still in the documents.")
    for one in found:
        answer = one.recorded.answer
        out.print(f"{one.recorded.asked_at.date()}  {answer.standalone_question}  ({answer.id})", style="bold")
        for change in one.changes:
            out.print(f"    [{change.citation.number}] {change.citation.document}: {change.kind}")
            out.print(f"        was: {' '.join(change.citation.quote.split())}")
            if change.now:
                out.print(f"        now: {' '.join(change.now.split())}")


def _as_json(one: FlaggedAnswer) -> dict[str, object]:
    answer = one.recorded.answer
    return {
        "answer_id": answer.id,
        "asked_at": one.recorded.asked_at.isoformat(),
        "question": answer.standalone_question,
        "changes": [
            {
                "number": change.citation.number,
                "document": change.citation.document,
                "collection": change.citation.collection,
                "kind": change.kind,
                "quote": change.citation.quote,
                "now": change.now,
                "url": change.url,
            }
            for change in one.changes
        ],
    }
