"""A chat model as judge, over a server on loopback: its scores, its agreement with our labels, and its failures."""

from __future__ import annotations

import json

import pytest

from assistant.settings import Settings
from evals.html import to_html
from evals.judge import judged
from evals.markdown import to_markdown
from evals.runner import run_suites
from ingest.errors import AskwellError, BadInputError
from tests.evals.chat_server import chat_server
from tests.evals.small import SmallAssistant
from tests.evals.test_runner import SUITE, results


def verdict(prompt: str) -> str:
    """Says that what speaks of fraud is wrong, and that all is faithful."""
    return json.dumps({"reason": "so", "faithful": True, "relevant": True, "correct": "fraud rings" not in prompt})


def test_the_judge_scores_answers_and_its_agreement_is_reported() -> None:
    assistant = SmallAssistant()
    measured = results(run_suites([SUITE], assistant, assistant))
    with chat_server(verdict) as url:
        found = judged(measured, "openai:judge", Settings(model_base_url=url, _env_file=None))
    assert found.summary.overall["judge_faithfulness"].value == 1.0
    assert found.summary.overall["judge_correctness"].value == pytest.approx(2 / 5)  # item and key; fraud thrice
    assert found.agreement["judge_faithfulness"].share == 1.0
    agreed = found.agreement["judge_correctness"]
    assert agreed.share == pytest.approx(2 / 5)
    assert agreed.kappa == pytest.approx(0.0)
    assert agreed.n == 5
    assert "judge_correctness" not in next(o for o in found.outcomes if o.case == "weather").scores
    for report in (to_markdown(found), to_html(found)):
        assert "Agreement of the judge openai:judge with our labels" in report


def test_a_judge_that_gives_no_verdict_or_does_not_exist_is_said() -> None:
    assistant = SmallAssistant()
    measured = results(run_suites([SUITE], assistant, assistant))
    with chat_server(lambda prompt: "I would rather not.") as url:
        settings = Settings(model_base_url=url, model_attempts=1, _env_file=None)
        with pytest.raises(AskwellError, match="gave no verdict"):
            judged(measured, "openai:judge", settings)
    with pytest.raises(BadInputError, match="--judge is 'judge'; write provider:name"):
        judged(measured, "judge", settings)
