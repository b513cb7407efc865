"""POST /v1/feedback: thumbs up or down on an answer; a later rating replaces the earlier one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter
from starlette.responses import Response

from ui.http.requests import FeedbackRequest

if TYPE_CHECKING:
    from assistant.assistant import Assistant


def feedback_router(assistant: Assistant) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["feedback"])

    @router.post("/feedback", status_code=204, summary="Rate an answer")
    def feedback(body: FeedbackRequest) -> Response:
        """Recorded with the answer, for the people who keep the documents."""
        assistant.records.feedback(body.answer_id, body.rating, body.comment, body.expected, body.reason or "")
        return Response(status_code=204)

    return router
