"""Many lines in one request, and an answer for each of them.

A body is NDJSON (`application/x-ndjson`, one JSON object a line) or a JSON array of the same
objects; the answers come back in the form in which the lines came. One bad line never spoils its
neighbours. Faults point into the line itself and never repeat a value: lines hold names.
"""

import codecs
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Generic, TypeVar

import msgspec
from fastapi import Request, Response
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from attendance_runtime.errors import Fault, Invalid, PayloadTooLarge
from attendance_runtime.web.openapi import listed
from attendance_runtime.web.reading import fault_of
from register_service.lines.domain import State, Where

T = TypeVar("T")
Model = TypeVar("Model", bound=BaseModel)
Faults = tuple[Fault, ...]

NDJSON: Final = "application/x-ndjson"
LINES_AT_MOST: Final = 10_000

# PostgreSQL keeps every character but U+0000, which JSON can only hold escaped.
_HOLDS_NULL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_NOT_KEPT = Fault("Send text without the character U+0000.", "#")
_NOT_READABLE = Fault("This line is not a JSON object that can be read.", "#")


class Unreadable(Exception):
    """A line that is not what its decoder reads, with the faults to answer."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__()
        self.faults = faults


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of one line; a subject adds the ids and keys that its lines speak of."""

    line: int
    state: State
    errors: Faults = ()


@dataclass(frozen=True, slots=True)
class Body(Generic[T]):
    """A request's lines by number, the first being 1, and the faults of those not readable.

    Attributes:
        ndjson: in which of the two forms it is answered.
        passed_over: the fields of each readable line that nobody reads.
        columns: of a file, the column of each field; faults point at columns then.
        file: its name, where several were sent together.
    """

    lines: Mapping[int, T]
    unreadable: Mapping[int, Faults]
    ndjson: bool
    passed_over: Mapping[int, Faults] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    file: str | None = None

    def where(self, line: int, fault: Fault) -> Where:
        """Say where a fault of a line stood in what was sent."""
        name = fault.pointer.removeprefix("#").removeprefix("/")
        return Where(line, self.file, self.columns.get(name, name) or None)

    def answer(self, answers: Iterable[Answer]) -> Response:
        """Return an answer a line, in the order and the form of the request."""
        refused = (
            Answer(line=line, state=State.REFUSED, errors=faults)
            for line, faults in self.unreadable.items()
        )
        placed = (
            replace(answer, errors=self.in_columns(answer.line, answer.errors))
            if answer.errors and self.columns
            else answer
            for answer in [*answers, *refused]
        )
        ordered = sorted(placed, key=lambda answer: answer.line)
        if self.ndjson:
            return Response(msgspec.json.Encoder().encode_lines(ordered), media_type=NDJSON)
        return Response(msgspec.json.encode(ordered), media_type="application/json")

    def in_columns(self, line: int, faults: Faults) -> Faults:
        """Let faults of a line's fields point at the file's columns, if it is a file."""
        if not self.columns:
            return faults
        places = (self.where(line, fault).column for fault in faults)
        return tuple(
            Fault(fault.detail, f"#/{column}" if column else "#")
            for fault, column in zip(faults, places, strict=True)
        )


async def read_lines(
    request: Request, decode: Callable[[bytes], T], *, at_most: int = LINES_AT_MOST
) -> Body[T]:
    """Read a body of lines; raise `PayloadTooLarge`, or `Invalid` for one that is neither form."""
    ndjson = content_type(request) == NDJSON
    return read(await request.body(), decode, ndjson=ndjson, at_most=at_most)


def content_type(request: Request) -> str:
    """Return what a body says it is, without parameters; empty if it says nothing."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def read(
    raw: bytes,
    decode: Callable[[bytes], T],
    *,
    ndjson: bool,
    at_most: int = LINES_AT_MOST,
    look: Callable[[bytes], Faults] = lambda _: (),
) -> Body[T]:
    """Read lines in one of the two forms; `look` tells of each what is passed over in it."""
    lines: dict[int, T] = {}
    unreadable: dict[int, Faults] = {}
    passed_over: dict[int, Faults] = {}
    for number, line in _numbered(raw, ndjson=ndjson, at_most=at_most):
        if _HOLDS_NULL.search(line):
            unreadable[number] = (_NOT_KEPT,)
            continue
        try:
            lines[number] = decode(line)
            passed_over[number] = look(line)
        except Unreadable as refusal:
            unreadable[number] = refusal.faults
    return Body(lines, unreadable, ndjson, passed_over)


def by_msgspec(cls: type[T]) -> Callable[[bytes], T]:
    """Return a decoder for large loads: straight into a dataclass, first fault only."""
    decoder = msgspec.json.Decoder(cls)

    def decode(line: bytes) -> T:
        try:
            return decoder.decode(line)
        except msgspec.ValidationError as error:
            raise Unreadable(fault_of(error)) from None
        except (ValueError, RecursionError):
            raise Unreadable(_NOT_READABLE) from None

    return decode


def by_pydantic(model: type[Model]) -> Callable[[bytes], Model]:
    """Return a decoder that tells every fault of a line."""

    def decode(line: bytes) -> Model:
        try:
            return model.model_validate_json(line)
        except ValidationError as error:
            faults = error.errors(include_input=False, include_context=False)
            raise Unreadable(*map(_fault_from_pydantic, faults)) from None

    return decode


def _numbered(raw: bytes, *, ndjson: bool, at_most: int) -> list[tuple[int, bytes]]:
    lines = raw.split(b"\n") if ndjson else _elements(raw)
    # Of files that were joined to one, each brings its own byte order mark.
    lines = [line.removeprefix(codecs.BOM_UTF8) for line in lines]
    numbered = [(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if len(numbered) > at_most:
        raise PayloadTooLarge(f"Send at most {at_most} lines in one request.")
    return numbered


def _elements(raw: bytes) -> list[bytes]:
    try:
        return [bytes(element) for element in msgspec.json.decode(raw, type=list[msgspec.Raw])]
    except (ValueError, RecursionError):
        raise Invalid(
            f"Send a JSON array of objects, or one object a line as {NDJSON}.",
            [Fault("This is not a JSON array.", "#")],
        ) from None


def _fault_from_pydantic(fault: ErrorDetails) -> Fault:
    """Translate one of pydantic's faults, without sentences that may quote a value."""
    quotes = fault["type"].startswith(("value_error", "literal_error", "enum"))
    detail = "This is not one of the values allowed." if quotes else fault["msg"]
    return Fault(detail, "#" + "".join(f"/{part}" for part in fault["loc"]))


def described(line: type[object], answer: type[Answer]) -> dict[str, Any]:
    """Return what OpenAPI says of a route that takes and gives lines."""
    taken, given = listed(line), listed(answer)
    # A line that cannot be read is answered without the ids that it would have named.
    given["$defs"][answer.__name__]["required"] = ["line", "state", "errors"]
    return {
        "requestBody": {"required": True, "content": _in_both_forms(taken)},
        "responses": {"200": {"description": "An answer a line", "content": _in_both_forms(given)}},
    }


def _in_both_forms(lines: dict[str, Any]) -> dict[str, Any]:
    as_text = {
        "type": "string",
        "contentMediaType": NDJSON,
        "contentSchema": lines["items"],
        "description": "One JSON object a line; `contentSchema` describes each of them.",
    }
    return {"application/json": {"schema": lines}, NDJSON: {"schema": as_text}}
