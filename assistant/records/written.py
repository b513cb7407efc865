"""Checks and model calls of an answer as JSON for the database, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from assistant.types import Answer, Check, ModelCall

Rows = list[dict[str, Any]]
"""As JSON holds them: fields by name."""


def checks_json(answer: Answer) -> Rows:
    return [
        {**asdict(check), "reasons": list(check.reasons), "citations": list(check.citations)} for check in answer.checks
    ]


def calls_json(answer: Answer) -> Rows:
    return [asdict(call) for call in answer.model_calls]


def checks_of(rows: Sequence[Mapping[str, Any]]) -> tuple[Check, ...]:
    return tuple(
        Check(row["start"], row["end"], row["supported"], tuple(row["reasons"]), tuple(row["citations"]))
        for row in rows
    )


def calls_of(rows: Sequence[Mapping[str, Any]]) -> tuple[ModelCall, ...]:
    return tuple(ModelCall(**row) for row in rows)
