"""What the rules of the register are about: marks as sent, as named, as changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple
from uuid import UUID

from attendance_contracts.calendar import Session
from register_service.absences.domain import NOT_GIVEN, Entry

# An MIS writes "-" for "no mark recorded yet"; it is neither present nor absent.
NO_MARK_YET: Final = frozenset({"", "-"})


@dataclass(frozen=True, slots=True)
class Amendment:
    """Why an earlier mark changes, and who changes it (reg 10: reason, name and title)."""

    reason: str = NOT_GIVEN
    name: str = NOT_GIVEN
    title: str = NOT_GIVEN

    @property
    def by_name(self) -> bool:
        """Whether it says who amends."""
        return self.name != NOT_GIVEN


# Tuples where there is one for each mark: a frozen dataclass takes three times as long to make.
class SentMark(NamedTuple):
    """One mark as a source sent it: its place in the body, one of the pupil's keys, and a code."""

    position: int
    scheme: str
    key: str
    code: str
    minutes_late: int | None = None
    amendment: Amendment | None = None


class Unmarked(NamedTuple):
    """A pupil whom a source sent without a mark: its place in the body, and one of the keys."""

    position: int
    scheme: str
    key: str


@dataclass(frozen=True, slots=True)
class RegisterKey:
    """A register: a school's session, of one class or (empty code) of the whole school."""

    school_id: UUID
    day: date
    session: Session
    class_code: str = ""


@dataclass(frozen=True, slots=True)
class WrongMark:
    """A mark that cannot be kept: its place in the body, which field, and why."""

    position: int
    field: str
    detail: str


class ChangedMark(NamedTuple):
    """What the register newly says of one pupil, and all that it said before, oldest first.

    The code is None where a mark was taken back: the register says nothing any more. `by_name`
    tells whether it keeps who gave the new code.
    """

    enrolment_id: UUID
    child_id: UUID
    previous: str | None
    code: str | None
    by_name: bool = False
    history: Sequence[Entry] = ()


class TakenBack(NamedTuple):
    """What came of the pupils sent without a mark.

    `standing` are the places in the body of those whose mark the office had amended.
    """

    changed: Sequence[ChangedMark]
    standing: Sequence[int]
