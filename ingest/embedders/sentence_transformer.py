"""Any sentence-transformers model, by folder or by a name that is already on this machine. Brings torch with it.

The one module of the serving process that knows sentence-transformers; the built-in model does not come here
unless its export failed.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ingest.embedders.batches import BATCH, averaged, by_length
from ingest.errors import BadInputError
from ingest.protocols import Vectors


class _Counter:
    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer

    def count(self, texts: Sequence[str]) -> list[int]:
        if not texts:
            return []
        return [len(ids) for ids in self._tokenizer(list(texts), add_special_tokens=False, verbose=False)["input_ids"]]


class SentenceTransformerEmbedder:
    """Raises BadInputError when the model cannot be loaded without a network."""

    def __init__(self, model: str, *, threads: int = 2, name: str = "", fingerprint: str = "") -> None:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
        import torch
        from sentence_transformers import SentenceTransformer

        torch.set_num_threads(threads)
        try:
            self._model = SentenceTransformer(model, device="cpu", local_files_only=True)
        except Exception as error:  # the library raises whatever its backends raise
            raise BadInputError(
                f'The embedding model "{model}" is not on this machine. Set ASKWELL_EMBEDDING_MODEL to a folder '
                "that holds it, or leave it unset for the built-in model"
            ) from error
        self.name = name or (Path(model).name if Path(model).is_dir() else model)
        self.fingerprint = fingerprint or _weights_hash(self._model)
        self.dimension = int(self._model.encode(["x"], show_progress_bar=False).shape[1])
        self.max_tokens = int(self._model.max_seq_length or 512)
        self.tokens = _Counter(self._model.tokenizer)

    def embed(self, texts: Sequence[str]) -> Vectors:
        pieces: list[str] = []
        owners: list[int] = []
        for owner, text in enumerate(texts):
            for piece in self._windows(text):
                pieces.append(piece)
                owners.append(owner)
        made = np.zeros((len(pieces), self.dimension), dtype=np.float32)
        for batch in by_length(pieces):
            made[batch] = self._model.encode(
                [pieces[position] for position in batch], batch_size=BATCH, show_progress_bar=False
            )
        return averaged(made, owners, [len(piece) for piece in pieces], len(texts))

    def embed_turn(self, turn: str, before: Sequence[str]) -> None:
        """What other models make of a turn and what went before it in one text was not learned."""

    def release(self) -> None:
        """torch keeps nothing on the CPU between two calls."""

    def _windows(self, text: str) -> list[str]:
        """The text, halved at white space until each part is within the model's limit."""
        if self.tokens.count([text])[0] + 2 <= self.max_tokens or len(text) < 2:
            return [text]
        middle = len(text) // 2
        cut = text.rfind(" ", 1, middle) + 1 or middle
        return [*self._windows(text[:cut]), *self._windows(text[cut:])]


def _weights_hash(model: Any) -> str:
    """SHA-256 over the parameters in the order of their names, hexadecimal."""
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().flatten().view(dtype=_bytes_type()).numpy().tobytes())
    return digest.hexdigest()


def _bytes_type() -> Any:
    import torch

    return torch.uint8
