"""A route's good request, spoilt in one place at a time by everything in `nasty`."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, TypeVar
from urllib.parse import quote

from attendance_runtime.documents.access import WayIn

from ..access.calls import Call, Place, call_of  # noqa: TID252 - how a route is called stands there
from .declared import Declared, Field, Schema
from .nasty import BODIES, CONTENT_TYPES, HEADERS, NUMBERS, TEXTS, VALUES

JSON = {"Content-Type": "application/json"}
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request, and where what is wrong with it.

    Attributes:
        what: what was spoilt, and with what.
        value: the text that stands in the body in place of a good one, if it is one.
    """

    what: str
    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """What the document declares of a route: its query parameters' names, and its body."""

    query: Sequence[str]
    body: Schema
    declared: Declared


def attempts(way: WayIn, place: Place, form: Form, *, thorough: bool) -> Iterator[Attempt]:
    """Yield the spoilt requests of a way in, in every field that it declares.

    Thorough, every nasty value comes in every place; otherwise each in one of them, in turn, but
    for numbers: those that a database cannot hold come wherever a number may stand.
    """
    call = call_of(way, place)
    good = _good(call)
    yield good
    for what, headers in HEADERS.items():
        yield replace(good, what=what, headers={**good.headers, **headers})
    in_path = [name for name in asdict(place) if f"{{{name}}}" in way.path]
    for name, what, text in _turns(in_path, TEXTS, thorough=thorough):
        values = asdict(place) | {name: quote(text, safe="")}
        yield replace(good, what=f"{name}: {what}", path=way.path.format_map(values))
    for name, what, text in _turns(form.query, TEXTS, thorough=thorough):
        yield replace(good, what=f"{name}: {what}", params={**call.params, name: text})
    if call.json is not None:
        yield from _whole_bodies(call, good)
        fields = list(form.declared.fields(call.json, form.body))
        for where, what, value in _turns(fields, {**TEXTS, **VALUES}, thorough=thorough):
            yield _with_value(good, where, what, value)
        for where in filter(lambda one: one.takes_numbers, fields):
            for what, number in NUMBERS.items():
                yield _with_value(good, where, what, number)


def _turns(
    places: Sequence[T], values: Mapping[str, Any], *, thorough: bool
) -> Iterator[tuple[T, str, Any]]:
    """Yield each value with every place, or with the one whose turn it is."""
    for number, (what, value) in enumerate(values.items()):
        for position, place in enumerate(places):
            if thorough or number % len(places) == position:
                yield place, what, value


def _good(call: Call) -> Attempt:
    content = None if call.json is None else json.dumps(call.json).encode()
    headers = dict(call.headers) if content is None else {**call.headers, **JSON}
    return Attempt("nothing", call.method, call.path, call.params, headers, content)


def _whole_bodies(call: Call, good: Attempt) -> Iterator[Attempt]:
    for what, content in BODIES.items():
        yield replace(good, what=what, content=content)
        if isinstance(call.json, list):
            lines = {**good.headers, "Content-Type": "application/x-ndjson"}
            yield replace(good, what=f"lines: {what}", content=content, headers=lines)
    for kind in CONTENT_TYPES:
        headers = {**good.headers, "Content-Type": kind}
        yield replace(good, what=f"content type {kind[:40]}", headers=headers)


def _with_value(good: Attempt, where: Field, what: str, value: Any) -> Attempt:
    return replace(
        good,
        what=f"{'/'.join(map(str, where.steps))}: {what}",
        content=json.dumps(where.holding(value)).encode(),
        value=value if isinstance(value, str) else None,
    )
