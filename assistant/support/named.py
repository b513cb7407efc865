"""Names in a sentence: services, products, identifiers and acronyms, which must stand in the quote or its headings."""

from __future__ import annotations

import re

from assistant.names import Names
from assistant.support.figures import is_unit
from assistant.words import STOP_WORDS, stem, stem_set, words

_TOKEN = re.compile(r"[A-Za-z0-9][\w.+#/-]*[\w+#]|[A-Za-z0-9]")
_VENDOR = frozenset("amazon aws apache microsoft the".split())


def names_in(text: str) -> list[str]:
    """Words that name something by how they are written: inner capitals, digits among letters, all capitals, or a
    capital inside a sentence.

    >>> names_in("Amazon DynamoDB runs in us-east-1 on db.r6g.large under Linux.")
    ['DynamoDB', 'us-east-1', 'db.r6g.large', 'Linux']
    """
    found: dict[str, None] = {}
    for match in _TOKEN.finditer(text):
        token = match.group().rstrip(".")
        if token.lower() in _VENDOR or token.lower() in STOP_WORDS or is_unit(token):
            continue
        opens = _opens_sentence(text, match.start())
        letters = [character for character in token if character.isalpha()]
        coded = bool(letters) and any(character.isdigit() for character in token) and not token[0].isdigit()
        inner = any(character.isupper() for character in token[1:])
        if coded or (inner and letters) or (token[0].isupper() and not opens):
            found.setdefault(token)
    return list(found)


def unnamed(claim: str, evidence: str, names: Names | None = None) -> list[str]:
    """Names of the claim that the evidence does not carry, under that name or another one that the glossary knows.

    >>> unnamed("Neptune scales to 128 NCUs", "Amazon Neptune scales to 128 NCUs"), unnamed("Use RDS", "Use Aurora")
    ([], ['RDS'])
    """
    present = stem_set(evidence)
    bare = re.sub(r"[^a-z0-9]", "", evidence.lower())
    missing = [
        token
        for token in names_in(claim)
        if not stem_set(token) <= present and re.sub(r"[^a-z0-9]", "", token.lower()).removesuffix("s") not in bare
    ]
    if names is None:
        return missing
    known = {mention.name.canonical for mention in names.mentions(evidence)}
    covered: set[str] = set()
    lost: dict[str, None] = {}
    for mention in names.mentions(claim):
        alias = {stem(word) for word in words(mention.alias)}
        if mention.name.canonical in known or any(stem_set(other) <= present for other in mention.name.aliases):
            covered |= alias
        elif mention.name.is_product and not alias <= present:
            lost.setdefault(mention.name.canonical)
    return list(dict.fromkeys([*lost, *(token for token in missing if not stem_set(token) <= covered)]))


def _opens_sentence(text: str, at: int) -> bool:
    before = text[:at].rstrip(" \"'“‘(*_`")
    return not before or before[-1] in ".!?:;\n|"
