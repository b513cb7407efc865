"""The optional second opinion: the chat model itself says whether the quotes bear the sentences out.

It can only take support away: a wrong figure, date, name or denial stays wrong whatever the model says.
"""

from __future__ import annotations

import re
import string
from collections.abc import Sequence
from dataclasses import replace

from assistant.generation.calls import Caller, CallLog, Deadline
from assistant.generation.judging import Judged
from assistant.generation.prompts import Block, prompt

_LINE = re.compile(r"^\s*\**\(?([A-Z])\)?\**\s*[:.)]\s*\**(YES|NO)\b", re.I)
_MOST = 26


def judged_by_model(judged: Sequence[Judged], caller: Caller, deadline: Deadline, log: CallLog) -> list[Judged]:
    """The same statements, those taken back that the model says no to. Raises ModelFailure."""
    asked = [at for at, one in enumerate(judged) if one.states and one.supported and one.cited][:_MOST]
    if not asked:
        return list(judged)
    letters = dict(zip(string.ascii_uppercase, asked, strict=False))
    blocks: list[Block] = []
    for letter, at in letters.items():
        blocks.append(Block(f"sentence {letter}", "", judged[at].claim))
        quotes = "\n".join(span.quote for _, span in judged[at].cited)
        heading = " › ".join(judged[at].cited[0][1].section.heading_path)
        blocks.append(Block(f"quote {letter}", heading, quotes))
    said = caller.text("judge", prompt("judge", blocks), deadline, log)
    result = list(judged)
    for line in said.splitlines():
        match = _LINE.match(line)
        if match and match.group(1).upper() in letters and match.group(2).upper() == "NO":
            at = letters[match.group(1).upper()]
            result[at] = replace(
                judged[at],
                supported=False,
                cited=(),
                reasons=("The chat model, asked again, says that the quote does not bear it out.",),
                nearest=judged[at].cited[0][1].quote,
            )
    return result
