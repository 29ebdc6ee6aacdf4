"""What a linter does not know of the documents: that they are of these very routes."""

from collections import Counter

import pytest
from fastapi.dependencies.models import Dependant

from attendance_runtime.access import Allowed
from attendance_runtime.process import Service
from attendance_runtime.web.idempotency import idempotent_request
from attendance_runtime.web.preconditions import required_version

from .documents import JSON, OPERATIONS, PROBLEM, SERVICES, Operation, route_of

each_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=str)
each_service = pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
# What is answered whoever calls, and what only a rule, a body, or a change can bring.
FOR_THE_PROVIDER = {204, 401, 413, 503}


def depended_on(dependant: Dependant) -> set[object]:
    below = (depended_on(dependency) for dependency in dependant.dependencies)
    return {dependant.call}.union(*below)


@each_service
def test_operations_are_called_as_their_functions_each_differently(service: Service) -> None:
    ids = [one.described["operationId"] for one in OPERATIONS if one.service is service]
    functions = [route_of(one).endpoint.__name__ for one in OPERATIONS if one.service is service]
    assert len(ids) == len(set(ids))
    # One function may answer at two paths: the other is called after what its path adds.
    shared = {name for name, count in Counter(functions).items() if count > 1}
    for name, function in zip(ids, functions, strict=True):
        assert name == function or function in shared


@each_operation
def test_an_operation_names_the_scope_of_its_rule(operation: Operation) -> None:
    scopes = [
        call.right.scope
        for call in depended_on(route_of(operation).dependant)
        if isinstance(call, Allowed)
    ]
    security = operation.described["security"]
    schemes = operation.document["components"]["securitySchemes"]
    if operation.path == "/v1/notify/receipts":
        assert security == [{"callbackToken": []}]
        assert schemes["callbackToken"]["scheme"] == "bearer"
    else:
        assert security == [{"accessToken": scopes}]
        assert schemes["accessToken"]["type"] == "openIdConnect"


@each_operation
def test_refusals_are_told_apart_where_they_can_happen(operation: Operation) -> None:
    answers = operation.answers()
    calls = depended_on(route_of(operation).dependant)
    if operation.path == "/v1/notify/receipts":
        assert answers.keys() == FOR_THE_PROVIDER
        return
    assert {401, 403, 429, 503} <= answers.keys()
    assert (413 in answers) == ("requestBody" in operation.described)
    assert (required_version in calls) == (412 in answers) == (428 in answers)
    assert idempotent_request not in calls or 409 in answers
    assert ("{" in operation.path) <= (404 in answers)
    for status, answer in answers.items():
        if status >= 400:
            assert answer["content"].keys() == {PROBLEM}
            assert answer["content"][PROBLEM]["example"]["status"] == status


def test_who_asks_for_many_at_once_is_told_line_by_line_and_never_404() -> None:
    by_line = [one for one in OPERATIONS if one.described["operationId"].startswith("put_schools")]
    assert [404 in one.answers() for one in by_line] == [False]


@each_operation
def test_every_example_is_what_its_schema_says(operation: Operation) -> None:
    media = [
        one
        for place in (operation.described.get("requestBody", {}), *operation.answers().values())
        for one in place.get("content", {}).values()
    ]
    for one in media:
        assert operation.faults(one["schema"], one["example"]) == []
    for parameter in operation.described.get("parameters", ()):
        assert parameter["description"]
        assert operation.faults(parameter["schema"], parameter["example"]) == []
    for answer in operation.answers().values():
        for header in map(operation.resolved, answer.get("headers", {}).values()):
            assert operation.faults(header["schema"], header["example"]) == []


@each_operation
def test_whatever_has_a_body_shows_one(operation: Operation) -> None:
    """204 alone has none."""
    answers = operation.answers()
    assert [status for status, answer in answers.items() if "content" not in answer] == [
        status for status in answers if status == 204
    ]
    if operation.method in {"put", "patch", "post"}:
        assert JSON in operation.described["requestBody"]["content"]


@each_service
def test_nothing_is_named_after_the_framework(service: Service) -> None:
    document = next(one.document for one in OPERATIONS if one.service is service)
    names = document["components"]["schemas"].keys()
    assert not names & {"HTTPValidationError", "ValidationError"}
    assert [name for name in names if "__" in name] == []


@each_service
def test_integrators_know_whom_they_deal_with(service: Service) -> None:
    document = next(one.document for one in OPERATIONS if one.service is service)
    [server] = document["servers"]
    assert server["url"] == f"{{origin}}/api/{service.name.removesuffix('-service')}"
    assert document["info"]["license"]["name"] == "MIT"
    assert document["info"]["contact"]["url"].endswith("example.org")
    assert document["externalDocs"]["url"] == document["info"]["contact"]["url"] + "/docs"
