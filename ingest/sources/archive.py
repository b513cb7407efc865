"""A tar or zip archive of documents, unpacked into a folder of our own after checking what it would do.

Only regular files of kinds that are read are unpacked; links, devices and paths that lead out are named and left.
"""

from __future__ import annotations

import io
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from ingest.errors import BadInputError
from ingest.formats.office import MAX_RATIO
from ingest.parsing import MAX_BYTES, SUPPORTED

SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
MAX_UNPACKED = 8 * 2**30
MAX_FILES = 200_000
_SMALL = 2**20


@dataclass(frozen=True, slots=True)
class _Member:
    name: str
    size: int
    regular: bool
    content: IO[bytes]
    encrypted: bool = False


def is_archive(path: Path) -> bool:
    return path.name.lower().endswith(SUFFIXES)


def unpack(archive: Path, folder: Path) -> tuple[str, ...]:
    """Fills ``folder``; warnings about what was left out. Raises BadInputError for a broken archive or a bomb."""
    warnings: list[str] = []
    limit = max(64 * 2**20, MAX_RATIO * archive.stat().st_size)
    seen = files = 0
    try:
        for member in _members(archive):
            seen += member.size  # also what is passed over: a stream must be unpacked to get past it
            _check(archive, seen, limit, files)
            path = _safe(member.name)
            if PurePosixPath(member.name).suffix.lower() not in SUPPORTED and not member.name.endswith(".gitignore"):
                continue
            problem = "" if path else "has a path that leads out of the archive"
            problem = problem or ("" if member.regular else "is a link or a device, not a file")
            problem = problem or ("is encrypted" if member.encrypted else "")
            problem = problem or (f"is larger than {MAX_BYTES // 2**20} MB" if member.size > MAX_BYTES else "")
            if problem:
                warnings.append(f"{member.name[:200]} in {archive.name} {problem}; it was left out")
                continue
            files += 1
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            seen += max(0, _copy(member, target) - member.size)
            _check(archive, seen, limit, files)
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, FileExistsError) as error:
        raise BadInputError(f"{archive} is broken and cannot be unpacked ({error})") from error
    return tuple(warnings)


def _check(archive: Path, unpacked: int, limit: int, files: int) -> None:
    if unpacked > min(limit, MAX_UNPACKED) or files > MAX_FILES:
        raise BadInputError(
            f"{archive} unpacks to far more than its size; it looks like a decompression bomb. Unpack it yourself and "
            "ingest the folder if it is what it should be"
        )


def _members(archive: Path) -> Iterator[_Member]:
    if archive.name.lower().endswith(".zip"):
        with zipfile.ZipFile(archive) as opened:
            for info in opened.infolist():
                if info.is_dir():
                    continue
                encrypted = bool(info.flag_bits & 1)
                kind = info.external_attr >> 28
                if info.file_size > _SMALL and info.file_size > MAX_RATIO * max(1, info.compress_size):
                    raise BadInputError(f"{archive} holds {info.filename[:200]}, which looks like a decompression bomb")
                content: IO[bytes] = opened.open(info) if not encrypted else io.BytesIO()
                yield _Member(info.filename, info.file_size, kind in (0, 8), content, encrypted)
        return
    with tarfile.open(archive, "r|*") as stream:
        for entry in stream:
            if entry.isdir():
                continue
            held = stream.extractfile(entry) if entry.isreg() else None
            yield _Member(entry.name, entry.size, entry.isreg(), held or io.BytesIO())


def _safe(name: str) -> str:
    """The path to unpack to, or an empty text for one that leads out of the archive or is no name at all."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]
    absolute = name.startswith(("/", "\\")) or (len(name) > 1 and name[1] == ":")
    odd = any(part == ".." or "\x00" in part or len(part.encode("utf-8", "replace")) > 255 for part in parts)
    return "" if absolute or odd or not parts else "/".join(parts)


def _copy(member: _Member, target: Path) -> int:
    """Writes the file; what it says of its size is not trusted."""
    with member.content, target.open("wb") as file:
        shutil.copyfileobj(_Limited(member.content), file)
        return file.tell()


class _Limited:
    """Reads no more than a file may have."""

    def __init__(self, content: IO[bytes]) -> None:
        self._content, self._left = content, MAX_BYTES + 1

    def read(self, size: int = -1) -> bytes:
        piece = self._content.read(min(self._left, size if size >= 0 else self._left))
        self._left -= len(piece)
        return piece
