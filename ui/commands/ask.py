"""``askwell ask``: an answer with numbered sources in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ui.commands.terminal import JsonOption, filters_from, print_json, settings, stderr, stdout

if TYPE_CHECKING:
    from assistant.types import Answer, Citation


def ask(
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="The question, in quotes.", show_default=False)],
    conversation: Annotated[
        str | None, typer.Option(help="Continue this conversation (its id stands under each answer).")
    ] = None,
    collection: Annotated[list[str] | None, typer.Option(help="Ask only this collection; may be repeated.")] = None,
    filters: Annotated[
        list[str] | None, typer.Option("--filter", help="FIELD=VALUE of the front matter; may be repeated.")
    ] = None,
    json: JsonOption = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show on stderr how the answer came about: steps, timings, hits, checks.")
    ] = False,
) -> None:
    """Answer a question from the documents.

    Examples:

        askwell ask "What are the weaknesses of graph databases?"

        askwell ask "And its limits?" --conversation 5f0c...

        askwell ask "How is data encrypted?" --filter pillars=security --json

        askwell ask "Is Amazon QLDB still available?" --explain
    """
    from assistant.wiring import assemble
    from ui.questions import checked_question
    from ui.shapes import answer_shape

    current = settings()
    assistant = assemble(current)
    try:
        asked = checked_question(
            assistant,
            current,
            question,
            conversation_id=conversation,
            collections=collection or None,
            filters=filters_from(filters or []),
        )
        answer = assistant.ask(asked)
    finally:
        assistant.close()
    if json:
        print_json(answer_shape(answer))
    else:
        _show(answer)
    if explain:
        from ui.commands.explain import explanation

        for line in explanation(answer):
            stderr().print(line)


def _show(answer: Answer) -> None:
    from ui.commands.markdown import AnswerMarkdown, plain

    out = stdout()
    if answer.standalone_question.casefold() != answer.question.casefold():
        stderr().print(f"Searched for: {answer.standalone_question}", style="dim")
    if out.is_terminal:
        out.print(AnswerMarkdown(answer.text), soft_wrap=False)
    else:
        out.print(plain(answer.text).rstrip())
    if answer.citations:
        out.print()
        for citation in answer.citations:
            _show_source(citation)
    if answer.related and answer.status != "answered":
        out.print("\nRelated sections:")
        for related in answer.related:
            out.print(f"  {heading(related.title, related.heading_path)} ({related.document})")
    stderr().print(f"\nTo ask further: askwell ask --conversation {answer.conversation_id} ...", style="dim")


def _show_source(citation: Citation) -> None:
    out = stdout()
    doubt = "" if citation.supported else " (not clearly supported)"
    out.print(f"[{citation.number}] {heading(citation.title, citation.heading_path)}{doubt}", style="bold")
    for line in citation.quote.splitlines():
        out.print(f"    {line}", style="italic")
    page = f", page {citation.page}" if citation.page else ""
    out.print(f"    {citation.document}{page}, characters {citation.start} to {citation.end}", style="dim")


def heading(title: str, path: tuple[str, ...]) -> str:
    """``Title › heading › heading``, the title not said twice."""
    return " › ".join((title, *(path[1:] if path and path[0] == title else path)))
