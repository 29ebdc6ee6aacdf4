"""The attendance codes of England, versioned by date.

The table is regulation 10 of the School Attendance (Pupil Registration) (England) Regulations
2024, in force from 19 August 2024, with the codes they replaced. A mark keeps the class its code
had on its own day.

The table starts on 1 September 2010. Before about that day D, Y and # had other meanings, and no
source confirms when each changed; marks that old are not accepted rather than misread.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import chain, starmap
from typing import Final, TypeAlias

from attendance_contracts.calendar import Session

TABLE_STARTS: Final = dt.date(2010, 9, 1)
HOLIDAY_RULES_END: Final = dt.date(2013, 9, 1)
"""Leave for holidays ended then; the day code F itself was dropped is not confirmed."""

REGULATIONS_2024: Final = dt.date(2024, 8, 19)

NO_MARK: Final = 0
"""The byte stored for a session without a mark; no code has this number."""


class LegalCategory(StrEnum):
    """What a code says in law, after the headings of regulation 10."""

    ATTENDING = "attending the school"
    ATTENDING_ELSEWHERE = "attending a place other than the school"
    OTHER_SCHOOL = "due at another school"
    LEAVE = "leave of absence"
    AUTHORISED = "other authorised reason"
    UNABLE = "unable to attend because of unavoidable cause"
    UNAUTHORISED = "unauthorised absence"
    ADMINISTRATIVE = "administrative"


class StatisticalClass(StrEnum):
    """How the Department for Education counts a mark."""

    ATTENDED = "attended"
    AUTHORISED = "authorised"
    UNAUTHORISED = "unauthorised"
    NOT_POSSIBLE = "not possible"
    NOT_COLLECTED = "not collected"


class PhysicalState(StrEnum):
    """Where a mark says the child is.

    LATE is in school, though U is an absence in the statistics. ELSEWHERE is a place education
    was arranged at. ABSENT is none of these, whatever the reason. NOT_REQUIRED: nobody could
    expect the child, for the school was shut to them or they have no place to take up yet.
    """

    PRESENT = "present"
    LATE = "late"
    ELSEWHERE = "elsewhere"
    ABSENT = "absent"
    NOT_REQUIRED = "not required"


@dataclass(frozen=True, slots=True)
class Code:
    """One code during one period, both ends included; `valid_to` None means still in force.

    `number` (1 to 63) is stored for the code and never changes; a byte has two bits to spare.
    `warning` is a sentence for a mark that is accepted although its code was withdrawn.
    """

    code: str
    number: int
    meaning: str
    legal: LegalCategory
    statistical: StatisticalClass
    physical: PhysicalState
    sessions: frozenset[Session]
    valid_from: dt.date
    valid_to: dt.date | None = None
    warning: str | None = None

    @property
    def is_possible(self) -> bool:
        """Whether the session counts in the denominator of every percentage."""
        return self.code in POSSIBLE

    @property
    def is_absence(self) -> bool:
        """Whether the session counts as an absence; true of U, whose child is in school."""
        return self.code in ABSENCE

    @property
    def is_away(self) -> bool:
        """Whether the child is not at school and not in education elsewhere."""
        return self.physical is PhysicalState.ABSENT


_Standing: TypeAlias = tuple[LegalCategory, StatisticalClass, PhysicalState]

_L, _S, _P = LegalCategory, StatisticalClass, PhysicalState

_IN_SCHOOL: Final[_Standing] = (_L.ATTENDING, _S.ATTENDED, _P.PRESENT)
_LATE: Final[_Standing] = (_L.ATTENDING, _S.ATTENDED, _P.LATE)
_ELSEWHERE: Final[_Standing] = (_L.ATTENDING_ELSEWHERE, _S.ATTENDED, _P.ELSEWHERE)
_OTHER_SCHOOL: Final[_Standing] = (_L.OTHER_SCHOOL, _S.NOT_POSSIBLE, _P.ELSEWHERE)
_ON_LEAVE: Final[_Standing] = (_L.LEAVE, _S.AUTHORISED, _P.ABSENT)
_NOT_DUE: Final[_Standing] = (_L.LEAVE, _S.NOT_POSSIBLE, _P.NOT_REQUIRED)
_WITH_REASON: Final[_Standing] = (_L.AUTHORISED, _S.AUTHORISED, _P.ABSENT)
_UNABLE: Final[_Standing] = (_L.UNABLE, _S.NOT_POSSIBLE, _P.ABSENT)
_SITE_SHUT: Final[_Standing] = (_L.UNABLE, _S.NOT_POSSIBLE, _P.NOT_REQUIRED)
_UNAUTHORISED: Final[_Standing] = (_L.UNAUTHORISED, _S.UNAUTHORISED, _P.ABSENT)
_TOO_LATE: Final[_Standing] = (_L.UNAUTHORISED, _S.UNAUTHORISED, _P.LATE)
_ADMINISTRATIVE: Final[_Standing] = (_L.ADMINISTRATIVE, _S.NOT_COLLECTED, _P.NOT_REQUIRED)

_TABLE: Final = (
    (1, "/", _IN_SCHOOL, "present, morning session"),
    (2, "\\", _IN_SCHOOL, "present, afternoon session"),
    (3, "L", _LATE, "late, before the register closed"),
    (4, "K", _ELSEWHERE, "education arranged by the local authority"),
    (5, "V", _ELSEWHERE, "educational visit or trip"),
    (6, "P", _ELSEWHERE, "sporting activity"),
    (7, "W", _ELSEWHERE, "work experience"),
    (8, "B", _ELSEWHERE, "other supervised activity off site"),
    (9, "D", _OTHER_SCHOOL, "dual registered, due at the other school"),
    (10, "C", _ON_LEAVE, "leave, exceptional circumstances"),
    (11, "C1", _ON_LEAVE, "leave, regulated performance or employment abroad"),
    (12, "C2", _ON_LEAVE, "leave, part-time timetable"),
    (13, "J1", _ON_LEAVE, "leave, interview for a job or for admission elsewhere"),
    (14, "M", _ON_LEAVE, "medical or dental appointment"),
    (15, "S", _ON_LEAVE, "study leave for a public examination"),
    (16, "X", _NOT_DUE, "not of compulsory school age and not required"),
    (17, "R", _WITH_REASON, "religious observance"),
    (18, "I", _WITH_REASON, "illness"),
    (19, "T", _WITH_REASON, "parent travelling for work"),
    (20, "E", _WITH_REASON, "suspended or excluded, no provision made"),
    (21, "Q", _UNABLE, "access arrangements not made by the local authority"),
    (22, "Y1", _UNABLE, "usual transport not available"),
    (23, "Y2", _UNABLE, "widespread disruption to travel"),
    (24, "Y3", _SITE_SHUT, "part of the premises closed"),
    (25, "Y4", _SITE_SHUT, "whole site unexpectedly closed"),
    (26, "Y5", _UNABLE, "in criminal justice detention"),
    (27, "Y6", _UNABLE, "kept away by public health guidance or law"),
    (28, "Y7", _UNABLE, "other unavoidable cause"),
    (29, "G", _UNAUTHORISED, "holiday without leave"),
    (30, "N", _UNAUTHORISED, "reason not yet established"),
    (31, "O", _UNAUTHORISED, "other or unknown circumstances"),
    (32, "U", _TOO_LATE, "arrived after the register closed"),
    (33, "Z", _ADMINISTRATIVE, "prospective pupil, not on the admission register"),
    (34, "#", _ADMINISTRATIVE, "planned closure of the whole school"),
    (35, "H", _ON_LEAVE, "agreed family holiday"),
    (36, "F", _ON_LEAVE, "agreed extended family holiday"),
    (37, "J", _ELSEWHERE, "interview"),
    (38, "Y", _UNABLE, "unable to attend, exceptional circumstances"),
)
"""Number for ever, code, standing, meaning. The headings follow the regulations."""

_NEW_IN_2024: Final = frozenset({"K", "C1", "C2", "J1", "Q"} | {f"Y{n}" for n in range(1, 8)})

_ONE_SESSION: Final = {"/": frozenset({Session.AM}), "\\": frozenset({Session.PM})}

_WITHDRAWN: Final = {
    "H": (
        REGULATIONS_2024,
        "H was withdrawn on 19 August 2024; it still counts as authorised. Use C or G.",
    ),
    "F": (
        HOLIDAY_RULES_END,
        "F ended on 1 September 2013; it still counts as authorised. Use C or G.",
    ),
    "J": (
        REGULATIONS_2024,
        "J was withdrawn on 19 August 2024; it still counts as attended. Use J1, an absence.",
    ),
    "Y": (
        REGULATIONS_2024,
        "Y was withdrawn on 19 August 2024; it still counts as not possible. Use Y1 to Y7.",
    ),
}
"""When a code was withdrawn, and what to say of a mark that uses it on that day or later."""


def _periods(number: int, code: str, standing: _Standing, meaning: str) -> Iterator[Code]:
    legal, statistical, physical = standing
    row = Code(
        code=code,
        number=number,
        meaning=meaning,
        legal=legal,
        statistical=statistical,
        physical=physical,
        sessions=_ONE_SESSION.get(code, frozenset(Session)),
        valid_from=REGULATIONS_2024 if code in _NEW_IN_2024 else TABLE_STARTS,
    )
    if code in _WITHDRAWN:
        on, warning = _WITHDRAWN[code]
        yield replace(row, valid_to=on - dt.timedelta(days=1))
        yield replace(row, valid_from=on, warning=warning)
    else:
        yield row


CODES: Final = tuple(chain.from_iterable(starmap(_periods, _TABLE)))
"""Every code and period. A withdrawn code has two rows that differ in dates and warning only."""

NUMBER_OF: Final = {row.code: row.number for row in CODES}
"""The stored byte of each code."""

MARK_NUMBER_OF: Final[Mapping[str | None, int]] = NUMBER_OF | {None: NO_MARK}
"""Likewise, and of a session whose mark was taken back."""

BY_NUMBER: Final = {row.number: row for row in reversed(CODES)}
"""The code of each stored byte; of a withdrawn code, the row from before its withdrawal."""

_PERIODS: Final = {code: tuple(row for row in CODES if row.code == code) for code in NUMBER_OF}


def code_on(code: str, day: dt.date) -> Code | None:
    """The code as it stood on a day; None when it is unknown or was not in force then."""
    for row in _PERIODS.get(code, ()):
        if row.valid_from <= day and (row.valid_to is None or day <= row.valid_to):
            return row
    return None


def codes_of(*classes: StatisticalClass) -> frozenset[str]:
    """The codes of these statistical classes."""
    return frozenset(row.code for row in CODES if row.statistical in classes)


def numbers_of(codes: Iterable[str]) -> frozenset[int]:
    """The stored bytes of these codes; KeyError for an unknown one."""
    return frozenset(NUMBER_OF[code] for code in codes)


ATTENDED: Final = codes_of(StatisticalClass.ATTENDED)
AUTHORISED: Final = codes_of(StatisticalClass.AUTHORISED)
UNAUTHORISED: Final = codes_of(StatisticalClass.UNAUTHORISED)
NOT_POSSIBLE: Final = codes_of(StatisticalClass.NOT_POSSIBLE)
NOT_COLLECTED: Final = codes_of(StatisticalClass.NOT_COLLECTED)

ABSENCE: Final = AUTHORISED | UNAUTHORISED
POSSIBLE: Final = ATTENDED | ABSENCE
"""The denominator: marks of any other class are in neither part of a percentage."""

MAY_ASK_FOR_CONTACT: Final = frozenset({"N", "O", "U"})
"""`N` asks for first-day contact by law; `O` and `U` by the school's own choice."""

UNEXPLAINED: Final = frozenset({"N"})
"""The reason is still to be established; first-day contact looks for it."""

PENALTY_NOTICE: Final = frozenset({"G", "N", "O", "U"})
"""Counted towards a penalty notice, and in the attendance return, since 19 August 2024."""

DELETION_GROUND: Final = frozenset({"G", "N", "O"})
"""The twenty-day deletion ground, regulation 9(1)(i): a U breaks the run."""

SICKNESS_RETURN: Final = frozenset({"I"})
"""Counted towards the sickness return."""

LATE: Final = frozenset({"L", "U"})
"""Late in the statistics: before the register closed or after."""

REASON_REQUIRED: Final = frozenset({"Y7"})
"""Codes that must come with the reason in words."""

ONLY_BY_LOOKING: Final = frozenset({"/", "\\", "L", "N", "U"})
"""Nobody can know these beforehand; any other may be entered for a session to come."""

SITE_SHUT: Final = frozenset({"Y4"})
"""The whole site was shut without warning: no session for any clock, neither N's five school days
nor a run nor a school week. A closure known ahead is the calendar's, and may be marked so, too."""
