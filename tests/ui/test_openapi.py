"""schemathesis over the whole OpenAPI document, with keys and without: no 5xx, no undocumented status or shape."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS
from schemathesis.core.result import Ok
from schemathesis.schemas import BaseSchema

from tests.ui.access import Guarded, guarded
from tests.ui.house import build
from ui.http.access import is_open

CHECKED: list[Any] = [
    check
    for check in CHECKS.get_all()
    if check.__name__
    in (
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_schema_conformance",
        "unsupported_method",
    )
]
FEW = settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="session")
def asked(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[Guarded]:
    made = guarded(build(tmp_path_factory.mktemp("schema"), models), rate_limit_key="", max_running_per_key=99)
    yield made
    made.assistant.close()


@pytest.fixture(scope="session")
def header(asked: Guarded) -> dict[str, str]:
    return {"Authorization": f"Bearer {asked.keys.create('schemathesis', ('ask', 'read', 'metrics'))[1]}"}


@pytest.fixture(scope="session")
def document(asked: Guarded, header: dict[str, str]) -> BaseSchema:
    return schemathesis.openapi.from_asgi("/openapi.json", asked.app, headers=header)


def operations_of(document: BaseSchema) -> list[Any]:
    return [found.ok() if isinstance(found, Ok) else pytest.fail(str(found)) for found in document.get_all_operations()]


def each_case(document: BaseSchema, examples: int, check: Callable[[Case[Any]], None]) -> int:
    """Runs ``check`` on generated cases of every operation; how many operations there are."""
    operations = operations_of(document)
    for operation in operations:

        @given(case=operation.as_strategy())
        @settings(FEW, max_examples=examples)
        def run(case: Case[Any]) -> None:
            check(case)

        run()
    return len(operations)


def test_with_a_key_nothing_undocumented_comes_back(document: BaseSchema, header: dict[str, str]) -> None:
    def check(case: Case[Any]) -> None:
        response = case.call(headers={**header, "Accept": "*/*"})
        case.validate_response(response, checks=CHECKED)

    assert each_case(document, 10, check) >= 9


def test_what_is_wrong_on_purpose_is_refused_with_a_documented_status(
    document: BaseSchema, header: dict[str, str]
) -> None:
    """Bodies and parameters that break the schema, for every operation that takes any."""
    refused = 0
    for operation in operations_of(document):
        try:
            strategy = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
        except Unsatisfiable:
            continue

        @given(case=strategy)
        @settings(FEW, max_examples=10)
        def run(case: Case[Any]) -> None:
            nonlocal refused
            response = case.call(headers={**header, "Accept": "*/*"})
            case.validate_response(response, checks=CHECKED[:3])
            refused += response.status_code >= 400

        try:
            run()
        except Unsatisfiable:  # an operation without parameters has nothing that could be wrong
            continue
    assert refused > 30


def test_without_a_key_only_what_is_open_answers(asked: Guarded, document: BaseSchema) -> None:
    def check(case: Case[Any]) -> None:
        response = case.call(headers={"Authorization": "", "Accept": "*/*"})
        case.validate_response(response, checks=CHECKED[:2])
        assert response.status_code == 401 or is_open(case.operation.path)

    each_case(document, 3, check)


def test_where_nobody_signs_in_nothing_undocumented_comes_back(client: TestClient) -> None:
    open_to_all = schemathesis.openapi.from_asgi("/openapi.json", client.app)

    def check(case: Case[Any]) -> None:
        response = case.call(headers={"Accept": "*/*", "Host": "testserver"})
        case.validate_response(response, checks=CHECKED)
        assert response.status_code not in (401, 403)

    assert each_case(open_to_all, 5, check) >= 9


def test_the_document_names_a_scope_for_every_closed_route(asked: Guarded) -> None:
    paths = asked.app.openapi()["paths"]
    assert {"/v1/answers", "/v1/search", "/sources/{document_id}", "/metrics"} <= set(paths)
    for path, methods in paths.items():
        for operation in methods.values():
            if "401" in operation["responses"]:
                assert operation["x-scope"] in ("ask", "read", "metrics"), path
            assert "500" in operation["responses"], path
