"""Git working trees: the commit that a file is in, and its address on the forge, so that a citation links to it.

Only what is committed and unchanged gets a link. Nothing of the repository's configuration is run.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote, urlsplit

from ingest.sources.source import Discovered, SourceFile

_SECONDS = 30
_FORGES = {
    "github": "{site}/{repository}/blob/{{commit}}/{path}",
    "gitlab": "{site}/{repository}/-/blob/{{commit}}/{path}",
    "gitea": "{site}/{repository}/src/commit/{{commit}}/{path}",
    "bitbucket": "{site}/{repository}/src/{{commit}}/{path}",
}
_SIGNS = (
    ("github", "github"),
    ("gitlab", "gitlab"),
    ("bitbucket", "bitbucket"),
    ("gitea", "gitea"),
    ("forgejo", "gitea"),
    ("codeberg", "gitea"),
)
_SCP = re.compile(r"(?:[\w.-]+@)?(?P<host>[\w.-]+\.[\w.-]+):(?!/)(?P<path>.+)")


@dataclass(frozen=True, slots=True)
class WorkingTree:
    """``root`` is the top folder, ``commit`` what is checked out, ``changed`` the paths that differ from it."""

    root: Path
    commit: str
    remote: str
    changed: frozenset[str]


def with_commits(found: Discovered, folder: Path, forge: str = "") -> Discovered:
    """The files with commit and link, when ``folder`` lies in a working tree; otherwise as they were."""
    tree = working_tree(folder)
    if tree is None:
        return found
    link = link_maker(tree.remote, forge)
    return replace(found, files=tuple(_with_commit(file, tree, link) for file in found.files))


def _with_commit(file: SourceFile, tree: WorkingTree, link: Callable[[str], str] | None) -> SourceFile:
    try:
        path = file.path.resolve().relative_to(tree.root).as_posix()
    except ValueError:
        return file
    if path in tree.changed or any(path.startswith(changed) for changed in tree.changed if changed.endswith("/")):
        return file
    metadata = {**file.metadata, "commit": tree.commit, "path": path}
    return replace(file, commit=tree.commit, link=file.link or (link(path) if link else ""), metadata=metadata)


def working_tree(folder: Path) -> WorkingTree | None:
    """None where there is no repository, no commit or no git."""
    if not any((parent / ".git").exists() for parent in (folder, *folder.parents)):
        return None
    top = _git(folder, "rev-parse", "--show-toplevel")
    commit = _git(folder, "rev-parse", "--verify", "HEAD")
    changed = _git(folder, "status", "--porcelain=v1", "-z", "--untracked-files=normal", "--ignored=matching")
    if top is None or commit is None or changed is None:
        return None
    paths = set()
    entries = iter(changed.split("\0"))
    for entry in entries:
        paths.add(entry[3:])
        if entry[:1] in ("R", "C"):
            paths.add(next(entries, ""))
    remote = _git(folder, "config", "--get", "remote.origin.url") or ""
    return WorkingTree(Path(top.strip()), commit.strip(), remote.strip(), frozenset(paths - {""}))


def link_maker(remote: str, forge: str = "") -> Callable[[str], str] | None:
    """How to link to a path of the repository at ``remote``; None for a forge that is not known.

    User names and passwords in the address are left out.

    >>> link_maker("git@github.com:acme/docs.git")("guide/keys.md")
    'https://github.com/acme/docs/blob/{commit}/guide/keys.md'
    """
    scp = _SCP.fullmatch(remote)
    if scp:
        host, port, repository = scp.group("host"), None, scp.group("path")
    else:
        parts = urlsplit(remote)
        if parts.scheme not in ("http", "https", "ssh", "git") or not parts.hostname:
            return None
        host, repository = parts.hostname, parts.path
        port = parts.port if parts.scheme in ("http", "https") else None
    known = forge or next((name for sign, name in _SIGNS if sign in host), "")
    if known not in _FORGES:
        return None
    site = f"https://{host}:{port}" if port else f"https://{host}"
    repository = quote(repository.strip("/").removesuffix(".git"))
    return lambda path: _FORGES[known].format(site=site, repository=repository, path=quote(path).replace("{", "%7B"))


def _git(folder: Path, *arguments: str) -> str | None:
    """What git says, or None when it fails, is missing or takes too long."""
    # A repository may name programs to run in its configuration: none of them is.
    harmless = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "core.pager=cat")
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *harmless, *arguments],
            capture_output=True,
            timeout=_SECONDS,
            check=False,
            env={"PATH": _path(), "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"},
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None


def _path() -> str:
    import os

    return os.environ.get("PATH", os.defpath)
