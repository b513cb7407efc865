"""The prompts are the files beside this one, named with their version; a changed prompt is a new file.

Data goes into the second message, between two lines that carry a number derived from the data itself, so that no
text in it can know how to end it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

VERSIONS = {"answer": 1, "repair": 1, "rewrite": 1, "judge": 1}
"""The version of each prompt that is in use."""

NOTHING = "NOT_IN_PASSAGES"


@dataclass(frozen=True, slots=True)
class Prompt:
    """``system`` are the rules, ``data`` the delimited rest; ``name`` is "answer.v1"."""

    name: str
    system: str
    data: str


@dataclass(frozen=True, slots=True)
class Block:
    """A labelled part of the data: ("passage 1", "Amazon DynamoDB › Limits", text)."""

    label: str
    title: str
    text: str


def prompt(kind: str, blocks: Sequence[Block]) -> Prompt:
    body = "\n\n".join(
        f"<{block.label}{_titled(block.title)}>\n{_neutral(block.text)}\n</{block.label}>" for block in blocks
    )
    nonce = hashlib.sha256(body.encode("utf-8", "replace")).hexdigest()[:12]
    name = f"{kind}.v{VERSIONS[kind]}"
    return Prompt(name, rules(kind).replace("{nonce}", nonce), f"BEGIN {nonce}\n{body}\nEND {nonce}")


@lru_cache(maxsize=8)
def rules(kind: str) -> str:
    """The text of the version in use, ``{nonce}`` still in it."""
    return resources.files(__package__).joinpath(f"{kind}.v{VERSIONS[kind]}.md").read_text("utf-8").strip()


def _titled(title: str) -> str:
    return f' title="{" ".join(_neutral(title).split())}"' if title else ""


def _neutral(text: str) -> str:
    """Text that cannot be taken for our tags or marks: "</passage 1>" loses its brackets, "[1]" becomes "⟦1⟧"."""
    text = re.sub(r"<(?=/?\s*(?:passage|question|turn|conversation|sentence|finding|quote)\b)", "‹", text, flags=re.I)
    text = re.sub(r"(?m)^(?=(?:BEGIN|END) [0-9a-f]{6,})", " ", text)
    return re.sub(r"[\[【](\d{1,3}(?:\s*[,;-]\s*\d{1,3})*)[\]】]", r"⟦\1⟧", text)
