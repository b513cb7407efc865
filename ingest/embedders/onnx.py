"""An exported sentence encoder on onnxruntime, with the tokenizers library alone: no torch, no transformers.

The one module that knows onnxruntime. Large batches go through OpenVINO where that was asked for and agrees.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from ingest.embedders.batches import embed_windows
from ingest.embedders.openvino import BulkSession, Ids, Run, open_session
from ingest.embedders.turns import joined
from ingest.protocols import Vectors

BULK = 64
"""From so many texts on, OpenVINO may serve; questions stay on onnxruntime, which starts sooner."""
_STEP = 32
"""Batches of a bulk are padded to multiples of this: a runtime keeps memory for every shape that it has seen."""


class TokenizerCounter:
    """Word pieces by the model's own tokenizer, special tokens not counted."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        return [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts), add_special_tokens=False)]

    def count(self, texts: Sequence[str]) -> list[int]:
        return [len(ids) for ids in self.ids(texts)]


class OnnxEmbedder:
    """Reads ``model`` (inputs ``input_ids`` and ``attention_mask``, int64, and ``in_conversation``, float32 of shape
    (1,), 1 for turns; output unit vectors) and ``tokenizer``."""

    def __init__(
        self,
        model: Path,
        tokenizer: Path,
        *,
        name: str,
        fingerprint: str,
        dimension: int,
        max_tokens: int,
        threads: int,
        fast: bool = False,
    ) -> None:
        self.name = name
        self.fingerprint = fingerprint
        self.dimension = dimension
        self.max_tokens = max_tokens
        self._model = model
        self._threads = threads
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Spinning threads would burn the cores that the rest of the server needs between two questions.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        loaded = Tokenizer.from_file(str(tokenizer))
        loaded.no_truncation()
        loaded.no_padding()
        self.tokens = TokenizerCounter(loaded)
        self._first, self._last = loaded.token_to_id("[CLS]") or 0, loaded.token_to_id("[SEP]") or 0
        self._bulk_tried = not fast
        self._fast = fast
        self._bulk: BulkSession | None = None

    def embed(self, texts: Sequence[str]) -> Vectors:
        run: Run = self.run
        step = 1
        if len(texts) >= BULK:
            step = _STEP
            bulk = self._bulk_session()
            if bulk is not None:
                run = bulk.run
        return embed_windows(
            self.tokens.ids(texts), self.max_tokens - 2, self.dimension, lambda batch: run(*self._padded(batch, step))
        )

    def embed_turn(self, turn: str, before: Sequence[str]) -> Vectors:
        own, *others = self.tokens.ids([turn, *before])
        (vector,) = self.run(*self._padded([joined(own, others, self._last)]), in_conversation=True)
        return np.asarray(vector, dtype=np.float32)

    def release(self) -> None:
        self._bulk, self._bulk_tried = None, not self._fast
        options = onnxruntime.RunOptions()
        options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
        input_ids, mask = self._padded([[]])
        self._session.run(None, _inputs(input_ids, mask), options)

    def run(self, input_ids: Ids, attention_mask: Ids, *, in_conversation: bool = False) -> Vectors:
        vectors = self._session.run(None, _inputs(input_ids, attention_mask, in_conversation))[0]
        return np.asarray(vectors, dtype=np.float32)

    def _padded(self, batch: list[list[int]], step: int = 1) -> tuple[Ids, Ids]:
        """``[CLS] ids [SEP]`` padded with 0 to the longest of the batch, rounded up to ``step``, and the mask."""
        longest = max(len(ids) for ids in batch) + 2
        width = max(longest, min(self.max_tokens, -(-longest // step) * step))
        input_ids = np.zeros((len(batch), width), dtype=np.int64)
        mask = np.zeros_like(input_ids)
        for row, ids in enumerate(batch):
            input_ids[row, : len(ids) + 2] = [self._first, *ids, self._last]
            mask[row, : len(ids) + 2] = 1
        return input_ids, mask

    def _bulk_session(self) -> BulkSession | None:
        if not self._bulk_tried:
            self._bulk = open_session(self._model, self._threads, self.run, self._padded)
            self._bulk_tried = True
        return self._bulk


def _inputs(input_ids: Ids, attention_mask: Ids, in_conversation: bool = False) -> dict[str, Any]:
    switch = np.full(1, in_conversation, dtype=np.float32)
    return {"input_ids": input_ids, "attention_mask": attention_mask, "in_conversation": switch}
