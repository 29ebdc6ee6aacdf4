"""Many lines in one request, and an answer for each of them."""

from register_service.lines.api.bodies import (
    LINES_AT_MOST,
    NDJSON,
    Answer,
    Body,
    Faults,
    Unreadable,
    by_msgspec,
    by_pydantic,
    content_type,
    described,
    read,
    read_lines,
)
from register_service.lines.api.passed_over import fields_passed_over

__all__ = [
    "LINES_AT_MOST",
    "NDJSON",
    "Answer",
    "Body",
    "Faults",
    "Unreadable",
    "by_msgspec",
    "by_pydantic",
    "content_type",
    "described",
    "fields_passed_over",
    "read",
    "read_lines",
]
