"""What a request did to the thing it names, and where in what was sent a line stood."""

from enum import StrEnum
from typing import NamedTuple


class State(StrEnum):
    """The answer to one line or one PUT; the same facts sent again are `unchanged`."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class Where(NamedTuple):
    """Where something stands in what was sent.

    Attributes:
        line: the first is 1; a file's heading counts.
        file: its name, where several were sent together.
        column: its name in the file's heading, or the field of an object; None: the whole line.
    """

    line: int
    file: str | None = None
    column: str | None = None

    def __str__(self) -> str:
        """As a person reads it: `pupils.csv, line 7, Surname`."""
        return ", ".join(filter(None, (self.file, f"line {self.line}", self.column)))


def state_of(before: object | None, after: object) -> State:
    """Compare two values of one thing; None before means that it is new."""
    if before is None:
        return State.CREATED
    return State.UNCHANGED if before == after else State.CHANGED
