"""The formats in which a school's roll may come: bytes in, lines out, each with where it stood.

A format has its own words for what is sent. It turns them into the register's `RollLine` and judges
nothing: what is wrong with a line is the domain's to say.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from register_service.imports.api.formats import lines
from register_service.imports.domain import RollLine
from register_service.lines import api as bulk
from register_service.lines.api import NDJSON, Answer, Body


class Format(NamedTuple):
    """One format.

    Attributes:
        read: raises `Invalid` or `PayloadTooLarge` for what is none of it at all.
        content: what OpenAPI says of such a body; nothing of the two that carry lines of JSON.
    """

    read: Callable[[bytes], Body[RollLine]]
    content: Mapping[str, Any] | None = None


JSON: Final = "application/json"

FORMATS: Final[Mapping[str, Format]] = {
    NDJSON: Format(lines.read_ndjson),
    JSON: Format(lines.read_array),
}
"""By the type of a body's content; whatever calls itself otherwise is read as `JSON`."""


def read_roll(raw: bytes, content_type: str) -> Body[RollLine]:
    """Read a roll in the format that its content type names."""
    return FORMATS.get(content_type, FORMATS[JSON]).read(raw)


def described(answer: type[Answer]) -> dict[str, Any]:
    """Return what OpenAPI says of a route that takes a roll in any of the formats."""
    found = bulk.described(lines.RollLine, answer)
    contents = {kind: each.content for kind, each in FORMATS.items() if each.content is not None}
    found["requestBody"]["content"].update(contents)
    return found
