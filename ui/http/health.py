"""GET /healthz (the process runs) and GET /readyz (it can answer: 503 until there is an index)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter
from pydantic import BaseModel, Field

if TYPE_CHECKING:
    from assistant.assistant import Assistant

NOT_NEAR = "The vector index cannot be used, so every chunk is scored: answers are slower. The log says why."
"""Where the server of the vectors is, is not for everyone."""


class Health(BaseModel):
    status: str = "ok"


class Readiness(Health):
    index_generation: str
    documents: int
    chunks: int
    created: str
    problem: str = Field(
        "",
        description="Why a newer index is not the one that serves, or searches are slower than they could be; empty "
        "when all is well.",
    )


def health_router(assistant: Assistant) -> APIRouter:
    router = APIRouter(tags=["health"])

    @router.get("/healthz", summary="Is the process alive?")
    def healthz() -> Health:
        return Health()

    @router.get("/readyz", summary="Can it answer?")
    def readyz() -> Readiness:
        """503 with the command to run while there is no index, or while the records cannot be reached."""
        assistant.records.check()
        manifest = assistant.holder.manifest()
        return Readiness(
            index_generation=manifest.generation,
            documents=manifest.documents,
            chunks=manifest.chunks,
            created=manifest.created,
            problem=assistant.holder.problem or (NOT_NEAR if assistant.holder.slow else ""),
        )

    return router
