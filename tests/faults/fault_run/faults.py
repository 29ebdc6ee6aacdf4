"""A fault: a named way of breaking one part for a bounded time, with everything put back."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from fault_run.stage import Stage

Break = Callable[["Stage"], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault.

    Attributes:
        what: the part that is broken: processes, broker, database, provider, time or clients.
        name: a sentence's end: "while …".
        work: breaks it, keeps it broken, and puts it back.
        short: whether the two-minute form has it.
        day: the day it needs, if that matters.
    """

    what: str
    name: str
    work: Break
    short: bool = False
    day: date | None = None


FAULTS: Final[list[Fault]] = []
"""Every fault, in the order in which they were registered."""


def fault(
    what: str, name: str, *, short: bool = False, day: date | None = None
) -> Callable[[Break], Break]:
    """Register a fault under its name."""

    def register(work: Break) -> Break:
        FAULTS.append(Fault(what, name, work, short, day))
        return work

    return register
