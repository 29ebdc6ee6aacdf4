"""The admission register: who is on roll where, and from when until when.

Sources: School Attendance (Pupil Registration) (England) Regulations 2024 (starting day, deletion,
dual registration); the common basic data set's codes of year groups.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Literal, NamedTuple, TypeAlias
from uuid import UUID

from attendance_contracts.events import EnrolmentChanged
from attendance_contracts.faults import Fault
from attendance_contracts.words import is_blank, tidy_words

YEAR_GROUPS: Final = frozenset({"N1", "N2", "R", "X", *map(str, range(1, 15))})
"""Nursery, reception, years 1 to 14, and X for a pupil who follows no year's curriculum."""

LONGEST_CLASS_CODE: Final = 50
"""Far more than any school writes; it stands in indexes, which hold no long text."""

LONGEST_TEXT: Final = 200
"""How long a text may be that people write beside the facts."""

_APOSTROPHES: Final = frozenset(
    "'`\N{ACUTE ACCENT}\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}"
    "\N{MODIFIER LETTER TURNED COMMA}\N{MODIFIER LETTER APOSTROPHE}"
)
_STROKES: Final = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ħ": "h", "\N{LATIN SMALL LETTER DOTLESS I}": "i"}
    | {"æ": "ae", "œ": "oe", "ð": "d", "þ": "th"}
)
"""Letters that people without them on their keyboard write so, and Unicode does not take apart."""

Status = Literal["main", "subsidiary"]
Sex = Literal["M", "F"]
"""As MIS send it; None where a school says nothing."""


class Facts(NamedTuple):
    """What, beside the UPN, tells whether two schools mean one child; the surname as compared."""

    date_of_birth: date
    surname: str

    @classmethod
    def of(cls, date_of_birth: date, surname: str) -> "Facts":
        """Return what a school says, as it is compared."""
        return cls(date_of_birth, compared(surname))


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who a child is by the word of one enrolment's school; nobody else's readers see it.

    Attributes:
        sex: None where the school does not say.
        confidential_by: the organisation that asked for the address to be hidden, which alone
            lifts it again; None while it is not hidden.
        revision: 1 for what the enrolment came with, one more with every change.
    """

    forename: str
    surname: str
    date_of_birth: date
    sex: Sex | None
    confidential_by: str | None
    revision: int

    @property
    def confidential_address(self) -> bool:
        """Whether the child's address must be hidden."""
        return self.confidential_by is not None

    @property
    def facts(self) -> Facts:
        """What this is compared by."""
        return Facts.of(self.date_of_birth, self.surname)


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """A child at a school, from its starting day to its last day on roll, both included."""

    id: UUID
    child_id: UUID
    school_id: UUID
    starts_on: date
    ends_on: date | None
    year_group: str
    class_code: str
    status: Status
    version: int

    def overlaps(self, other: "Enrolment") -> bool:
        """Whether some day belongs to both."""
        return self.starts_on <= (other.ends_on or date.max) and other.starts_on <= (
            self.ends_on or date.max
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """An enrolment with what its school says of the child, and the authority of its area."""

    enrolment: Enrolment
    identity: Identity
    authority_code: str


class Sent(NamedTuple):
    """What the source sent last of an enrolment, of the fields that an office may change here."""

    year_group: str
    class_code: str
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class RollName:
    """Which roll: a class's or (empty code) a whole school's, with the keys of one scheme.

    The version names its state: what goes by one name never changes.
    """

    version: UUID
    school_id: UUID
    class_code: str
    scheme: str


# A tuple, since a register looks at a thousand.
class Pupil(NamedTuple):
    """A line of a roll: what the school calls the pupil, the enrolment, its first and last day."""

    key: str | None
    enrolment_id: UUID
    child_id: UUID
    starts_on: date
    ends_on: date | None


Roll: TypeAlias = Sequence[Pupil]


def on_roll(roll: Roll, day: date) -> list[Pupil]:
    """Return the lines that hold on a day: begun by then, and not ended before."""
    return [
        pupil
        for pupil in roll
        if pupil.starts_on <= day and (pupil.ends_on is None or day <= pupil.ends_on)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """What an editor changes about one enrolment; None leaves a field as it is."""

    year_group: str | None = None
    class_code: str | None = None
    ends_on: date | None = None
    stays_on: bool = False
    """The child stays on roll after all: the last day is taken away."""


def compared(name: str) -> str:
    """Return a name without what people type differently.

    That is case, accents, spaces, hyphens and apostrophes: "O'Brien-Łuczak" and "obrien luczak" are
    one name.
    """
    if name.isascii() and name.isalpha():
        return name.lower()  # as most are, and a load compares tens of thousands
    plain = unicodedata.normalize("NFKD", name.casefold()).translate(_STROKES)
    return "".join(char for char in plain if not _is_typed_differently(char))


def _is_typed_differently(char: str) -> bool:
    return (
        char.isspace()
        or char in _APOSTROPHES
        or unicodedata.combining(char) != 0
        or unicodedata.category(char) == "Pd"
    )


def tidy_year_group(text: str) -> str:
    """Return a year group by its code: "Year 7", "y7" and "07" are all "7"."""
    short = text.strip().upper().removeprefix("YEAR").removeprefix("Y").strip()
    return short.lstrip("0") if short.isdecimal() else short


def check_place(enrolment: Enrolment, others: Sequence[Enrolment]) -> Iterator[Fault]:
    """Tell what is wrong with an enrolment beside the child's others at the same school."""
    if enrolment.year_group not in YEAR_GROUPS:
        yield Fault("A year group is N1, N2, R, 1 to 14, or X.", "#/year_group")
    if is_blank(enrolment.class_code):
        yield Fault("A child on roll has a class or tutor group.", "#/class_code")
    if enrolment.ends_on is not None and enrolment.ends_on < enrolment.starts_on:
        yield Fault("The last day on roll is not before the starting day.", "#/ends_on")
    elif any(enrolment.overlaps(other) for other in others if other.id != enrolment.id):
        # Two at once would leave a register not knowing which of them a mark belongs to.
        yield Fault("Another enrolment of this child here covers these days.", "#/starts_on")


def amend(
    enrolment: Enrolment, amendment: Amendment, others: Sequence[Enrolment]
) -> tuple[Enrolment, list[Fault]]:
    """Return an enrolment as amended, and what is wrong with it.

    Its version moves on if anything changes. `others` are the child's enrolments at that school.
    """
    amended = replace(
        enrolment,
        year_group=tidy_year_group(amendment.year_group or enrolment.year_group),
        class_code=tidy_words(amendment.class_code or enrolment.class_code),
        ends_on=None if amendment.stays_on else amendment.ends_on or enrolment.ends_on,
    )
    if amended != enrolment:
        amended = replace(amended, version=enrolment.version + 1)
    return amended, list(check_place(amended, others))


def enrolment_changed(enrolment: Enrolment) -> EnrolmentChanged:
    """Tell the other services of a child's place at a school, without a name."""
    return EnrolmentChanged(
        enrolment_id=enrolment.id,
        child_id=enrolment.child_id,
        school_id=enrolment.school_id,
        starts_on=enrolment.starts_on,
        ends_on=enrolment.ends_on,
        year_group=enrolment.year_group,
        class_code=enrolment.class_code,
        status=enrolment.status,
        version=enrolment.version,
    )
