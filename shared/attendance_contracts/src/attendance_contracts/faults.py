"""What a rule says is wrong, passed on by the edge as it is: one value, or all that was asked."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Fault:
    """One wrong value: what is wrong, and a JSON pointer to it (never the value itself)."""

    detail: str
    pointer: str


NOT_ACCEPTED: Final = "Some values cannot be accepted"
NOT_FOUND: Final = "Not found"
"""Titles: the kinds of refusal that a rule can come to."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why what was asked is not done, as a value: it passes by, and its neighbours go on.

    Attributes:
        title: the kind of refusal, one of those above.
        detail: what to do instead, in a sentence.
        faults: the wrong values, where there are any.
    """

    title: str
    detail: str
    faults: tuple[Fault, ...] = ()
