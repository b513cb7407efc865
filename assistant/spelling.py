"""Typo tolerance: words that the index has never seen, mapped to the nearest word that it has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from assistant.words import STOP_WORDS

_MIN_LENGTH = 4


class Speller:
    """Corrects against the vocabulary of one index generation, which is read when the first odd word turns up."""

    def __init__(
        self, vocabulary: Callable[[], Mapping[str, int]], is_word: Callable[[str], bool] = lambda _word: False
    ) -> None:
        """``is_word`` tells plain words ("bread") that the documents merely lack: they are no typos of others."""
        self._read = vocabulary
        self.is_word = is_word

    @cached_property
    def _frequency(self) -> dict[str, int]:
        return {word: count for word, count in self._read().items() if word.isascii() and len(word) > 2}

    @cached_property
    def _by_letter(self) -> dict[str, list[str]]:
        letters: dict[str, list[str]] = {}
        for word in self._frequency:
            letters.setdefault(word[0], []).append(word)
        return letters

    def correct(self, word: str) -> str | None:
        """The likeliest word meant by one the index has not seen; None when it is short, a number, or like nothing.

        One edit is forgiven from 4 letters on, two from 8; the first letter must be right, which real typos
        nearly always keep. Among equals the more frequent word wins.
        """
        if len(word) < _MIN_LENGTH or any(c.isdigit() for c in word) or word in STOP_WORDS:
            return None
        if self.is_word(word):
            return None
        allowed = 1 if len(word) < 8 else 2
        near = process.extract(
            word,
            self._by_letter.get(word[0], ()),
            scorer=DamerauLevenshtein.distance,
            score_cutoff=allowed,
            limit=20,
        )
        best = min(near, key=lambda entry: (entry[1], -self._frequency[entry[0]], entry[0]), default=None)
        return str(best[0]) if best is not None else None
