"""One more call for the sentences that were found wanting: the model sees what was found and corrects or drops them."""

from __future__ import annotations

import re
import string
from collections.abc import Sequence
from dataclasses import replace

from assistant.generation.calls import Caller, CallLog, Deadline
from assistant.generation.judging import Judged, StatementJudge
from assistant.generation.passages import SourcePassage
from assistant.generation.prompts import Block, prompt
from assistant.generation.statements import Piece, StatementReader, split_marks

_MOST = 12
_LINE = re.compile(r"^\s*\**\(?([A-L])\)?\**\s*[:.)]\s*(.+)$")


def repaired(
    judged: Sequence[Judged],
    passages: Sequence[SourcePassage],
    judge: StatementJudge,
    caller: Caller,
    deadline: Deadline,
    log: CallLog,
) -> list[Judged]:
    """The statements with the wanting ones corrected where the correction holds; ``dropped`` where the model drops it.

    Raises ModelFailure; the caller then keeps what it has.
    """
    wanting = [at for at, one in enumerate(judged) if not one.supported and not one.dropped][:_MOST]
    if not wanting:
        return list(judged)
    letters = dict(zip(string.ascii_uppercase, wanting, strict=False))
    blocks = [passage.block() for passage in passages]
    for letter, at in letters.items():
        blocks.append(Block(f"sentence {letter}", "", _as_written(judged[at].piece)))
        blocks.append(Block(f"finding {letter}", "", " ".join(judged[at].reasons)))
    said = caller.text("repair", prompt("repair", blocks), deadline, log)
    result = list(judged)
    for letter, corrected in _lines(said).items():
        if letter not in letters:
            continue
        at = letters[letter]
        if corrected.strip(" .*`").upper() == "REMOVE":
            result[at] = replace(judged[at], dropped=True)
            continue
        again = _judged(judged[at].piece, corrected, judge)
        if again is not None and again.supported and not again.dropped and (again.cited or not judged[at].states):
            result[at] = again  # what was a statement has to be one again: "none" corrects nothing
    return result


def _lines(said: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in said.splitlines():
        match = _LINE.match(line)
        if match:
            found.setdefault(match.group(1), match.group(2).strip())
    return found


def _judged(old: Piece, corrected: str, judge: StatementJudge) -> Judged | None:
    """The correction in the place of the old statement; it must be one statement."""
    if old.kind == "code":
        return None
    if old.kind == "row":
        reader = StatementReader()
        pieces = [*reader.feed(corrected), *reader.finish()]
        return judge.judge(replace(pieces[0], lead=old.lead)) if [p.kind for p in pieces] == ["row"] else None
    reader = StatementReader()
    pieces = [*reader.feed(corrected), *reader.finish()]
    pieces = [piece for piece in pieces if piece.bare]
    if len(pieces) != 1 or pieces[0].kind not in ("sentence", "heading"):
        return None
    return judge.judge(replace(pieces[0], kind=old.kind, lead=old.lead))


def _as_written(piece: Piece) -> str:
    # ⟦1⟧ rather than [1]: within the data, square brackets belong to nobody.
    return "".join(part if isinstance(part, str) else f"⟦{part}⟧" for part in split_marks(piece.text))
