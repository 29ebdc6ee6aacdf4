"""RFC 9457 problem documents: the only form in which an error leaves a service."""

from collections.abc import Sequence
from typing import Any, Final, get_args

import asyncpg
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.middleware.body_limit import MAX_BODY_SIZE_SCOPE_KEY
from starlette.status import HTTP_413_CONTENT_TOO_LARGE
from starlette.types import Scope

from attendance_runtime import errors
from attendance_runtime.telemetry import current_trace_id
from attendance_runtime.trouble import SURROUNDINGS, is_transient

_log = structlog.get_logger()

TRACE_HEADER: Final = "X-Trace-Id"
"""In every response: the id under which the logs of all services tell what became of a request."""

TRACE_ID: Final = "firstday.trace_id"
"""Where a request's scope keeps that id, for a fault that is answered after its span has ended."""

_STATUS: dict[type[errors.FirstdayError], int] = {
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.PreconditionFailed: 412,
    errors.PayloadTooLarge: 413,
    errors.Invalid: 422,
    errors.PreconditionRequired: 428,
    errors.TooManyRequests: 429,
    errors.Unavailable: 503,
}

# PostgreSQL keeps every character but U+0000.
_NO_SUCH_CHARACTER = "22021"


SCHEMA: Final[dict[str, Any]] = {
    "title": "Problem",
    "description": "What went wrong, and what to do next (RFC 9457); without any person's values.",
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {
            "type": "string",
            "format": "uri",
            "description": "The kind of problem, to be told apart by programs.",
        },
        "title": {"type": "string", "description": "The kind of problem, in words."},
        "status": {"type": "integer", "minimum": 400, "description": "The HTTP status again."},
        "detail": {"type": "string", "description": "What to do next, in a sentence."},
        "trace_id": {
            "type": "string",
            "pattern": "^[0-9a-f]{32}$",
            "description": "Tell it to whoever runs the platform: the logs know the request by it.",
        },
        "errors": {
            "type": "array",
            "description": "Each value that cannot be accepted.",
            "items": {
                "type": "object",
                "required": ["detail", "pointer"],
                "properties": {
                    "detail": {"type": "string", "description": "What is wrong with the value."},
                    "pointer": {
                        "type": "string",
                        "description": "Where it stands: a JSON pointer into the body "
                        "(`#/marks/3/code`), `path:day`, `query:after` or `header:If-Match`.",
                    },
                },
            },
        },
    },
}
"""Every problem document, as OpenAPI describes it."""

MEDIA_TYPE: Final = "application/problem+json"


def problem(
    status: int,
    title: str,
    *,
    detail: str | None = None,
    faults: Sequence[errors.Fault] = (),
    trace_id: str | None = None,
) -> JSONResponse:
    """Build a problem document; `detail` and faults never hold a person's values.

    `trace_id` is the present span's unless another is given.
    """
    body: dict[str, object] = {
        "type": f"urn:firstday:problem:{title.lower().replace(' ', '-')}",
        "title": title,
        "status": status,
    }
    if detail:
        body["detail"] = detail
    if faults:
        body["errors"] = [{"detail": fault.detail, "pointer": fault.pointer} for fault in faults]
    if trace_id := trace_id or current_trace_id():
        body["trace_id"] = trace_id
    return JSONResponse(body, status_code=status, media_type=MEDIA_TYPE)


def too_large(scope: Scope) -> JSONResponse:
    """Build the problem of a body over the limit of the route that a request came to."""
    kilobytes = scope[MAX_BODY_SIZE_SCOPE_KEY] // 1024
    return problem(
        413, errors.PayloadTooLarge.title, detail=f"Send at most {kilobytes} kB at once."
    )


def install(app: FastAPI) -> None:
    """Make every error of an application leave as a problem document."""
    app.add_exception_handler(errors.FirstdayError, _on_domain_error)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(HTTPException, _on_http_error)
    for kind in get_args(asyncpg.PostgresError | SURROUNDINGS):
        app.add_exception_handler(kind, _on_database_error)
    app.add_exception_handler(Exception, _on_bug)


async def _on_domain_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, errors.FirstdayError)  # noqa: S101 - registered for this type
    return answer_to(error)


def answer_to(error: errors.FirstdayError) -> JSONResponse:
    """Build the answer that an error becomes at the edge."""
    status = next(_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS)
    faults = error.faults if isinstance(error, errors.Invalid) else ()
    response = problem(status, error.title, detail=str(error), faults=faults)
    if isinstance(error, errors.TooManyRequests | errors.Unavailable):
        response.headers["Retry-After"] = str(error.retry_after_seconds)
    if isinstance(error, errors.Unauthenticated):
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


async def _on_invalid_request(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this type
    faults = [
        errors.Fault(_without_value(fault["type"], fault["msg"]), _pointer(fault["loc"]))
        for fault in error.errors()
    ]
    title = errors.Invalid.title
    return problem(422, title, detail="Correct the values pointed at.", faults=faults)


async def _on_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this type
    if error.status_code == HTTP_413_CONTENT_TOO_LARGE:
        return too_large(request.scope)
    if isinstance(error.__cause__, errors.Invalid):  # `web.reading` could not read what was sent
        return answer_to(error.__cause__)
    response = problem(error.status_code, str(error.detail))
    response.headers.update(error.headers or {})
    return response


async def _on_database_error(request: Request, error: Exception) -> Response:
    if getattr(error, "sqlstate", None) == _NO_SUCH_CHARACTER:
        return await _on_domain_error(
            request, errors.Invalid("Send text without the character U+0000.")
        )
    if not is_transient(error):
        return await _on_bug(request, error)
    _log.warning("request.unavailable", route=_route(request), error=type(error).__name__)
    return await _on_domain_error(
        request, errors.Unavailable("Nothing was kept. Send the same request again.")
    )


async def _on_bug(request: Request, error: Exception) -> Response:
    # Starlette answers a bug outside of every middleware: its span is over, so it is named here.
    trace_id = request.scope.get(TRACE_ID)
    _log.error("request.failed", route=_route(request), trace_id=trace_id, exc_info=error)
    detail = "Nothing was kept; the fault has been logged under this trace id."
    response = problem(500, "Our mistake", detail=detail, trace_id=trace_id)
    if trace_id:
        response.headers[TRACE_HEADER] = trace_id
    return response


def _route(request: Request) -> str:
    """Name the route by its template: a concrete path may hold a child's id."""
    return getattr(request.scope.get("route"), "path", "unknown")


def _without_value(kind: str, message: str) -> str:
    """Keep library messages that quote the input out of the answer."""
    return "This value is not valid." if kind.startswith("value_error") else message


def _pointer(location: Sequence[int | str]) -> str:
    """Turn a validator's location into a JSON pointer, or a query parameter's name."""
    source, *rest = location
    path = "/".join(str(part).replace("~", "~0").replace("/", "~1") for part in rest)
    return f"#/{path}" if source == "body" else f"{source}:{path}"
