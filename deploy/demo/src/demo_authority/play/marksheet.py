"""The marks of the played days as they should stand, worked out beside the platform.

Two masters, one rule: a push by a school's system changes a mark only where it differs from what
that system pushed before; what the office has amended meanwhile stays.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from attendance_contracts.calendar import Session
from demo_authority.authority.model import Amendment, Event, Register


class Cell(NamedTuple):
    """Whose mark, of which session."""

    enrolment: int
    day: date
    session: Session


class CellChange(NamedTuple):
    """A mark that says something new."""

    cell: Cell
    code: str


@dataclass
class Marksheet:
    """What each school's system pushed last, and what its register says now."""

    pushed: dict[Cell, str] = field(default_factory=dict)
    current: dict[Cell, str] = field(default_factory=dict)

    def apply(self, event: Event) -> list[CellChange]:
        """Take an event in and return the marks it changes, new ones included."""
        if isinstance(event.payload, Amendment):
            cell = Cell(event.payload.enrolment, event.day, event.session)
            return self._changed([CellChange(cell, event.payload.code)])
        return self._push(event.payload)

    def _push(self, register: Register) -> list[CellChange]:
        news = []
        for enrolment, code in zip(register.enrolments, register.codes, strict=True):
            cell = Cell(enrolment, register.day, register.session)
            if self.pushed.get(cell) != code:
                self.pushed[cell] = code
                news.append(CellChange(cell, code))
        return self._changed(news)

    def _changed(self, news: Iterable[CellChange]) -> list[CellChange]:
        changed = [one for one in news if self.current.get(one.cell) != one.code]
        self.current.update(changed)
        return changed
