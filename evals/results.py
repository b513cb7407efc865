"""A run's results as a value, and as JSON: everything needed to read, compare and repeat it. Draws no conclusions."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from assistant.settings import Settings
from evals.outcomes import Outcome
from evals.summary import Summary
from ingest.errors import AskwellError
from ingest.index import Manifest

FORMAT = 2
RESULTS_NAME = "results.json"
_SECRET = ("url", "key", "token", "secret", "password")


@dataclass(frozen=True, slots=True)
class Origin:
    """What was measured: the code, the index and the settings (without those that may hold a password)."""

    created: str
    commit: str
    changed_files: bool
    index: Mapping[str, str | int]
    settings: Mapping[str, str]
    suites: tuple[str, ...]
    split: str
    workers: int = 1
    skipped: Mapping[str, str] = field(default_factory=dict)
    """Suites that were not asked, with the reason."""
    judge: str = ""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far a judge agrees with our labels: share of the ``n`` answers, and Cohen's kappa."""

    share: float
    kappa: float
    n: int


@dataclass(frozen=True, slots=True)
class Results:
    format: int
    origin: Origin
    summary: Summary
    outcomes: tuple[Outcome, ...]
    agreement: Mapping[str, Agreement] = field(default_factory=dict)


_JSON = TypeAdapter(Results)


def origin(
    settings: Settings,
    manifest: Manifest,
    suites: tuple[str, ...],
    split: str,
    workers: int = 1,
    skipped: Mapping[str, str] | None = None,
) -> Origin:
    commit, changed = _commit()
    shown = {
        name: str(value)
        for name, value in settings.model_dump(mode="json").items()
        if not any(word in name for word in _SECRET)
    }
    created = datetime.now(UTC).isoformat(timespec="seconds")
    made_of = {name: value if isinstance(value, int) else str(value) for name, value in asdict(manifest).items()}
    return Origin(created, commit, changed, made_of, shown, suites, split, workers, dict(skipped or {}))


def measured(settings: Settings, manifest: Manifest) -> str:
    """A hash of what is measured: the code with its uncommitted changes, the index and the settings."""
    made_of = origin(settings, manifest, (), "")
    changes = _git("diff", "HEAD", "--", "*.py", "*.json", "*.yaml") or ""
    return hashlib.sha256(repr((made_of.commit, changes, made_of.index, made_of.settings)).encode()).hexdigest()


def compact(results: Results) -> Results:
    """Small enough to be committed: without answers, quotes, rankings and what the sets say anyway."""
    outcomes = tuple(
        replace(
            outcome, answer="", citations=(), ranked=(), expected=(), targets=(), standalone="", searched="",
            timings_ms={}, milliseconds=round(outcome.milliseconds, 1), confidence=round(outcome.confidence, 4),
            scores={name: round(value, 4) for name, value in outcome.scores.items()},
        )
        for outcome in results.outcomes
    )  # fmt: skip
    return replace(results, outcomes=outcomes)


def to_lines(results: Results) -> str:
    """JSON with one outcome a line, so that a diff of committed results can be read."""
    whole = _JSON.dump_python(results, mode="json", exclude_defaults=True)
    outcomes = ",\n".join(
        json.dumps(outcome, ensure_ascii=False, separators=(",", ":")) for outcome in whole.pop("outcomes")
    )
    head = ",\n".join(
        f"{json.dumps(name)}:{json.dumps(value, ensure_ascii=False, separators=(',', ':'))}"
        for name, value in whole.items()
    )
    return f'{{{head},\n"outcomes":[\n{outcomes}\n]}}\n'


def to_json(results: Results) -> str:
    return _JSON.dump_json(results, indent=1, exclude_defaults=False).decode()


def load(path: Path) -> Results:
    """The results in a file, or in the folder that ``--out`` named. Raises AskwellError."""
    file = path / RESULTS_NAME if path.is_dir() else path
    try:
        return _JSON.validate_json(file.read_bytes())
    except OSError as error:
        raise AskwellError(
            f"The results {file} cannot be read ({error.strerror}). Make them: askwell eval --out DIR"
        ) from error
    except ValidationError as error:
        raise AskwellError(
            f"{file} does not hold results of this version. Make them anew: askwell eval --out DIR"
        ) from error


def _commit() -> tuple[str, bool]:
    """The git commit of the code and whether tracked files differ from it; ("", False) outside a checkout."""
    head = _git("rev-parse", "HEAD")
    status = _git("status", "--porcelain", "--untracked-files=no")
    return head or "", bool(status)


def _git(*arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=Path(__file__).parents[1], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()
