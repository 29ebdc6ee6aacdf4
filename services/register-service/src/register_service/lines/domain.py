"""What a request did to the thing it names."""

from enum import StrEnum


class State(StrEnum):
    """The answer to one line or one PUT; the same facts sent again are `unchanged`."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


def state_of(before: object | None, after: object) -> State:
    """Compare two values of one thing; None before means that it is new."""
    if before is None:
        return State.CREATED
    return State.UNCHANGED if before == after else State.CHANGED
