"""GET /documents and GET /quality: pages for who keeps the documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse

from assistant.callers import caller
from assistant.records import overview_of
from assistant.settings import Settings
from ingest.last_runs import last_runs
from ui.pages.documents import documents_page
from ui.pages.quality import quality_page
from ui.pages.report import latest_report

if TYPE_CHECKING:
    from assistant.assistant import Assistant


def pages_router(assistant: Assistant, settings: Settings) -> APIRouter:
    router = APIRouter(tags=["pages"])

    @router.get("/documents", response_class=HTMLResponse, summary="See what is indexed")
    def documents(
        collection: str = Query("", max_length=200),
        q: str = Query("", max_length=200, description="Words that the title or the path holds."),
        page: int = Query(1, ge=1, le=1_000_000),
    ) -> HTMLResponse:
        """A page: the documents of each collection, and the files that could not be taken in, with the reason."""
        who = caller()
        runs = [run for run in last_runs(settings.data_dir) if who is None or who.may_see(run.collection)]
        index = assistant.holder.current()
        return HTMLResponse(documents_page(index, runs, collection=collection, words=q, page=page))

    @router.get("/quality", response_class=HTMLResponse, summary="See how good the answers are")
    def quality() -> HTMLResponse:
        """A page: the last 30 days, questions without an answer or voted down, and the latest evaluation."""
        return HTMLResponse(quality_page(overview_of(assistant.records), latest_report(settings)))

    return router
