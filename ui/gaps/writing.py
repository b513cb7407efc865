"""Writes a gap report for people (Markdown, HTML) and for programs."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from assistant.compose.draft import safe_markdown
from assistant.gaps.values import Gap, GapQuestion, GapReport
from assistant.types import Related
from ui.renderings.answers import absolute, heading
from ui.shapes import RelatedShape, related_shape
from ui.templates import fill

SHOWN = 10
"""Questions shown for each gap."""


class GapQuestionShape(BaseModel):
    question: str
    asked: int
    not_found: int
    partial: int
    voted_down: int
    first: datetime
    last: datetime
    expected: list[str]


class GapShape(BaseModel):
    subject: str
    asked: int
    not_found: int
    voted_down: int
    questions: list[GapQuestionShape]
    nearest: list[RelatedShape]


class GapsShape(BaseModel):
    since: datetime | None
    until: datetime | None
    answers: int
    not_found: int
    partial: int
    voted_down: int
    left_out: int
    gaps: list[GapShape]


def gaps_shape(report: GapReport) -> GapsShape:
    return GapsShape(
        since=report.since,
        until=report.until,
        answers=report.answers,
        not_found=report.not_found,
        partial=report.partial,
        voted_down=report.voted_down,
        left_out=report.left_out,
        gaps=[
            GapShape(
                subject=gap.subject,
                asked=gap.asked,
                not_found=gap.not_found,
                voted_down=gap.voted_down,
                questions=[_question_shape(question) for question in gap.questions],
                nearest=[related_shape(near) for near in gap.nearest],
            )
            for gap in report.gaps
        ],
    )


def gaps_markdown(report: GapReport, base_url: str = "") -> str:
    """A page for a wiki or a ticket. Links to sections need ``base_url``."""
    lines = ["# What the documents do not answer", "", f"{period(report)}. {summary(report)}", ""]
    if report.gaps:
        lines += ["| asked | subject | not found | voted down |", "| --- | --- | --- | --- |"]
        lines += [f"| {gap.asked} | {_cell(gap.subject)} | {gap.not_found} | {gap.voted_down} |" for gap in report.gaps]
    for gap in report.gaps:
        lines += ["", f"## {safe_markdown(gap.subject)}", "", *_questions(gap)]
        if gap.nearest:
            lines += ["", "Nearest sections:", "", *(f"- {_place(near, base_url)}" for near in gap.nearest)]
    return "\n".join(lines) + "\n"


def gaps_page(report: GapReport, base_url: str = "") -> str:
    """One HTML file without scripts, style sheets or pictures from anywhere."""
    most = max((gap.asked for gap in report.gaps), default=1)
    gaps = [
        {
            "gap": gap,
            "share": max(2, round(100 * gap.asked / most)),
            "last": gap.last.date().isoformat(),
            "nearest": [(heading(near.title, near.heading_path), absolute(near.url, base_url)) for near in gap.nearest],
            "more": len(gap.questions) - SHOWN,
            "questions": gap.questions[:SHOWN],
        }
        for gap in report.gaps
    ]
    return fill("gaps.html", period=period(report), summary=summary(report), gaps=gaps)


def period(report: GapReport) -> str:
    since = report.since.date().isoformat() if report.since else "the beginning"
    until = report.until.date().isoformat() if report.until else "now"
    return f"From {since} to {until}"


def summary(report: GapReport) -> str:
    """
    "120 answers: 7 not found, 4 in part, 2 voted down; 5 subjects."
    """
    counts = f"{report.not_found} not found, {report.partial} in part, {report.voted_down} voted down"
    more = f" {report.left_out} rarer questions are left out." if report.left_out else ""
    subjects = f"{len(report.gaps)} subject{'' if len(report.gaps) == 1 else 's'}"
    return f"{report.answers} answers: {counts}; {subjects}.{more}"


def _questions(gap: Gap) -> list[str]:
    lines = []
    for question in gap.questions[:SHOWN]:
        times = f" ({question.asked} times)" if question.asked > 1 else ""
        lines.append(f"- {safe_markdown(question.text)}{times}{_how(question)}")
        lines += [f"  - expected: {safe_markdown(' '.join(one.split()))}" for one in question.expected]
    if len(gap.questions) > SHOWN:
        lines.append(f"- and {len(gap.questions) - SHOWN} more")
    return lines


def _how(question: GapQuestion) -> str:
    if question.voted_down:
        return ", voted down"
    return ", answered in part" if question.partial and not question.not_found else ""


def _place(near: Related, base_url: str) -> str:
    words = safe_markdown(heading(near.title, near.heading_path))
    return f"[{words}]({base_url.rstrip('/')}{near.url})" if base_url else f"{words} ({near.document})"


def _cell(text: str) -> str:
    return " ".join(safe_markdown(text).split())


def _question_shape(question: GapQuestion) -> GapQuestionShape:
    return GapQuestionShape(
        question=question.text,
        asked=question.asked,
        not_found=question.not_found,
        partial=question.partial,
        voted_down=question.voted_down,
        first=question.first,
        last=question.last,
        expected=list(question.expected),
    )
