"""The sources file: which collections there are, where their documents come from and how to link to the originals.

```yaml
collections:
  handbook:
    - path: handbook                 # a folder, file or archive, relative to this file
      exclude: [drafts/]
      base_url: https://handbook.example.com/{stem}/
  product:
    - url: https://docs.example.com/sitemap.xml
      include: [/guide/]
```
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ingest.errors import AskwellError, BadInputError
from ingest.generations import require_name
from ingest.sources.source import Source, page_address

Patterns = Annotated[tuple[str, ...], Field(default=())]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    path: str = ""
    url: str = ""
    include: Patterns
    exclude: Patterns
    base_url: str = Field("", pattern=r"^(https?://\S+)?$")
    allow_hosts: Patterns
    rate: float = Field(2.0, gt=0, le=100)
    max_pages: int = Field(10_000, gt=0)
    forge: Literal["", "github", "gitlab", "gitea", "bitbucket"] = ""

    @model_validator(mode="after")
    def _one_place(self) -> _Entry:
        if bool(self.path) == bool(self.url):
            raise ValueError("name either a path or a url")
        return self


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    collections: dict[str, list[_Entry]]


def read_sources_file(path: Path) -> Mapping[str, tuple[Source, ...]]:
    """Collection -> its sources. Raises BadInputError that names what is wrong, and where."""
    try:
        loaded = yaml.safe_load(path.read_text("utf-8"))
        file = _File.model_validate(loaded if isinstance(loaded, dict) else {})
    except FileNotFoundError as error:
        raise BadInputError(f"There is no sources file {path}. Write one, or name it: askwell sync FILE") from error
    except (OSError, UnicodeDecodeError) as error:
        raise BadInputError(f"{path} cannot be read ({error})") from error
    except yaml.YAMLError as error:
        raise BadInputError(f"{path} is not valid YAML ({' '.join(str(error).split())})") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BadInputError(f"{path} is not usable at {place or 'its top'}: {first['msg']}") from error
    sources: dict[str, tuple[Source, ...]] = {}
    for name, entries in file.collections.items():
        try:
            require_name(name)
            sources[name] = tuple(_source(entry, path.resolve().parent) for entry in entries)
        except AskwellError as error:
            raise BadInputError(f"{path}, collection {name}: {error}") from error
    if not any(sources.values()):
        raise BadInputError(f"{path} names no source. Add a path or a url to a collection")
    return {name: entries for name, entries in sources.items() if entries}


def _source(entry: _Entry, folder: Path) -> Source:
    location = page_address(entry.url) if entry.url else str(folder / Path(entry.path).expanduser())
    return Source(
        location,
        include=entry.include,
        exclude=entry.exclude,
        base_url=entry.base_url,
        allow_hosts=entry.allow_hosts,
        rate=entry.rate,
        max_pages=entry.max_pages,
        forge=entry.forge,
    )
