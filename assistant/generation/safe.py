"""What of a model's words may be shown: no image, no address that the evidence does not have, no HTML, no echo of the
rules it was given. Everything a model writes may have been written by a document it read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from assistant.generation.prompts import VERSIONS, rules
from ingest.words import words

_CODE = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)", re.S)
_IMAGE = re.compile(r"!\[((?:\\.|[^\]\\])*)\](?:\((?:[^()]|\([^()]*\))*\)|\[[^\]]*\])?")
_LINK = re.compile(r"\[((?:\\.|[^\[\]\\])*)\](?:\((?:[^()]|\([^()]*\))*\)|\[[^\]]*\])")
_DEFINITION = re.compile(r"^\s{0,3}\[[^\]]+\]:\s*\S.*$", re.M)
_ADDRESS = re.compile(
    r"<?\b(?:[a-z][a-z0-9+.-]{1,20}:(?://|(?=\S*@))|www\.)[^\s<>()\[\]|`\"']+>?"
    r"|\b(?:javascript|data|vbscript|mailto|file):[^\s<>|`]+"
    r"|\b(?:[a-z0-9-]+\.)+[a-z]{2,12}(?::\d+)?/[^\s<>()\[\]|`\"']*"
    r"|\b[\w.+-]+@(?:[a-z0-9-]+\.)+[a-z]{2,12}\b",
    re.I,
)
_TAG = re.compile(r"<(?=[a-z/!?])", re.I)
_ENTITY = re.compile(r"&(?=#?\w+;)")
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
)
_ECHO = 7
"""So many words of the rules in a row are an echo of them."""

REMOVED = "(address removed)"


def safe_markdown_of(text: str, evidence: str) -> str:
    """One statement of a model as Markdown that may be shown. ``evidence`` is what the model was given to quote."""
    text = _INVISIBLE.sub("", text)
    text = text.replace("⟦", "\\[").replace("⟧", "\\]")
    parts: list[str] = []
    at = 0
    for code in _CODE.finditer(text):
        parts += [_prose(text[at : code.start()], evidence), _code(code.group(), evidence)]
        at = code.end()
    parts.append(_prose(text[at:], evidence))
    return "".join(parts).strip()


def safe_code(text: str, evidence: str) -> str:
    """A code block: shown as it is, but for addresses that the evidence does not have."""
    return _addresses(_INVISIBLE.sub("", text), evidence)


def echoes_rules(text: str, evidence: str, allowed: Iterable[str] = ()) -> bool:
    """Whether a statement repeats the rules the model was given (and neither the evidence nor the question does)."""
    said = words(text)
    own = " ".join(words(" ".join((evidence, *allowed))))
    shingles = _rule_shingles()
    for at in range(len(said) - _ECHO + 1):
        shingle = " ".join(said[at : at + _ECHO])
        if shingle in shingles and shingle not in own:
            return True
    return bool(re.search(r"\b(?:begin|end) [0-9a-f]{12}\b|NOT_IN_PASSAGES", text, re.I))


def _prose(text: str, evidence: str) -> str:
    text = _IMAGE.sub("", text)
    text = _DEFINITION.sub("", text)
    for _ in range(3):  # a link's text may hold another one
        text = _LINK.sub(r"\1", text)
    text = _addresses(text, evidence)
    text = _TAG.sub(r"\\<", text)
    text = _ENTITY.sub(r"\\&", text)
    return re.sub(r"(?<!\\)\[(?=\d{1,3}\])", r"\\[", text)


def _code(text: str, evidence: str) -> str:
    return _addresses(text, evidence)


def _addresses(text: str, evidence: str) -> str:
    def kept(match: re.Match[str]) -> str:
        address = match.group().strip("<>").rstrip(".,;:!?")
        return match.group() if address and address in evidence else REMOVED

    return _ADDRESS.sub(kept, text)


@lru_cache(maxsize=1)
def _rule_shingles() -> frozenset[str]:
    found: set[str] = set()
    for kind in VERSIONS:
        said = words(rules(kind).replace("{nonce}", ""))
        found.update(" ".join(said[at : at + _ECHO]) for at in range(len(said) - _ECHO + 1))
    return frozenset(found)
