"""The report's pictures as inline SVG, drawn by matplotlib: risk and coverage, latency, time by stage.

The same results give the same bytes; nothing in them points outside the page.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from evals.metrics.abstention import answer_risk, risk_coverage
from evals.metrics.statistics import percentile
from evals.outcomes import Outcome

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_INK, _LINE, _PALE = "#1d2430", "#1f5fbf", "#9db8e6"
_METADATA = re.compile(r"<metadata>.*?</metadata>", re.S)


def risk_coverage_chart(outcomes: Sequence[Outcome]) -> str:
    """Mean loss over the share of questions that the assistant is surest of; the dot is where it refuses the rest."""
    points = risk_coverage([outcome.confidence for outcome in outcomes], [answer_risk(o) for o in outcomes])
    answered = sum(not outcome.refused for outcome in outcomes) / len(outcomes)
    figure, axes = _figure("share of questions answered, surest first", "mean loss")
    axes.plot([coverage for coverage, _ in points], [risk for _, risk in points], color=_LINE)
    at = min(points, key=lambda point: abs(point[0] - answered))
    axes.plot([at[0]], [at[1]], "o", color=_INK)
    axes.annotate(f"answered: {answered:.0%}", at, xytext=(6, -12), textcoords="offset points", color=_INK)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, None)
    return _svg(figure, "risk")


def latency_chart(outcomes: Sequence[Outcome]) -> str:
    """Share of questions answered within a time, with the median and the 95th percentile."""
    times = sorted(outcome.milliseconds for outcome in outcomes)
    figure, axes = _figure("milliseconds", "share of questions")
    axes.step(times, [(place + 1) / len(times) for place in range(len(times))], where="post", color=_LINE)
    for share in (50, 95):
        value = percentile(times, share)
        axes.axvline(value, color=_PALE, linewidth=1)
        axes.annotate(f"p{share} {value:.0f} ms", (value, share / 100), xytext=(4, -12), textcoords="offset points")
    axes.set_xlim(0, percentile(times, 99.5) * 1.1 + 1)
    axes.set_ylim(0, 1)
    return _svg(figure, "latency")


def stage_time_chart(outcomes: Sequence[Outcome]) -> str:
    """Mean and 95th percentile of each stage of the read path; "" when no times were recorded."""
    names = [name for name in dict.fromkeys(n for o in outcomes for n in o.timings_ms) if name != "total"]
    if not names:
        return ""
    times = [[o.timings_ms[name] for o in outcomes if name in o.timings_ms] for name in names]
    figure, axes = _figure("milliseconds", "")
    places = range(len(names))
    axes.barh(places, [percentile(found, 95) for found in times], color=_PALE, label="p95")
    axes.barh(places, [sum(found) / len(found) for found in times], color=_LINE, height=0.4, label="mean")
    axes.set_yticks(list(places), names)
    axes.invert_yaxis()
    axes.legend(frameon=False)
    return _svg(figure, "stages")


def _figure(x: str, y: str) -> tuple[Figure, Axes]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.2, 2.8), layout="constrained")
    axes = figure.subplots()
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _svg(figure: Figure, salt: str) -> str:
    """Text stays text (no font is embedded), ids do not depend on the run and differ between the pictures."""
    from matplotlib import rc_context

    written = io.StringIO()
    with rc_context({"svg.hashsalt": salt, "svg.fonttype": "none", "font.family": "sans-serif"}):
        figure.savefig(written, format="svg", metadata={"Date": None})
    picture = written.getvalue()
    return _METADATA.sub("", picture[picture.index("<svg") :])
