"""The formats in which a school's roll may come: bytes in, lines out, each with where it stood.

A format has its own words for what is sent. It turns them into the register's `RollLine` and judges
nothing: what is wrong with a line is the domain's to say.
"""

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from register_service.imports.api.formats import lines
from register_service.imports.domain import RollLine
from register_service.lines.api import NDJSON, Body

Format: TypeAlias = Callable[[bytes], Body[RollLine]]
"""Raises `Invalid` or `PayloadTooLarge` for what is none of it at all."""

JSON: Final = "application/json"

FORMATS: Final[Mapping[str, Format]] = {
    NDJSON: lines.read_ndjson,
    JSON: lines.read_array,
}
"""By the type of a body's content; whatever calls itself otherwise is read as `JSON`."""


def read_roll(raw: bytes, content_type: str) -> Body[RollLine]:
    """Read a roll in the format that its content type names."""
    return FORMATS.get(content_type, FORMATS[JSON])(raw)
