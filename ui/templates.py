"""HTML from templates, always escaped unless a value is already clean ``Markup``."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    here = Path(__file__).parent
    return Environment(
        loader=FileSystemLoader([here / name / "templates" for name in ("sources", "web", "pages", "gaps")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def fill(template: str, **values: object) -> str:
    """The named template with its values. Raises when a value is missing."""
    return _environment().get_template(template).render(values)
