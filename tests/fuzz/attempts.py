"""A route's good request, spoilt in one place at a time by everything in `nasty`."""

import json
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass, field, replace
from typing import Any, TypeVar
from urllib.parse import quote

from attendance_runtime.access_page import WayIn

from ..access.calls import Call, Place, call_of  # noqa: TID252 - how a route is called stands there
from .nasty import BODIES, CONTENT_TYPES, HEADERS, TEXTS, VALUES

JSON = {"Content-Type": "application/json"}
Steps = tuple[int | str, ...]
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


def attempts(
    way: WayIn, place: Place, query: Sequence[str], *, thorough: bool
) -> Iterator[Attempt]:
    """Yield the spoilt requests of a way in; `query` names its query parameters.

    Thorough, every nasty value comes in every place; otherwise each in one of them, in turn.
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
    for name, what, text in _turns(query, TEXTS, thorough=thorough):
        yield replace(good, what=f"{name}: {what}", params={**call.params, name: text})
    if call.json is not None:
        yield from _whole_bodies(call, good)
        places = list(_leaves(call.json))
        for steps, what, value in _turns(places, {**TEXTS, **VALUES}, thorough=thorough):
            yield _with_value(call.json, good, steps, what, value)


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


def _with_value(body: Any, good: Attempt, steps: Steps, what: str, value: Any) -> Attempt:
    spoilt = deepcopy(body)
    *above, last = steps
    inner = spoilt
    for step in above:
        inner = inner[step]
    inner[last] = value
    return replace(
        good,
        what=f"{'/'.join(map(str, steps))}: {what}",
        content=json.dumps(spoilt).encode(),
        value=value if isinstance(value, str) else None,
    )


def _leaves(body: Any, above: Steps = ()) -> Iterator[Steps]:
    """Yield the way to each value of a body that holds no other; empty lists are values."""
    inner = body.items() if isinstance(body, dict) else enumerate(body)
    for step, value in inner:
        if value and isinstance(value, dict | list):
            yield from _leaves(value, (*above, step))
        else:
            yield (*above, step)
