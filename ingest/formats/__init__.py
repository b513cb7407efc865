"""The formats that are read: by file ending or by the media type that a server names.

One module per format turns bytes into ``Extracted`` and is imported when a file of its kind is met. Markdown and plain
text have none: their stored text is the file's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import PurePosixPath

from ingest.formats.extracted import Extracted


@dataclass(frozen=True, slots=True)
class Format:
    """``module`` holds ``extract(raw, name) -> Extracted``; empty for formats that are their own text.

    ``loose``: media types that servers send for it besides its own.
    """

    name: str
    media_type: str
    suffixes: tuple[str, ...]
    module: str = ""
    loose: tuple[str, ...] = ()


FORMATS = (
    Format("Markdown", "text/markdown", (".md", ".markdown"), loose=("text/x-markdown",)),
    Format("MDX", "text/mdx", (".mdx",), "mdx"),
    Format("plain text", "text/plain", (".txt", ".text")),
    Format("HTML", "text/html", (".html", ".htm", ".xhtml"), "html", loose=("application/xhtml+xml",)),
    Format("reStructuredText", "text/x-rst", (".rst",), "rst", loose=("text/prs.fallenstein.rst",)),
    Format("PDF", "application/pdf", (".pdf",), "pdf", loose=("application/x-pdf",)),
    Format(
        "Word",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        (".docx",),
        "docx",
    ),
    Format("Jupyter notebook", "application/x-ipynb+json", (".ipynb",), "notebook"),
)
SUFFIXES = frozenset(suffix for form in FORMATS for suffix in form.suffixes)
_BY_SUFFIX = {suffix: form for form in FORMATS for suffix in form.suffixes}
_BY_NAME = {form.name: form for form in FORMATS}
_BY_TYPE = {media_type: form for form in FORMATS for media_type in (form.media_type, *form.loose)}


def format_of(name: str, media_type: str = "") -> Format | None:
    """By the media type if it is a known one, else by the ending of ``name``; None for what is not read.

    >>> format_of("guide/keys.HTML").media_type
    'text/html'
    >>> format_of("https://docs.example.com/keys", "text/html; charset=utf-8").name
    'HTML'
    """
    given = media_type.split(";")[0].strip().lower()
    by_name = _BY_SUFFIX.get(PurePosixPath(name).suffix.lower())
    if given == "text/plain" and by_name is not None:  # what servers say of every text they do not know
        return by_name
    return _BY_TYPE.get(given) or by_name


def extract_here(form: str, raw: bytes, name: str) -> Extracted:
    """Extracts in this process, without limits of time and memory. ``form`` is the name of a format with a module."""
    module = import_module(f"ingest.formats.{_BY_NAME[form].module}")
    extracted: Extracted = module.extract(raw, name)
    return extracted
