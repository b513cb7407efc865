"""GET /metrics: for Prometheus, in its text format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import Response

from ui.metrics import exposition

if TYPE_CHECKING:
    from assistant.assistant import Assistant


def metrics_router(assistant: Assistant) -> APIRouter:
    router = APIRouter(tags=["health"])

    @router.get("/metrics", summary="Numbers for Prometheus", response_class=Response)
    def metrics() -> Response:
        """Questions, latency by stage, index age, tokens, Slack outcomes. Needs a key with the scope metrics."""
        return Response(exposition(assistant), media_type=CONTENT_TYPE_LATEST)

    return router
