"""Words and their English stems: the one notion of a word that the catalog's vocabulary and the lexical index share."""

from __future__ import annotations

import re
import threading

import snowballstemmer

_WORD = re.compile(r"[^\W_]+")
_LONGEST = 60
"""Longer runs of letters and digits are data (hashes, base64), not words; the lexical index drops them too."""

_local = threading.local()
_stems: dict[str, str] = {}
_STEMS_KEPT = 500_000


def words(text: str) -> list[str]:
    r"""Runs of letters and digits, lower-cased, in order; Markdown escapes and underscores part words.

    >>> words(r"Amazon's max\_connections")
    ['amazon', 's', 'max', 'connections']
    """
    return [word for word in _WORD.findall(text.lower()) if len(word) <= _LONGEST]


def stem(word: str) -> str:
    """The Snowball English stem of a lower-case word: "running" gives "run". Safe to call from many threads."""
    known = _stems.get(word)
    if known is None:
        # The stemmer keeps the word it works on in itself, so each thread has its own.
        if not hasattr(_local, "stemmer"):
            _local.stemmer = snowballstemmer.stemmer("english")
        known = str(_local.stemmer.stemWord(word))
        if len(_stems) < _STEMS_KEPT:
            _stems[word] = known
    return known


def stems(text: str) -> list[str]:
    """The stem of each word of ``text``, in order."""
    return [stem(word) for word in words(text)]
