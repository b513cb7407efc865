"""Which embedder serves: the one place that knows the implementations. Each is imported only when it is chosen."""

from __future__ import annotations

from pathlib import Path

from ingest.protocols import Embedder

DEFAULT_MODEL = "all-MiniLM-L6-v2"


def load_embedder(model: str, data_dir: Path, threads: int = 2, *, fast: bool = False) -> Embedder:
    """The embedder named ``model``: the built-in one, ``hashing``, or a folder or name for sentence-transformers.

    The built-in model runs on onnxruntime from ``data_dir/models`` (exported there on first use, in a process of
    its own, so that torch never enters this one). ``fast`` lets OpenVINO embed in bulk, in bfloat16. Raises
    BadInputError when the model is not on this machine.
    """
    if model.removeprefix("sentence-transformers/") == DEFAULT_MODEL:
        from ingest.embedders.minilm import load_minilm

        return load_minilm(data_dir, threads, fast=fast)
    if model == "hashing":
        from ingest.embedders.hashing import HashingEmbedder

        return HashingEmbedder()
    from ingest.embedders.sentence_transformer import SentenceTransformerEmbedder

    return SentenceTransformerEmbedder(model, threads=threads)
