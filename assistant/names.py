"""Names: what the documents and the glossary call things, and the other words people use for them.

Learned from titles, headings and front matter of one index generation, plus ``glossary.yaml``. Used to spot what a
question is about, to expand abbreviations for search, and to carry a subject into a follow-up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import yaml

from assistant.words import STOP_WORDS, stem, words
from ingest.errors import BadInputError

_PARENTHESIS = re.compile(r"^(?P<full>[^()]{4,70}?)\s*\((?P<short>[^()]{2,40})\)\s*$")
_VENDOR = re.compile(r"^(?:amazon|aws|apache|microsoft)\s+", re.I)
_MAX_WORDS = 5
_PLAIN_HEADINGS = frozenset(
    """overview introduction resources strengths weaknesses benefits summary example examples limits pricing
    architecture security monitoring backup requirements prerequisites contents topics notes conclusion faq
    reference references concepts structured unstructured reliability performance cost scaling design principles
    further reading getting started""".split()
)


@dataclass(frozen=True, slots=True)
class Name:
    """One thing with everything it is called.

    ``kind`` is "glossary", "service" (front matter), "title" (a document's own heading) or "heading".
    """

    canonical: str
    aliases: tuple[str, ...]
    kind: str

    @property
    def is_product(self) -> bool:
        """Whether it names a thing in its own right, not an aspect of one ("TTL", "failover")."""
        return self.kind in ("service", "title") or bool(_VENDOR.match(self.canonical))


@dataclass(frozen=True, slots=True)
class Mention:
    """A name found in a text: word positions ``[start, end)`` of ``words(text)``."""

    name: Name
    alias: str
    start: int
    end: int


def load_glossary(path: Path | None = None) -> list[tuple[str, ...]]:
    """The built-in glossary and a team's own. Raises BadInputError for a file that is not a list of lists."""
    entries = _read(resources.files("assistant").joinpath("glossary.yaml").read_text("utf-8"), "glossary.yaml")
    if path is not None:
        try:
            entries += _read(path.read_text("utf-8"), str(path))
        except OSError as error:
            raise BadInputError(
                f"The glossary {path} cannot be read ({error.strerror}); check ASKWELL_GLOSSARY"
            ) from error
        except UnicodeDecodeError as error:
            raise BadInputError(f"The glossary {path} is not UTF-8 text; save it as UTF-8") from error
    return entries


def _read(text: str, name: str) -> list[tuple[str, ...]]:
    try:
        loaded = yaml.safe_load(text) or []
    except yaml.YAMLError as error:
        raise BadInputError(f"The glossary {name} is not valid YAML; write one list of names per line") from error
    if not isinstance(loaded, list) or not all(isinstance(entry, list) and entry for entry in loaded):
        raise BadInputError(f"The glossary {name} must be a list of lists: the full name, then its other names")
    return [tuple(str(alias) for alias in entry) for entry in loaded]


class Names:
    """All names of one index generation, looked up by their stems."""

    def __init__(
        self,
        glossary: Sequence[tuple[str, ...]],
        services: Iterable[str],
        headings: Iterable[str],
        titles: Iterable[str] = (),
    ) -> None:
        self._by_alias: dict[tuple[str, ...], Name] = {}
        self._longest = 1
        for entry in glossary:
            self._add(Name(entry[0], entry, "glossary"))
        for service in services:
            self._add(Name(service, variants(service), "service"))
        for kind, named in (("title", titles), ("heading", headings)):
            for heading in named:
                name = subject_of(heading)
                if is_name(name):
                    self._add(Name(name, variants(name), kind))

    def _add(self, name: Name) -> None:
        keys = [tuple(stem(word) for word in words(alias)) for alias in name.aliases]
        known = next((self._by_alias[key] for key in keys if key in self._by_alias), None)
        if known is not None:
            merged = tuple(dict.fromkeys((*known.aliases, *name.aliases)))
            kind = name.kind if name.kind == "service" else known.kind
            name = Name(known.canonical, merged, kind)
            keys = [tuple(stem(word) for word in words(alias)) for alias in merged]
        for key in keys:
            if key and not (len(key) == 1 and (key[0] in _STEMMED_STOPS or len(key[0]) < 2)):
                self._by_alias[key] = name
                self._longest = max(self._longest, len(key))

    def mentions(self, text: str) -> list[Mention]:
        """Names in a text, longest first at each place, not overlapping, in order."""
        tokens = words(text)
        keys = [stem(word) for word in tokens]
        found: list[Mention] = []
        position = 0
        while position < len(keys):
            for length in range(min(self._longest, len(keys) - position), 0, -1):
                name = self._by_alias.get(tuple(keys[position : position + length]))
                if name is not None:
                    alias = " ".join(tokens[position : position + length])
                    found.append(Mention(name, alias, position, position + length))
                    position += length
                    break
            else:
                position += 1
        return found

    def expansion(self, text: str) -> list[str]:
        """Other names of what the text mentions, to search along with it: "SCT" adds "AWS Schema Conversion Tool"."""
        present = {stem(word) for word in words(text)}
        extra: list[str] = []
        for mention in self.mentions(text):
            if mention.name.kind in ("heading", "title"):
                continue
            for alias in mention.name.aliases[:3]:
                if not {stem(word) for word in words(alias)} <= present:
                    extra.append(alias)
        return list(dict.fromkeys(extra))


_SUBJECT = re.compile(
    r"^(?:what|whether)\s+(?:an?\s+|the\s+)?(?P<asked>.+?)\s+(?:is|are|means?|does|do|works?)$"
    r"|^(?:when|how)\s+(?:not\s+)?to\s+(?:use|choose)\s+(?:an?\s+|the\s+)?(?P<used>.+)$"
    r"|^(?:strengths|weaknesses|limits|limitations|benefits|costs?|restrictions|features|quotas|options|advantages"
    r"|disadvantages|parts|types|kinds|versions|history|price|pricing)\s+of\s+(?:an?\s+|the\s+)?(?P<of>.+)$"
    r"|^choosing\s+.+?\s+for\s+(?:an?\s+|the\s+)?(?P<purpose>.+)$"
    r"|^choose\s+(?:an?\s+|the\s+)?(?P<chosen>.+?)\s+(?:when|for)\b.*$",
    re.I,
)


def subject_of(heading: str) -> str:
    """What a heading is about, without the question it puts.

    >>> subject_of("What a Multi-AZ DB cluster is"), subject_of("Weaknesses of graph databases"), subject_of("Neptune")
    ('Multi-AZ DB cluster', 'graph databases', 'Neptune')
    """
    match = _SUBJECT.match(heading.strip())
    if match is None:
        return heading
    return next(group for group in match.groups() if group is not None)


def variants(name: str) -> tuple[str, ...]:
    """A name as people shorten it.

    >>> variants("Amazon Relational Database Service (Amazon RDS)")
    ('Amazon Relational Database Service (Amazon RDS)', 'Amazon Relational Database Service', \
'Relational Database Service', 'Amazon RDS', 'RDS')
    """
    forms = [name]
    match = _PARENTHESIS.match(name)
    parts = [name] if match is None else [match.group("full"), match.group("short")]
    if match is not None and re.match(r"(?:for|with|in|on|by|and|or)\s", match.group("short")):
        parts = [match.group("full")]
    for part in parts:
        forms.append(part.strip())
        bare = _VENDOR.sub("", part.strip())
        if len(bare) > 2:
            forms.append(bare)
    return tuple(dict.fromkeys(forms))


def is_name(heading: str) -> bool:
    """Whether a heading can stand for a thing in a sentence: short, no question, more than a common label."""
    tokens = words(heading)
    if not 1 <= len(tokens) <= _MAX_WORDS or heading.endswith("?"):
        return False
    if "and" in tokens or "or" in tokens or "compared" in tokens:
        return False  # several things: each is a name of its own, if it is one
    if all(token in _PLAIN_HEADINGS or token in STOP_WORDS for token in tokens):
        return False
    return tokens[0] not in _OPENERS


_OPENERS = frozenset("how what when why which who where whether choose use using is are can does to if".split())
_STEMMED_STOPS = frozenset(stem(word) for word in STOP_WORDS)
