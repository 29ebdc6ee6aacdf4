"""Which problems each route can answer: derived from what it asks for, the rest said beside it.

What a route depends on says itself what it refuses (`refuses`): its rule 401, 403 and 429,
`If-Match` 412 and 428, `Idempotency-Key` 409. A body may be too large (413). Whoever holds a scope
may be refused an object (404) and a value (422).

Any other is declared as FastAPI has it, with its reason: `responses={409: {"description": …}}`.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from attendance_runtime import errors
from attendance_runtime.access import Allowed
from attendance_runtime.web import problems
from attendance_runtime.web.headers import A_TRACE, ALWAYS, HEADERS, sent

Depended = TypeVar("Depended")

_FIRST_REFUSAL: Final = 400


@dataclass(frozen=True, slots=True)
class _Refusal:
    """When a problem comes, and an error that brings it."""

    when: str
    error: errors.FirstdayError


_ELSEWHERE = errors.Fault("No pupil of this school has this id.", "#/marks/3/mis_id")
_REFUSALS: Final = (
    _Refusal(
        "There is no access token, or it does not verify.",
        errors.Unauthenticated("Send an access token: `Authorization: Bearer …`."),
    ),
    _Refusal(
        "The token lacks the scope.",
        errors.Forbidden("This needs a token with the scope `register.write`."),
    ),
    _Refusal(
        "There is no such thing, or it is not the caller's to see: the two look the same.",
        errors.NotFound("There is nothing here that this token may see."),
    ),
    _Refusal(
        "The state has moved on, or the first request with this key is still at work.",
        errors.Conflict("The first request with this key is still at work; wait for it."),
    ),
    _Refusal(
        "Somebody changed this after the version that `If-Match` names was read.",
        errors.PreconditionFailed("No version has this ETag; read it again."),
    ),
    _Refusal(
        "The body is larger than this route takes.",
        errors.PayloadTooLarge("Send at most 64 kB at once."),
    ),
    _Refusal(
        "Some values cannot be accepted; each is pointed at, and nothing was kept.",
        errors.Invalid("Some marks cannot be accepted.", [_ELSEWHERE]),
    ),
    _Refusal(
        "`If-Match` is missing.",
        errors.PreconditionRequired('Read it first and send its ETag: `If-Match: "r1"`.'),
    ),
    _Refusal(
        "The organisation asks for more than its quota; nothing of the request was read.",
        errors.TooManyRequests(
            "Your organisation asks for more than its share at once; send this again later.",
            retry_after_seconds=1,
        ),
    ),
    _Refusal(
        "Not now, and nothing was kept: send the same request again.",
        errors.Unavailable("Nothing was kept. Send the same request again."),
    ),
)


def _described(refusal: _Refusal) -> dict[str, Any]:
    """Describe a problem by the very answer that the error becomes."""
    answer = problems.answer_to(refusal.error)
    return {
        "description": refusal.when,
        "headers": ALWAYS | sent(*(name for name in HEADERS if name in answer.headers)),
        "content": {
            problems.MEDIA_TYPE: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "example": json.loads(bytes(answer.body)) | {"trace_id": A_TRACE},
            }
        },
    }


_NAMES: Final = {
    problems.answer_to(refusal.error).status_code: type(refusal.error).__name__
    for refusal in _REFUSALS
}

RESPONSES: Final = {type(one.error).__name__: _described(one) for one in _REFUSALS}
"""Each problem once, by the name of its error."""


def refuses(*statuses: int) -> Callable[[Depended], Depended]:
    """Say of what a route may depend on which problems it brings to the route's document."""

    def mark(depended: Depended) -> Depended:
        setattr(depended, "refuses", frozenset(statuses))  # noqa: B010 - functions have none
        return depended

    return mark


def calls_of(dependant: Dependant) -> Iterator[Callable[..., Any] | None]:
    """Yield what a route depends on, and what that depends on in turn."""
    yield dependant.call
    for dependency in dependant.dependencies:
        yield from calls_of(dependency)


def add(route: APIRoute, operation: dict[str, Any]) -> None:
    """Describe every problem that an operation can answer."""
    declared = {int(key): value for key, value in route.responses.items() if _refuses(key)}
    responses = operation["responses"]
    for answer in responses.values():
        answer["headers"] = ALWAYS | answer.get("headers", {})
    for status in _derived(route, operation) | declared.keys():
        name = _NAMES[status]
        given = declared.get(status, {})
        responses[str(status)] = RESPONSES[name] | given if given else _reference(name)
    operation["responses"] = dict(sorted(responses.items()))


def _derived(route: APIRoute, operation: dict[str, Any]) -> set[int]:
    takes_body = "requestBody" in operation
    found = {413} if takes_body else set()
    for call in calls_of(route.dependant):
        found |= getattr(call, "refuses", frozenset())
        # The provider, who has no scope, is answered alike whatever it sends.
        if isinstance(call, Allowed):
            if "{" in route.path_format or call.right.only:
                found.add(404)
            if takes_body or operation.get("parameters"):
                found.add(422)
    return found


def _refuses(status: int | str) -> bool:
    return str(status).isdigit() and int(status) >= _FIRST_REFUSAL


def _reference(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/responses/{name}"}
