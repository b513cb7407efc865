"""A follow-up made complete by the chat model, with the model-free resolver as its check and its fallback."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from assistant.generation.calls import Caller, CallLog, Deadline
from assistant.generation.failures import ModelFailure
from assistant.generation.prompts import Block, prompt
from assistant.generation.safe import echoes_rules
from assistant.names import Names
from assistant.support.named import unnamed
from assistant.types import Turn
from assistant.words import content_stems, stem_set

log = logging.getLogger(__name__)

_SECONDS = 8.0
_TURNS = 4
_ANSWER = 400


def rewritten(
    question: str,
    resolved: str,
    turns: Sequence[Turn],
    names: Names,
    caller: Caller,
    log_of_calls: CallLog,
    seconds: float = _SECONDS,
) -> str:
    """The complete question: the model's if it holds, else ``resolved``, which was made without it."""
    blocks = [
        Block(f"turn {number}", "", f"Asked: {turn.question}\nAnswered: {turn.answer[:_ANSWER]}")
        for number, turn in enumerate(turns[-_TURNS:], 1)
    ]
    blocks.append(Block("question", "", question))
    try:
        said = caller.text("rewrite", prompt("rewrite", blocks), Deadline(min(_SECONDS, seconds)), log_of_calls)
    except ModelFailure as failure:
        log.warning("%s: %s", caller.name, failure.detail or failure.outcome)
        return resolved
    better = said.strip().strip('"“”').strip()
    return better if holds(better, question, resolved, turns, names) else resolved


def holds(better: str, question: str, resolved: str, turns: Sequence[Turn], names: Names) -> bool:
    """Whether a rewritten question only says what was asked and what the conversation supplies.

    It must be one line, keep the question's own content words (those that the resolver kept), and bring in no name
    that nobody has mentioned.
    """
    if not better or "\n" in better or len(better) > 3 * len(question) + 200 or not any(c.isalnum() for c in better):
        return False
    heard = " ".join(
        (question, resolved, *(f"{turn.question} {turn.standalone_question} {turn.answer}" for turn in turns))
    )
    if unnamed(better, heard, names) or echoes_rules(better, heard):
        return False
    kept = [word for word in content_stems(question) if word in stem_set(resolved)]
    return not kept or sum(word in stem_set(better) for word in kept) >= 0.6 * len(kept)
