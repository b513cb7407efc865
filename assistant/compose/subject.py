"""Whose evidence it is: a question that names products is answered from what speaks of them.

"Does Redshift support vector search?" is not answered by the section that says so of DocumentDB, however well its
other words fit.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.query import Query
from assistant.types import Hit
from assistant.words import stem_set


def names_products(query: Query) -> bool:
    return any(mention.name.is_product for mention in query.analysis.mentions)


def speaks_of_asked(query: Query, present: frozenset[str]) -> bool:
    """Whether a bag of stems names one of the products asked about; True when the question names none."""
    asked = [mention for mention in query.analysis.mentions if mention.name.is_product]
    return not asked or any(stem_set(alias) <= present for mention in asked for alias in mention.name.aliases)


def on_subject(query: Query, hits: Sequence[Hit]) -> list[Hit]:
    """The hits that name a product asked about, in order; all of them when the question names none."""
    if not names_products(query):
        return list(hits)
    return [hit for hit in hits if speaks_of_asked(query, stem_set(f"{hit.title} {hit.chunk.embed_text}"))]
