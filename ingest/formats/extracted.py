"""What every format is turned into: Markdown with structure, and what ties it to the original.

Offsets count code points of ``text``. It is this text that is stored, cut, quoted and shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ingest.errors import AskwellError


class ParseError(AskwellError):
    """This file cannot be ingested; the sentence says why. Other files of the run are not affected."""


@dataclass(frozen=True, slots=True)
class Extracted:
    """``anchors`` are (offset of the block, id in the original), ascending; ``pages[n]`` is where page n + 1 begins.

    ``fields`` are what the file says of itself, as front matter would: title, summary, authors.
    """

    text: str
    fields: Mapping[str, str] = field(default_factory=dict)
    anchors: tuple[tuple[int, str], ...] = ()
    pages: tuple[int, ...] = ()
    warnings: tuple[str, ...] = ()


Extract = Callable[[str, bytes, str], Extracted]
"""(name of the format, the file's bytes, document id for sentences) -> what is in it. Raises ParseError."""
