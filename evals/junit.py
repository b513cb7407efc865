"""Results as JUnit XML, which CI systems show: a suite for each question set, a test case for each question."""

from __future__ import annotations

from evals.markdown import failure_lines
from evals.outcomes import Outcome
from evals.results import Results


def to_junit(results: Results) -> str:
    """A failing question is a failure of the type "stage"; an error is an error; a skipped set one skipped case."""
    from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

    xml = JUnitXml("askwell eval")
    for name in results.origin.suites:
        suite = TestSuite(name)
        for outcome in results.outcomes:
            if outcome.suite == name:
                case = TestCase(outcome.id, f"{name}.{outcome.tags[0]}", outcome.milliseconds / 1000)
                if not outcome.correct:
                    kind = Error if outcome.status == "error" else Failure
                    case.result = [kind(_printable(outcome.question), outcome.stage)]
                    case.result[0].text = _text(outcome)
                suite.add_testcase(case)
        xml.add_testsuite(suite)
    for name, reason in results.origin.skipped.items():
        suite = TestSuite(name)
        case = TestCase(name, name)
        case.result = [Skipped(reason)]
        suite.add_testcase(case)
        xml.add_testsuite(suite)
    xml.update_statistics()
    written: bytes | str = xml.tostring()
    return written.decode() if isinstance(written, bytes) else written


def _text(outcome: Outcome) -> str:
    return _printable("\n".join(failure_lines(outcome)))


def _printable(text: str) -> str:
    """XML 1.0 has no place for most control characters."""
    return "".join(character for character in text if character in "\n\t" or character >= " ")
