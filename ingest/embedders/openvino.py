"""Twice the speed for bulk embedding with the optional ``openvino`` package (extra ``fast``), for who asks for it.

It reads the same ONNX file, and computes in bfloat16 where the processor can: cosines move by up to 0.003, which
changes the order of near ties, so it never serves unasked. Before it serves, its vectors are compared with
onnxruntime's; if they differ by more, or if anything in it fails, onnxruntime does all the work. The one module that
knows OpenVINO.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.protocols import Vectors

PARITY = 0.9999
_PROBE = ([2023, 2003], [3739, 2291, 1012] * 20, [2951, 2005, 1996] * 70)
"""Word-piece ids of three lengths, below the smallest limit of any model that is served."""

_OFF = np.zeros(1, dtype=np.float32)
Ids = NDArray[np.int64]
Run = Callable[[Ids, Ids], Vectors]
_log = logging.getLogger(__name__)


class BulkSession:
    """A compiled model with one request, since each request keeps memory of its own; threads take turns."""

    def __init__(self, compiled: Any) -> None:
        self._output = compiled.output(0)
        self._request = compiled.create_infer_request()
        self._lock = threading.Lock()

    def run(self, input_ids: Ids, attention_mask: Ids) -> Vectors:
        with self._lock:
            result = self._request.infer(
                {"input_ids": input_ids, "attention_mask": attention_mask, "in_conversation": _OFF}
            )
            return np.array(result[self._output], dtype=np.float32)


def open_session(
    model: Path, threads: int, reference: Run, pad: Callable[[list[list[int]]], tuple[Ids, Ids]]
) -> BulkSession | None:
    """The session, or None when OpenVINO is missing, fails, or is not within a cosine of 0.9999 of ``reference``."""
    if find_spec("openvino") is None:
        _log.warning("OpenVINO is not installed; embedding goes on with onnxruntime. Run: pip install 'askwell[fast]'")
        return None
    os.environ.setdefault("OPENVINO_TELEMETRY_DISABLE", "1")
    try:
        import openvino

        core = openvino.Core()
        session = BulkSession(core.compile_model(str(model), "CPU", {"INFERENCE_NUM_THREADS": threads}))
        inputs = pad([list(ids) for ids in _PROBE])
        cosine = float(np.min(np.sum(session.run(*inputs) * reference(*inputs), axis=1)))
    except Exception as error:  # a broken optional part must never stop an ingest
        _log.warning("OpenVINO is installed but fails (%s); embedding goes on with onnxruntime", error)
        return None
    if cosine < PARITY:
        _log.warning("OpenVINO differs from onnxruntime (cosine %.5f); embedding goes on with onnxruntime", cosine)
        return None
    return session
