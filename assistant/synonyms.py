"""Synonyms of everyday words ("drawbacks" for "weaknesses"), from ``synonyms.yaml``. Names are in ``names.py``."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources

import yaml

from assistant.words import stem


def synonyms_of(stemmed: str) -> tuple[str, ...]:
    """Stems that mean what this stem means, itself left out; () for most words."""
    return _by_stem().get(stemmed, ())


@lru_cache(maxsize=1)
def _by_stem() -> dict[str, tuple[str, ...]]:
    groups = yaml.safe_load(resources.files("assistant").joinpath("synonyms.yaml").read_text("utf-8"))
    found: dict[str, tuple[str, ...]] = {}
    for group in groups:
        stems = tuple(dict.fromkeys(stem(str(word)) for word in group))
        for one in stems:
            found[one] = tuple(other for other in stems if other != one)
    return found
