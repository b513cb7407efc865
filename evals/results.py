"""A run's results as a value, and as JSON: everything needed to read, compare and repeat it. Draws no conclusions."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from assistant.settings import Settings
from evals.outcomes import Outcome
from evals.summary import Summary
from ingest.errors import AskwellError
from ingest.index import Manifest

FORMAT = 1
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


@dataclass(frozen=True, slots=True)
class Results:
    format: int
    origin: Origin
    summary: Summary
    outcomes: tuple[Outcome, ...]


_JSON = TypeAdapter(Results)


def origin(settings: Settings, manifest: Manifest, suites: tuple[str, ...], split: str) -> Origin:
    commit, changed = _commit()
    shown = {
        name: str(value)
        for name, value in settings.model_dump(mode="json").items()
        if not any(word in name for word in _SECRET)
    }
    created = datetime.now(UTC).isoformat(timespec="seconds")
    made_of = {name: value if isinstance(value, int) else str(value) for name, value in asdict(manifest).items()}
    return Origin(created, commit, changed, made_of, shown, suites, split)


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
    here = Path(__file__).parent
    try:
        head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=here, capture_output=True, text=True, check=True)
        status = ["git", "status", "--porcelain", "--untracked-files=no"]
        changed = subprocess.run(status, cwd=here, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "", False
    return head.stdout.strip(), bool(changed.stdout.strip())
