"""What the platform has accepted, kept beside it: the measure of everything else."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from attendance_contracts.calendar import Session
from demo_authority.play.journal import Journal
from demo_authority.play.marksheet import Cell as JournalCell
from demo_authority.play.marksheet import CellChange
from fault_run.town import Pupil


class Cell(NamedTuple):
    """Whose mark, of which session."""

    pupil: Pupil
    day: date
    session: Session


@dataclass(slots=True)
class Mark:
    """A mark as it should stand: what its source sent last, what it says, how often changed."""

    sent: str
    code: str
    revision: int = 1


@dataclass
class Ledger:
    """Every mark accepted so far, and the journal from which it follows what families are owed.

    Two masters, one rule: a push counts where it differs from what was pushed before; what the
    office has amended meanwhile stays.
    """

    marks: dict[Cell, Mark] = field(default_factory=dict)
    journal: Journal = field(default_factory=Journal)

    def sent(self, cell: Cell) -> str | None:
        """Return what its source last sent for a mark."""
        mark = self.marks.get(cell)
        return None if mark is None else mark.sent

    def pushed(self, codes: Iterable[tuple[Cell, str]], earliest: float) -> None:
        """Note an accepted register, first sent at a real moment."""
        news: list[tuple[Cell, str]] = []
        for cell, code in codes:
            mark = self.marks.get(cell)
            if mark is None:
                self.marks[cell] = Mark(code, code)
                news.append((cell, code))
            elif mark.sent != code:
                mark.sent = code
                if mark.code != code:
                    mark.code, mark.revision = code, mark.revision + 1
                    news.append((cell, code))
        self._note(news, earliest)

    def amended(self, cell: Cell, code: str, earliest: float) -> None:
        """Note an accepted amendment of the office's."""
        mark = self.marks[cell]
        if mark.code != code:
            mark.code, mark.revision = code, mark.revision + 1
            self._note([(cell, code)], earliest)

    def _note(self, news: Iterable[tuple[Cell, str]], earliest: float) -> None:
        changes = [
            CellChange(JournalCell(cell.pupil.number, cell.day, cell.session), code)
            for cell, code in news
        ]
        self.journal.accepted(changes, earliest, time.time())
