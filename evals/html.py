"""Results as one HTML file that needs nothing from outside: tables, the risk-coverage curve, failing questions."""

from __future__ import annotations

from pathlib import Path

from evals.compare import Comparison
from evals.markdown import figure
from evals.metrics.abstention import answer_risk, risk_coverage
from evals.results import Results
from evals.summary import HEADLINES

_TEMPLATES = Path(__file__).parent / "templates"
_WIDTH, _HEIGHT = 480, 240


def to_html(results: Results, comparison: Comparison | None = None) -> str:
    """Everything in it is escaped: questions, answers and documents are data."""
    from jinja2 import Environment, FileSystemLoader

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    failing = [outcome for outcome in results.outcomes if not outcome.correct]
    return environment.get_template("report.html").render(
        origin=results.origin,
        outcomes=results.outcomes,
        overall=results.summary.overall,
        groups=(("suite", results.summary.suites), ("split", results.summary.splits), ("tag", results.summary.tags)),
        headlines=HEADLINES,
        figure=figure,
        failing=failing,
        stages={stage: sum(o.stage == stage for o in failing) for stage in sorted({o.stage for o in failing})},
        comparison=comparison,
        width=_WIDTH,
        height=_HEIGHT,
        curve=curve(results),
    )


def curve(results: Results) -> str:
    """The risk-coverage curve as points of an SVG polyline: coverage to the right, risk upwards."""
    risks = [answer_risk(outcome) for outcome in results.outcomes]
    points = risk_coverage([outcome.confidence for outcome in results.outcomes], risks)
    return " ".join(f"{coverage * _WIDTH:.1f},{(1 - risk) * _HEIGHT:.1f}" for coverage, risk in points)
