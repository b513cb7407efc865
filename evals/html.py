"""Results as one HTML file that needs nothing from outside: tables, pictures, every failing question."""

from __future__ import annotations

from pathlib import Path

from evals.charts import latency_chart, risk_coverage_chart, stage_time_chart
from evals.compare import Comparison, regressions
from evals.markdown import figure, stage_counts
from evals.results import Results
from evals.summary import HEADLINES

_TEMPLATES = Path(__file__).parent / "templates"


def to_html(results: Results, comparison: Comparison | None = None) -> str:
    """Everything in it but our own pictures is escaped: questions, answers and documents are data."""
    from jinja2 import Environment, FileSystemLoader
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    outcomes = results.outcomes
    failing = [outcome for outcome in outcomes if not outcome.correct]
    stages = {stage: sum(o.stage == stage for o in failing) for stage in sorted({o.stage for o in failing})}
    pictures = (
        ("Risk and coverage", "Mean loss over the questions that the assistant is surest of; lower is better. "
         "The dot is where it stops answering.", risk_coverage_chart(outcomes) if outcomes else ""),
        ("Latency", "Share of questions answered within a time, as measured on this machine with "
         f"{results.origin.workers} at once.", latency_chart(outcomes) if outcomes else ""),
        ("Time by stage", "Where the time of a question goes.", stage_time_chart(outcomes)),
    )  # fmt: skip
    return environment.get_template("report.html").render(
        origin=results.origin,
        outcomes=outcomes,
        overall=results.summary.overall,
        groups=(("type", results.summary.tags), ("suite", results.summary.suites), ("split", results.summary.splits)),
        headlines=HEADLINES,
        figure=figure,
        failing=failing,
        stages=stages,
        stage_counts=stage_counts(outcomes),
        agreement=results.agreement,
        comparison=comparison,
        regressions=regressions(comparison) if comparison else (),
        pictures=[(title, text, Markup(picture)) for title, text, picture in pictures if picture],
    )
