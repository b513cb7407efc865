"""``askwell ask --explain``: how an answer came about, on stderr: steps with timings, hits, checks, model calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assistant.types import Answer

_HITS = 5


def explanation(answer: Answer) -> Iterator[str]:
    """Lines of plain text."""
    yield ""
    yield "How this answer came about"
    width = max((len(step.name) + 2 * step.depth for step in answer.steps), default=0)
    for step in answer.steps:
        details = ", ".join(f"{name} {_shown(value)}" for name, value in step.details)
        name = f"{'  ' * step.depth}{step.name}".ljust(width)
        yield f"  {step.began_ms:8.1f} ms  {name}  {step.milliseconds:8.1f} ms  {details}".rstrip()
    total = answer.timings_ms.get("total", 0.0)
    yield f"  {total:8.1f} ms  {answer.status} by {answer.generator}, confidence {answer.confidence:.2f}"
    yield "Found"
    for hit in answer.hits[:_HITS]:
        place = " › ".join(hit.section.heading_path) or hit.title
        yield f"  {hit.score:6.3f}  {hit.chunk.document_id}: {place}"
    if answer.checks:
        yield "Checked"
    for check in answer.checks:
        numbers = "".join(f"[{number}]" for number in check.citations)
        verdict = "supported" if check.supported else "NOT SUPPORTED"
        yield f"  {verdict} {numbers} {_cut(answer.text[check.start : check.end])}".rstrip()
        for reason in check.reasons:
            yield f"      {reason}"
    if answer.model_calls:
        yield "Asked of the chat model"
    for call in answer.model_calls:
        cost = "" if call.cost is None else f", cost {call.cost:.6f}"
        yield (
            f"  {call.purpose} ({call.model}): {call.outcome}, {call.attempts} attempts, {call.input_tokens:,} + "
            f"{call.output_tokens:,} tokens, {call.milliseconds:.0f} ms{cost}"
        )


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 100 else line[:99] + "…"
