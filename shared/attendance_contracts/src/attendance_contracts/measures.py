"""How sessions add up: absence, persistent and severe absence, of a child and of many.

The measures are the Department for Education's: a session counts as possible when its mark is
attended, authorised or unauthorised; anything else, a missing mark included, counts nowhere.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Tally:
    """Sessions by statistical class.

    The flags are exact integers, as the guidance on the exact method has it: a child whose shown
    percentage rounds to 90.0 may lie on either side of the line.
    """

    attended: int = 0
    authorised: int = 0
    unauthorised: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.attended + other.attended,
            self.authorised + other.authorised,
            self.unauthorised + other.unauthorised,
        )

    @property
    def absent(self) -> int:
        """Sessions of absence, authorised or not."""
        return self.authorised + self.unauthorised

    @property
    def possible(self) -> int:
        """Possible sessions: the denominator of every percentage."""
        return self.attended + self.absent

    @property
    def is_persistent(self) -> bool:
        """Persistent absence: 10 % or more of the possible sessions missed."""
        return self.possible > 0 and 10 * self.absent >= self.possible

    @property
    def is_severe(self) -> bool:
        """Severe absence: half or more of the possible sessions missed."""
        return self.possible > 0 and 2 * self.absent >= self.possible

    @property
    def attendance_percent(self) -> float | None:
        """Attended of possible sessions, one decimal, half up; None when none was possible."""
        return _percent(self.attended, self.possible)


NO_SESSIONS: Final = Tally()


def _percent(part: int, whole: int) -> float | None:
    return (2000 * part + whole) // (2 * whole) / 10 if whole else None


@dataclass(frozen=True, slots=True)
class Totals:
    """A school's year, or that of several schools: what their enrolments add up to.

    Attributes:
        tally: the sessions of all enrolments.
        enrolments: those with a possible session, whom the shares are of.
        persistent: enrolments in persistent absence, the severe among them.
        severe: enrolments in severe absence.
    """

    tally: Tally = NO_SESSIONS
    enrolments: int = 0
    persistent: int = 0
    severe: int = 0

    def __add__(self, other: "Totals") -> "Totals":
        return Totals(
            self.tally + other.tally,
            self.enrolments + other.enrolments,
            self.persistent + other.persistent,
            self.severe + other.severe,
        )

    @property
    def persistent_percent(self) -> float | None:
        """Share of the enrolments in persistent absence, one decimal, half up; None of none."""
        return _percent(self.persistent, self.enrolments)

    @property
    def severe_percent(self) -> float | None:
        """Share of the enrolments in severe absence, one decimal, half up; None of none."""
        return _percent(self.severe, self.enrolments)


NO_TOTALS: Final = Totals()
