"""Filters for the next question: collection, service and pillar, as far as the index has several of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr

from ingest.errors import AskwellError

if TYPE_CHECKING:
    from assistant.assistant import Assistant

FIELDS = ("collections", "pillars", "services")
_LABELS = {"collections": "Collection", "pillars": "Pillar", "services": "Service"}
EVERYTHING = "Search everything"


@dataclass(frozen=True, slots=True)
class Chosen:
    """What to search; empty means everything."""

    collections: tuple[str, ...] = ()
    filters: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def words(self) -> str:
        every = (self.collections, *(values for _, values in self.filters))
        return "; ".join(", ".join(map(_shown, values)) for values in every if values)


def chosen(values: Sequence[Sequence[str] | None]) -> Chosen:
    """From the values of the controls, in the order of FIELDS."""
    collections, *others = (tuple(value or ()) for value in values)
    return Chosen(collections, tuple((name, value) for name, value in zip(FIELDS[1:], others, strict=True) if value))


def controls() -> list[Any]:
    """Few values are chips to tick, many a list to type in. What they offer is set when a page opens."""
    collections = gr.CheckboxGroup(label=_LABELS["collections"], elem_classes="chips", visible=False)
    pillars = gr.CheckboxGroup(label=_LABELS["pillars"], elem_classes="chips", visible=False)
    services = gr.Dropdown(label=_LABELS["services"], multiselect=True, elem_classes="services", visible=False)
    return [collections, pillars, services]


def offered(assistant: Assistant) -> list[Any]:
    """The choices that the index has: with a single value there is nothing to choose."""
    try:
        index = assistant.holder.current()
        facets = index.facets()
        values = [index.collections(), *(sorted(facets.get(name, ()), key=str.lower) for name in FIELDS[1:])]
    except AskwellError:
        values = [[], [], []]
    kinds = (gr.CheckboxGroup, gr.CheckboxGroup, gr.Dropdown)
    return [
        kind(choices=[(_shown(value), value) for value in found], visible=len(found) > 1)
        for kind, found in zip(kinds, values, strict=True)
    ]


def label(values: Sequence[Sequence[str] | None]) -> str:
    """What the closed filters say."""
    words = chosen(values).words
    return f"Only in: {words}" if words else EVERYTHING


def _shown(value: str) -> str:
    """A value of the front matter in words: ``cost-optimization`` is no name."""
    words = value.replace("-", " ") if value.islower() else value
    return words[:1].upper() + words[1:]
