"""Every example is sent to the running platform, and what comes back is what the document says."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import httpx
import pytest

from attendance_runtime.web.guarded import ORDINARY_BODY_BYTES
from attendance_runtime.web.headers import HEADERS

from .documents import JSON, NDJSON, OPERATIONS, PROBLEM, Operation, route_of
from .stage import NO_VERSION, WITHOUT_SCOPE, Stage

each_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=str)
# Needs two requests within a moment; `test_edge.py` holds the first one up.
FIRST_AT_WORK: Final = (409, "open_case")
LINE_BY_LINE: Final = [
    one for one in OPERATIONS if NDJSON in one.described.get("requestBody", {}).get("content", {})
]
WITH_A_BODY: Final = [
    one for one in OPERATIONS if 422 in one.answers() and "requestBody" in one.described
]


def differences(operation: Operation, answer: httpx.Response) -> Iterator[str]:
    """Yield how an answer differs from what is described, in words."""
    described = operation.answers().get(answer.status_code)
    if described is None:
        yield f"{answer.status_code}: {answer.text[:300]}"
        return
    headers = {name: operation.resolved(one) for name, one in described.get("headers", {}).items()}
    for name in HEADERS:
        if name in answer.headers and name not in headers:
            yield f"{name} is sent and not described"
        if headers.get(name, {}).get("required") and name not in answer.headers:
            yield f"{name} is described and not sent"
    kind = answer.headers.get("content-type", "").partition(";")[0]
    media = described.get("content", {"": None})
    if kind not in media:
        yield f"it is {kind}, not one of {list(media)}"
    elif kind:
        told = answer.text if kind == NDJSON else answer.json()
        yield from operation.faults(media[kind]["schema"], told)


def unlike(example: Any, told: Any, place: str = "#") -> Iterator[str]:
    """Yield where an answer has not the shape of its example; a list shows one of its items."""
    match example, told:
        case dict(), dict():
            for key in example.keys() ^ told.keys():
                yield f"{place}/{key} is only in the {'example' if key in example else 'answer'}"
            for key in example.keys() & told.keys():
                yield from unlike(example[key], told[key], f"{place}/{key}")
        case [shown, *_], list():
            for item in told:
                yield from unlike(shown, item, f"{place}/…")
        case _, dict() | list() if told and not example:
            yield f"{place} is empty in the example alone"


def assert_carried_out(operation: Operation, answer: httpx.Response, kind: str = JSON) -> None:
    assert list(differences(operation, answer)) == []
    assert answer.is_success, answer.text
    if answer.status_code == httpx.codes.NO_CONTENT:
        return
    assert answer.headers["content-type"].partition(";")[0] == kind
    example = operation.answers()[answer.status_code]["content"][kind]["example"]
    lines = kind == NDJSON
    told = answer.json() if not lines else json.loads(answer.text)
    assert list(unlike(json.loads(example) if lines else example, told)) == []
    assert '"refused"' not in answer.text.replace('"refused":[]', ""), answer.text


def assert_refused(operation: Operation, answer: httpx.Response, status: int) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == PROBLEM
    assert list(differences(operation, answer)) == []


@each_operation
def test_an_example_is_carried_out_and_answered_as_described(
    answers: Mapping[str, httpx.Response], operation: Operation
) -> None:
    assert_carried_out(operation, answers[operation.described["operationId"]])


@pytest.mark.parametrize("operation", LINE_BY_LINE, ids=str)
@pytest.mark.usefixtures("answers")
async def test_lines_are_carried_out_as_an_array_is(stage: Stage, operation: Operation) -> None:
    answer = await stage.send(operation, token=await stage.token(operation), kind=NDJSON)
    assert_carried_out(operation, answer, NDJSON)


def refusals(*statuses: int) -> pytest.MarkDecorator:
    """Parametrize a test by the operations that describe one of these refusals."""
    return pytest.mark.parametrize(
        ("operation", "status"),
        [
            pytest.param(operation, status, id=f"{status} {operation}")
            for operation in OPERATIONS
            for status in operation.answers()
            if status in statuses and (status, operation.described["operationId"]) != FIRST_AT_WORK
        ],
    )


@refusals(401, 403)
async def test_who_may_not_call_is_refused(stage: Stage, operation: Operation, status: int) -> None:
    token = None if status == 401 else await stage.platform.token(WITHOUT_SCOPE)
    answer = await stage.send(operation, token=token, if_match=NO_VERSION)
    assert_refused(operation, answer, status)


@refusals(404)
@pytest.mark.usefixtures("answers")
async def test_what_nobody_has_is_not_found(
    stage: Stage, operation: Operation, status: int
) -> None:
    # What names nothing in its address is not found by whom it is not for.
    of_one = "{" in operation.path
    token = await (stage.token(operation) if of_one else stage.platform.token("openapi-staff"))
    answer = await stage.send(operation, token=token, if_match=NO_VERSION, names=stage.nowhere())
    assert_refused(operation, answer, status)


@refusals(412)
def test_a_change_of_another_version_is_refused(
    unseen: Mapping[str, httpx.Response], operation: Operation, status: int
) -> None:
    assert_refused(operation, unseen[operation.described["operationId"]], status)


@refusals(428)
@pytest.mark.usefixtures("answers")
async def test_a_change_names_the_version_that_is_changed(
    stage: Stage, operation: Operation, status: int
) -> None:
    answer = await stage.send(operation, token=await stage.token(operation), if_match=None)
    assert_refused(operation, answer, status)


@refusals(409)
@pytest.mark.usefixtures("answers")
async def test_what_is_settled_stays_so(stage: Stage, operation: Operation, status: int) -> None:
    otherwise = operation.body()
    for said, other in (("confirm", "refuse"), ("told", "not-needed")):
        otherwise = otherwise.replace(f'"{said}"', f'"{other}"')
    token = await stage.token(operation)
    answer = await stage.send(operation, token=token, body=otherwise.encode())
    assert_refused(operation, answer, status)


@refusals(413)
async def test_a_body_over_the_limit_is_refused(
    stage: Stage, operation: Operation, status: int
) -> None:
    too_long = b" " * ((route_of(operation).max_body_size or ORDINARY_BODY_BYTES) + 1)
    token = await stage.token(operation)
    answer = await stage.send(operation, token=token, body=too_long, if_match=NO_VERSION)
    assert_refused(operation, answer, status)


@pytest.mark.parametrize(
    ("operation", "name", "place"),
    [
        pytest.param(operation, one["name"], one["in"], id=f"{one['name']} of {operation}")
        for operation in OPERATIONS
        for one in operation.described.get("parameters", ())
        if one["in"] != "header"
    ],
)
async def test_a_spoilt_parameter_is_pointed_at(
    stage: Stage, operation: Operation, name: str, place: str
) -> None:
    answer = await stage.send(
        operation,
        token=await stage.token(operation),
        if_match=NO_VERSION,
        parameters={name: "\0"},
    )
    assert_refused(operation, answer, 422)


@pytest.mark.parametrize("operation", WITH_A_BODY, ids=str)
async def test_a_body_that_is_cut_short_is_refused(stage: Stage, operation: Operation) -> None:
    token = await stage.token(operation)
    cut = operation.body()[:-1].encode()
    answer = await stage.send(operation, token=token, body=cut, if_match=NO_VERSION)
    assert_refused(operation, answer, 422)
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["#"]


@pytest.mark.parametrize(
    "operation", [one for one in WITH_A_BODY if one not in LINE_BY_LINE], ids=str
)
async def test_a_spoilt_value_is_pointed_at(stage: Stage, operation: Operation) -> None:
    body = json.loads(operation.body())
    name = next(iter(body))
    spoilt = json.dumps(body | {name: {}}).encode()
    token = await stage.token(operation)
    answer = await stage.send(operation, token=token, body=spoilt, if_match=NO_VERSION)
    assert_refused(operation, answer, 422)
    assert f"#/{name}" in [fault["pointer"] for fault in answer.json()["errors"]]


@pytest.mark.parametrize("operation", LINE_BY_LINE, ids=str)
async def test_a_spoilt_line_is_refused_alone(stage: Stage, operation: Operation) -> None:
    [line] = json.loads(operation.body())
    name = next(iter(line))
    spoilt = json.dumps([line | {name: {}}]).encode()
    answer = await stage.send(operation, token=await stage.token(operation), body=spoilt)
    assert list(differences(operation, answer)) == []
    [refused] = answer.json()
    assert refused["state"] == "refused"
    assert f"#/{name}" in [fault["pointer"] for fault in refused["errors"]]
