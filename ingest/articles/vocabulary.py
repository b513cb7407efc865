"""The words of a corpus: official service names, right spellings, words that articles avoid (``vocabulary.yaml``)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from ingest.articles.article import Article, Finding
from ingest.errors import BadInputError

FILE = "vocabulary.yaml"


@dataclass(frozen=True, slots=True)
class Spelling:
    """The right form, and a pattern that finds it in any case, with or without spaces, or in a known wrong form."""

    right: str
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """``services`` are the accepted values of the front-matter field; empty means that any value goes."""

    services: tuple[str, ...] = ()
    spellings: tuple[Spelling, ...] = ()
    avoid: tuple[tuple[re.Pattern[str], str], ...] = ()


def load_vocabulary(root: Path) -> Vocabulary:
    """``vocabulary.yaml`` of the checked folder; without one, names and words are not checked.

    Raises BadInputError when the file is not what it should be.
    """
    path = root / FILE
    if not path.is_file():
        return Vocabulary()
    try:
        loaded = yaml.safe_load(path.read_text("utf-8"))
        return Vocabulary(
            services=tuple(str(name) for name in loaded["services"]),
            spellings=tuple(spelling(str(right), wrong or ()) for right, wrong in loaded["spellings"].items()),
            avoid=tuple(
                (re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.I), str(reason))
                for reason, entries in loaded["avoid"].items()
                for words in ["|".join(re.escape(str(entry)) for entry in entries)]
            ),
        )
    except (yaml.YAMLError, KeyError, TypeError, AttributeError, UnicodeDecodeError) as error:
        raise BadInputError(
            f"{path} cannot be used ({error}). It needs a list 'services' and the mappings 'spellings' and 'avoid'"
        ) from error


def spelling(right: str, wrong: Sequence[str] = ()) -> Spelling:
    """Wrong forms need listing only where they are more than another case or a space between the parts.

    >>> bool(spelling("DynamoDB").pattern.fullmatch("Dynamo DB"))
    True
    """
    parts = re.findall(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z0-9]+|[A-Z0-9]+|\s+|[^\w\s]", right)
    loose = ""
    for before, part in zip(["", *parts], parts, strict=False):
        joined = before and before.isalnum() and part.isalnum()
        loose += ("[ -]?" if joined else "") + (r"\s+" if part.isspace() else re.escape(part))
    forms = "|".join([loose, *(re.escape(form).replace(r"\ ", r"\s+") for form in wrong)])
    return Spelling(right, re.compile(rf"(?<![\w.-])(?:{forms})(?![\w-]|\.\w)", re.I))


def word_findings(article: Article, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Names that are not spelled the official way, and words that articles avoid."""
    for entry in vocabulary.spellings:
        for match in entry.pattern.finditer(article.prose):
            written = re.sub(r"\s+", " ", match.group())
            if written != entry.right:
                yield article.finding(match.start(), "spelling", f"{written!r} is written {entry.right!r}")
    for pattern, reason in vocabulary.avoid:
        for match in pattern.finditer(article.prose):
            yield article.finding(match.start(), "word", f"{match.group()!r}: {reason}")
