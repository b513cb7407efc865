"""Sections that say the same kind of thing of several things: "Strengths of Aurora" and "Strengths of RDS".

Headings are alike when they share their words once the things' own names are taken out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.compose.evidence import Evidence, EvidenceSection
from assistant.compose.units import Unit, section_units
from assistant.words import STOP_WORDS, stem, stem_set
from ingest.types import Section

_MOST = 3
_UNITS = 2
_TELLING = tuple(
    stem(word) for word in "weaknesses strengths disadvantages benefits uses choose when limits cost pricing".split()
)
"""Headings that tell things apart best, best first."""
_STOPS = frozenset(stem(word) for word in STOP_WORDS) | stem_set("amazon aws service database databases")


@dataclass(frozen=True, slots=True)
class Parallel:
    """One row of a comparison: the section of each thing, in the order of the things, with what to quote of it."""

    label: str
    cells: tuple[tuple[EvidenceSection, tuple[Unit, ...]], ...]


def parallels(found: Sequence[Evidence | None], names: Sequence[frozenset[str]]) -> list[Parallel]:
    """The aspects on which every thing has a section of its own, the most telling first. ``names``: their stems."""
    by_thing = [
        _by_aspect(evidence, own, names) if evidence is not None else {}
        for evidence, own in zip(found, names, strict=True)
    ]
    if not by_thing or not all(by_thing):
        return []
    shared = [aspect for aspect in by_thing[0] if all(aspect in sections for sections in by_thing[1:])]
    shared.sort(key=_rank)
    return [_parallel([sections[aspect] for sections in by_thing]) for aspect in shared[:_MOST]]


_Place = tuple[EvidenceSection, Section, tuple[Unit, ...]]


def _by_aspect(
    evidence: Evidence, own: frozenset[str], names: Sequence[frozenset[str]]
) -> dict[frozenset[str], _Place]:
    """Aspect to section, for the documents of the look-up that are about this thing and no other."""
    places: dict[frozenset[str], _Place] = {}
    for source in evidence.sections:
        for section in source.sections:
            path = stem_set(f"{source.hit.title} {' '.join(section.heading_path)}")
            if not own <= path or any(other <= path for other in names if not other <= own):
                continue
            aspect = stem_set(section.heading) - own - _STOPS
            units = _quotable(source, section)
            if 0 < len(aspect) <= 2 and units and any(key in aspect for key in _TELLING):
                places.setdefault(aspect, (source, section, units))
    return places


def _quotable(source: EvidenceSection, section: Section) -> tuple[Unit, ...]:
    units = [unit for unit in section_units(source.document.text, section).units if unit.kind in ("item", "sentence")]
    units = [unit for unit in units if not unit.lead_in and not unit.link and unit.depth == 0]
    items = [unit for unit in units if unit.kind == "item"]
    return tuple((items or units)[:_UNITS])


def _rank(aspect: frozenset[str]) -> int:
    return min((place for place, key in enumerate(_TELLING) if key in aspect), default=len(_TELLING))


def _parallel(places: Sequence[_Place]) -> Parallel:
    label = " ".join(word for word in places[0][1].heading.split() if stem(word.lower()) not in _STOPS)
    cells = tuple(
        (replace(source, parts=section_units(source.document.text, section)), units)
        for source, section, units in places
    )
    return Parallel(_short(label, places), cells)


def _short(label: str, places: Sequence[_Place]) -> str:
    """The words of the heading that all the headings share."""
    if stem("choose") in {stem(word.lower()) for word in label.split()}:
        return "Choose it when"
    shared = [stem_set(section.heading) for _source, section, _units in places]
    kept = [word for word in label.split() if all(stem(word.lower().strip(".,:")) in words for words in shared)]
    text = " ".join(kept) or label
    return f"{text[:1].upper()}{text[1:]}"
