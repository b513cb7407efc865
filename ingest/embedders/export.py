"""``python -m ingest.embedders.export SOURCE FOLDER SHA256``: a sentence encoder as one ONNX file, checked.

Runs in a process of its own because it needs torch. Mean pooling and normalising are part of the graph, and so are the
adapters for turns of a conversation, which a third input switches on. Writes
``model.onnx``, then ``export.json`` which says who serves: onnx when the cosine to sentence-transformers is above
0.9999 on every probe, sentence-transformers otherwise. Exits with 3 when the weights have another hash.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np

PARITY = 0.9999
PROBES = (
    "a",
    "What is mechanical sympathy?",
    "Amazon DynamoDB is a serverless, NoSQL, fully managed database with single-digit millisecond performance.",
    "| Engine | Version |\n| --- | --- |\n| PostgreSQL | 16.3 |",
    "```sql\nSELECT * FROM orders WHERE customer_id = 42;\n```",
    "Größe, naïve, 日本語, emoji \U0001f600 and numbers 3.14159",
    " ".join(["Use strong consistency where a read must see the latest write."] * 18),
)


def main(source: Path, folder: Path, sha256: str) -> int:
    with (source / "model.safetensors").open("rb") as weights:
        if hashlib.file_digest(weights, "sha256").hexdigest() != sha256:
            return 3
    temporary = folder / "model.onnx.tmp"
    export(source, temporary)
    cosine = parity(source, temporary)
    with temporary.open("rb") as written:
        os.fsync(written.fileno())
    temporary.replace(folder / "model.onnx")
    serves = "onnx" if cosine > PARITY else "sentence-transformers"
    verdict = folder / "export.json.tmp"
    verdict.write_text(json.dumps({"serves": serves, "cosine": round(cosine, 7)}))
    verdict.replace(folder / "export.json")
    return 0


def export(source: Path, target: Path) -> None:
    import torch
    from transformers import AutoModel

    from ingest.embedders.adapter import adapt, load, pooled

    class Encoder(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.bert = AutoModel.from_pretrained(str(source), attn_implementation="eager", local_files_only=True)
            self.switch, adapters = adapt(self.bert, scripted=True)
            load(adapters)

        def forward(self, input_ids: Any, attention_mask: Any, in_conversation: Any) -> Any:
            self.switch.on = in_conversation
            hidden = self.bert(
                input_ids=input_ids, attention_mask=attention_mask, token_type_ids=torch.zeros_like(input_ids)
            ).last_hidden_state
            return pooled(hidden, attention_mask)

    sample = torch.ones((2, 8), dtype=torch.int64)
    axes = {0: "batch", 1: "tokens"}
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # the tracer warns about branches that inference does not take
        torch.onnx.export(
            Encoder().eval(),
            (sample, sample, torch.zeros(1)),
            str(target),
            input_names=["input_ids", "attention_mask", "in_conversation"],
            output_names=["embedding"],
            dynamic_axes={"input_ids": axes, "attention_mask": axes, "embedding": {0: "batch"}},
            opset_version=17,
            dynamo=False,
        )


def parity(source: Path, model: Path) -> float:
    """The lowest cosine between the exported model and sentence-transformers over the probes."""
    from sentence_transformers import SentenceTransformer

    from ingest.embedders.onnx import OnnxEmbedder

    reference = SentenceTransformer(str(source), device="cpu", local_files_only=True)
    expected = reference.encode(list(PROBES), normalize_embeddings=True, show_progress_bar=False)
    embedder = OnnxEmbedder(
        model,
        source / "tokenizer.json",
        name="export",
        fingerprint="",
        dimension=int(expected.shape[1]),
        max_tokens=int(reference.max_seq_length),
        threads=1,
    )
    return float(np.min(np.sum(embedder.embed(PROBES) * expected, axis=1)))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]))
