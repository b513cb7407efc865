"""Checks on zip containers before anything in them is unpacked: bombs, paths that lead out, XML entities."""

from __future__ import annotations

import io
import zipfile

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError as XmlError
from defusedxml.ElementTree import iterparse

from ingest.formats.extracted import ParseError

MAX_MEMBERS = 10_000
MAX_UNPACKED = 512 * 2**20
MAX_RATIO = 200
"""How many times its packed size a member may be; text packs to a tenth or so, a bomb to a thousandth."""
_SMALL = 2**20


def check_container(raw: bytes, name: str) -> None:
    """Raises ParseError for a container that is encrypted, broken or made to do harm."""
    if raw[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise ParseError(f"{name} is encrypted or an old .doc file; save it as .docx without a password")
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as container:
            members = container.infolist()
            if len(members) > MAX_MEMBERS:
                raise ParseError(f"{name} holds more than {MAX_MEMBERS:,} parts; it is not taken for a document")
            total = 0
            for member in members:
                total += member.file_size
                packed_too_well = member.file_size > _SMALL and member.file_size > MAX_RATIO * max(
                    1, member.compress_size
                )
                if total > MAX_UNPACKED or packed_too_well:
                    raise ParseError(f"{name} unpacks to far more than its size; it looks like a decompression bomb")
                if member.flag_bits & 1:
                    raise ParseError(f"{name} is encrypted; save it without a password")
                if member.filename.startswith("/") or ".." in member.filename.split("/"):
                    raise ParseError(f"{name} holds a part whose path leads out of it ({member.filename[:80]})")
            for member in members:
                if member.filename.endswith((".xml", ".rels")):
                    _check_xml(container, member, name)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError) as error:
        raise ParseError(f"{name} is broken and cannot be opened; save it anew") from error


def _check_xml(container: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> None:
    """XML that declares entities is refused: no word processor writes any."""
    try:
        with container.open(member) as part:
            for _, element in iterparse(part, forbid_dtd=True):
                element.clear()
    except DefusedXmlException as error:
        raise ParseError(
            f"{name} declares XML entities in {member.filename}; it is not taken for a document"
        ) from error
    except XmlError as error:
        raise ParseError(f"{name} is broken ({member.filename} is not XML); save it anew") from error
