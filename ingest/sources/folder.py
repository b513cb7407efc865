"""Which files a folder (or a single file) offers, in a stable order, with the id that each document will have.

Hidden files and folders are skipped, ``.gitignore`` is respected, linked folders are not followed, and a linked
file only when it points inside the root. What the files say is not looked at here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from pathspec import GitIgnoreSpec

from ingest.errors import BadInputError
from ingest.parsing import SUPPORTED
from ingest.sources.source import Discovered, SourceFile


def discover(root: Path, *, include: Sequence[str] = (), exclude: Sequence[str] = (), name: str = "") -> Discovered:
    """The documents under ``root``; ``name`` is what they remember as their source, if not the root itself.

    Raises BadInputError for a missing path and for a single file of a kind that is not read.

    ``include`` and ``exclude`` are patterns as in ``.gitignore`` files. A folder without documents gives no files;
    whether that is an error depends on what was there before.
    """
    if not root.exists():
        raise BadInputError(f"{root} does not exist. Check the path")
    resolved = root.resolve()
    if resolved.is_file():
        if resolved.suffix.lower() not in SUPPORTED:
            raise BadInputError(f"{root} is not a kind of file that is read. Readable are {_kinds()}")
        return Discovered(str(resolved), (SourceFile(resolved, resolved.name, str(resolved)),), ())
    if not os.access(resolved, os.R_OK | os.X_OK):
        raise BadInputError(f"{root} cannot be read. Check its permissions")
    warnings: list[str] = []
    source = name or str(resolved)
    ids = (path.relative_to(resolved).as_posix() for path in _walk(resolved, resolved, (), warnings))
    wanted = patterns(include, exclude)
    files = tuple(SourceFile(resolved / found, found, source) for found in sorted(ids) if wanted(found))
    return Discovered(source, files, tuple(warnings))


def patterns(include: Sequence[str], exclude: Sequence[str]) -> Callable[[str], bool]:
    """Whether a path is wanted: it matches one of ``include`` (if there are any) and none of ``exclude``.

    >>> wanted = patterns(["guide/"], ["*.draft.md"])
    >>> wanted("guide/keys.md"), wanted("guide/keys.draft.md"), wanted("other.md")
    (True, False, False)
    """
    try:
        included = GitIgnoreSpec.from_lines(include) if include else None
        excluded = GitIgnoreSpec.from_lines(exclude)
    except ValueError as error:
        raise BadInputError(
            f"A pattern cannot be understood ({error}). Patterns are those of .gitignore files"
        ) from error
    return lambda path: (included is None or included.match_file(path)) and not excluded.match_file(path)


def no_documents(root: Path | str) -> BadInputError:
    return BadInputError(f"No documents in {root}. Readable are {_kinds()}")


def _kinds() -> str:
    return ", ".join(sorted(SUPPORTED)) + " files"


_Ignores = tuple[tuple[Path, GitIgnoreSpec], ...]


def _walk(folder: Path, root: Path, ignores: _Ignores, warnings: list[str]) -> Iterator[Path]:
    ignores = (*ignores, *_ignore_file(folder, warnings))
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        warnings.append(f"{_shown(folder, root)} cannot be read ({error.strerror}); what is in it was left out")
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        path = Path(entry.path)
        if entry.is_symlink():
            if path.suffix.lower() in SUPPORTED or path.is_dir():
                reason = _link_problem(path, root)
                if reason:
                    warnings.append(f"{_shown(path, root)} {reason}")
                elif not _ignored(path, False, ignores):
                    yield path
        elif entry.is_dir():
            if not _ignored(path, True, ignores):
                yield from _walk(path, root, ignores, warnings)
        elif entry.is_file() and path.suffix.lower() in SUPPORTED and not _ignored(path, False, ignores):
            if _encodable(entry.name):
                yield path
            else:
                warnings.append(f"{_shown(path, root)} has a name that is not UTF-8; rename it to have it ingested")


def _link_problem(path: Path, root: Path) -> str:
    """Why a symbolic link is not followed, or an empty text."""
    try:
        target = path.resolve(strict=True)
    except (OSError, RuntimeError):  # a dangling link or a loop of links
        return "is a link that leads nowhere"
    if target.is_dir():
        return "is a linked folder, which is not followed"
    if not target.is_relative_to(root):
        return "is a link that leads out of the folder, which is not followed"
    return "" if target.is_file() else "is a link to something that is not a file"


def _ignore_file(folder: Path, warnings: list[str]) -> _Ignores:
    path = folder / ".gitignore"
    try:
        if not path.is_file():
            return ()
        return ((folder, GitIgnoreSpec.from_lines(path.read_text("utf-8", "replace").splitlines())),)
    except (OSError, ValueError) as error:
        warnings.append(f"{path} was not understood ({error}); nothing is ignored because of it")
        return ()


def _ignored(path: Path, is_folder: bool, ignores: _Ignores) -> bool:
    """As git decides: the deepest ``.gitignore`` that says anything about the path wins."""
    for folder, spec in reversed(ignores):
        relative = path.relative_to(folder).as_posix() + ("/" if is_folder else "")
        verdict = spec.check_file(relative).include
        if verdict is not None:
            return verdict
    return False


def _encodable(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _shown(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix().encode("utf-8", "replace").decode() if path != root else str(root)
