"""The documents that the tests of the faces ask about, and the house built from them with real parts."""

from __future__ import annotations

from pathlib import Path

from ingest.embedders import load_embedder
from ingest.pipeline import ingest

KEYS = """\
---
title: Keys in Orchid tables
summary: What partition keys and sort keys are in the Orchid database.
services: [Orchid]
pillars: [reliability]
topics: [keys]
sources:
  - https://example.com/orchid/keys.html
  - javascript:alert(1)
reviewed: 2026-01-02
---
# Keys in Orchid tables

A partition key is the attribute that decides in which partition an Orchid item is stored. A sort key orders the
items of one partition.

## Strengths of partition keys

Partition keys in Orchid have these strengths:

- Partition keys spread the items of a table evenly over many machines.
- Partition keys find a single item in constant time.

## Weaknesses of partition keys

Partition keys in Orchid have these weaknesses:

- Partition keys cannot answer range queries over several partitions.
- A popular partition key becomes a **hot partition** that slows down writes.

## Limits of keys

The limits of an Orchid item stand in this table. More is in [limits](limits.md#limits-of-orchid-tables), nothing in
[a page that does not exist](missing.md), and the [site](https://example.com/orchid).

| Limit | Value |
| --- | --- |
| Size of a partition key | 2,048 bytes |
| Size of a sort key | 1,024 bytes |
"""

LIMITS = """\
# Limits of Orchid tables

An Orchid table holds at most 500 columns. An Orchid item is at most 400 KB in size, names included.
"""

PAYLOAD = """\
# Payload of the lander <script>window.hacked = 1</script>

The lander payload weighs 40 kilograms <img src=x onerror="window.hacked=1"> and <svg onload="window.hacked=1"> it
carries a spectrometer. [The manual](javascript:window.hacked=1) describes the lander payload
![camera](https://tracker.example.com/pixel.png "x").

<iframe src="javascript:window.hacked=1"></iframe>

The lander payload is `<script>window.hacked=1</script>` in the logs.
"""

NOTES = "Notes on the observatory.\n\nThe observatory telescope is cooled with liquid helium to 4 kelvin.\n"

RESTART = """\
# Restart of the mail gateway

The mail gateway is restarted with the command `gatectl restart`. The restart of the mail gateway takes two minutes.
"""

QUESTION = "What are the weaknesses of partition keys?"
QUOTE = "Partition keys cannot answer range queries over several partitions."
"""What answers it first, in KEYS."""

DOCUMENTS = {"guides/keys.md": KEYS, "guides/limits.md": LIMITS, "payload.md": PAYLOAD, "notes.txt": NOTES}


def build(folder: Path, models: Path) -> Path:
    """A data directory with two collections, "default" and "handbook"; ``models`` holds the exported embedder."""
    data_dir = folder / "data"
    data_dir.mkdir()
    (data_dir / "models").symlink_to(models)
    embedder = load_embedder("all-MiniLM-L6-v2", data_dir)
    for collection, files in (("default", DOCUMENTS), ("handbook", {"restart.md": RESTART})):
        root = folder / collection
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        ingest([root], data_dir=data_dir, embedder=embedder, collection=collection)
    return data_dir
