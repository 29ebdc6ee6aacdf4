"""Telling how an answer differs from what a story expects of it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from .story import Expected, Json, Values

MISSING: Final = "nothing"


def differences(expected: Expected, status: int, text: str) -> list[str]:
    """Return in words how an answer differs; nothing, if it does not."""
    found = list(_of_status(expected, status))
    if expected.values:
        found += differing_values(expected.values, document(text))
    if expected.lines is not None:
        found += _of_lines(expected.lines, [document(line) for line in text.splitlines()])
    if expected.one_of:
        ways = [differences(one, status, text) for one in expected.one_of]
        found += [] if [] in ways else [" or ".join("; ".join(way) for way in ways)]
    return found


def document(text: str) -> Json:
    """Return an answer's JSON document; an answer without one holds nothing anywhere."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return None


def differing_values(values: Values, held: Json) -> list[str]:
    """Return in words which values of a document are not as expected."""
    return [
        f"{pointer or 'the answer'} is {at(held, pointer)!r}, not {wanted!r}"
        for pointer, wanted in values.items()
        if not _is(wanted, at(held, pointer))
    ]


def at(held: Json, pointer: str) -> Any:
    """Return what stands at a JSON pointer, or `MISSING`."""
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        try:
            held = held[int(key)] if isinstance(held, list) else held[key]
        except (KeyError, IndexError, TypeError, ValueError):
            return MISSING
    return held


def _is(wanted: Json, held: Any) -> bool:
    if not isinstance(wanted, Mapping) or len(wanted) != 1:
        return bool(wanted == held)
    [(word, value)] = wanted.items()
    match word:
        case "not":
            return held is not MISSING and held != value
        case "length":
            return held is not MISSING and len(held) == value
        case "longer_than":
            return held is not MISSING and len(held) > value
    return bool(wanted == held)


def _of_status(expected: Expected, status: int) -> Iterator[str]:
    if expected.statuses and status not in expected.statuses:
        yield f"answered {status}, not {' or '.join(map(str, expected.statuses))}"


def _of_lines(wanted: Any, held: list[Json]) -> Iterator[str]:
    if len(wanted) != len(held):
        yield f"{len(held)} lines, not {len(wanted)}"
    for number, (values, line) in enumerate(zip(wanted, held, strict=False), 1):
        pointed = {f"/{name}": value for name, value in values.items()}
        yield from (f"line {number}: {what}" for what in differing_values(pointed, line))
