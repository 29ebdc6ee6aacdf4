"""What the registers of the played days said at first, and how each mark came to be final.

At closing a school often does not know why a child is away, so the register says N. A call from
home or the office's own turns it into the reason the same morning, later in the day or days
later; a child who walks in turns it into L or U. A few N are mistakes: the child was there.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random

from attendance_contracts.calendar import LONDON, Session
from attendance_contracts.codes import ABSENCE
from demo_authority.authority.marks import LETTERS, Marks
from demo_authority.authority.model import Amendment, Enrolment, Event, EventKind, Roll, School
from demo_authority.authority.names import forename, surname

_UNKNOWN_FACTOR = {"I": 1.0, "O": 1.0, "G": 0.8, "M": 0.2, "C": 0.1}
"""How a code's absences compare with the configured share of unknown reasons at first."""
_LATE_REGISTER_SHARE = 0.06
_LATEST_REGISTER_MINUTES = 50
_MISTAKE_SHARE = 0.0006
_BEFORE_CONTACT, _SAME_DAY = {"I": 0.4, "O": 0.1}, {"I": 0.75, "O": 0.35}
_OFFICE_OPENS, _OFFICE_CLOSES = time(8, 35), time(15, 50)
_A_MINUTE = timedelta(minutes=1)
WHOLE_SCHOOL = ""
"""In place of a class code."""
_REASONS = {
    "I": "A parent rang: the child is ill.",
    "O": "Parent reached; the reason given was not accepted.",
    "G": "A parent confirmed a holiday without leave.",
    "M": "The appointment card was shown.",
    "C": "Leave had been granted; the form was found.",
}
_MISTAKE = "The child was in a music lesson at registration."
_ARRIVED = "The child signed in at the front desk."


@dataclass(frozen=True, slots=True)
class FirstMarks:
    """The first view of the played days."""

    index_of: Mapping[str, Mapping[tuple[date, Session], int]]
    """URN → session → its index in the school's rows."""
    taken_at: dict[tuple[str, str, int], datetime] = field(default_factory=dict)
    """(URN, class or whole school, session index) → when the register arrives."""
    codes: dict[tuple[int, int], str] = field(default_factory=dict)
    """(enrolment, session index) → the code first sent, where it was not the final one."""
    amendments: list[Event] = field(default_factory=list)


def first_marks(roll: Roll, marks: Marks, rng: Random, *, unexplained_share: float) -> FirstMarks:
    """Return the first view of every played mark and the amendments that make it final."""
    first = FirstMarks(
        {
            urn: {session: index for index, session in enumerate(sessions)}
            for urn, sessions in marks.sessions.items()
        }
    )
    offices = {school.urn: f"{forename(rng)} {surname(rng)}" for school in roll.schools}
    classes: dict[str, list[str]] = {}
    for urn, class_code in roll.enrolments_of_class:
        classes.setdefault(urn, []).append(class_code)
    for school in roll.schools:
        desk = _Desk(school, marks, first, rng, offices[school.urn], unexplained_share)
        desk.take_registers(classes.get(school.urn, []))
        for enrolment in roll.enrolments:
            if enrolment.school_urn == school.urn:
                desk.follow(enrolment)
    return first


@dataclass(frozen=True, slots=True)
class _Desk:
    """One school's office during the played days."""

    school: School
    marks: Marks
    first: FirstMarks
    rng: Random
    officer: str
    unexplained_share: float

    @property
    def sessions(self) -> tuple[tuple[date, Session], ...]:
        """The school's sessions, history included."""
        return self.marks.sessions[self.school.urn]

    def played(self) -> Iterator[int]:
        """Yield the indexes of the played sessions."""
        for index, (day, _) in enumerate(self.sessions):
            if day >= self.marks.play_from:
                yield index

    def take_registers(self, classes: list[str]) -> None:
        """Draw when each register arrives: class by class on the first day, then all at once.

        Both ways are common: some systems send a class's register as it is taken, others a whole
        school's at a time.
        """
        for index in self.played():
            of_school = self._arrives(index)
            self.first.taken_at[self.school.urn, WHOLE_SCHOOL, index] = of_school
            by_class = self.sessions[index][0] == self.marks.play_from
            for class_code in classes:
                at = self._arrives(index) if by_class else of_school
                self.first.taken_at[self.school.urn, class_code, index] = at

    def _arrives(self, index: int) -> datetime:
        """Draw when a register arrives: while it is open, a few after closing."""
        limit = self.school.settings.register_open_minutes
        minutes = self.rng.triangular(3, limit - 1, limit / 3)
        if self.rng.random() < _LATE_REGISTER_SHARE:
            minutes = self.rng.uniform(limit, _LATEST_REGISTER_MINUTES)
        return self._starts_at(index) + timedelta(seconds=round(minutes * 60))

    def follow(self, enrolment: Enrolment) -> None:
        """Decide what the enrolment's registers first said, spell by spell."""
        row = self.marks.rows[enrolment.key]
        known_at: datetime | None = None
        for index in self.played():
            code = LETTERS.get(row[index], "")
            if code in {"L", "U"}:
                self._arrive(enrolment, index, code)
            elif code in ABSENCE:
                if self._is_news(enrolment, row, index):
                    known_at = self._reason_arrives_at(enrolment, index, code)
                self._explain(enrolment, index, code, known_at)
            elif code in {"/", "\\"} and self.rng.random() < _MISTAKE_SHARE:
                at = self._taken_at(enrolment, index) + self.rng.uniform(20, 90) * _A_MINUTE
                self._amend(enrolment, index, code, at=at, reason=_MISTAKE)

    def _is_news(self, enrolment: Enrolment, row: bytearray, index: int) -> bool:
        """Say whether the absence is a new one, not the last session's going on."""
        goes_on = index > 0 and row[index - 1] == row[index]
        return not goes_on or enrolment.key in self.marks.near.explained

    def _arrive(self, enrolment: Enrolment, index: int, code: str) -> None:
        minutes = self.marks.minutes_late[enrolment.key, index]
        at = self._starts_at(index) + minutes * _A_MINUTE
        if at > self._taken_at(enrolment, index):  # else the teacher has seen the child come in
            self._amend(enrolment, index, code, at=at, reason=_ARRIVED, minutes_late=minutes)

    def _reason_arrives_at(self, enrolment: Enrolment, index: int, code: str) -> datetime | None:
        """Draw when the reason for a new absence arrives; None if it was known beforehand."""
        if code == "N":
            return None  # its own first mark: nobody has found the reason yet
        if enrolment.key in self.marks.near.explained and code == "I":
            return self._next_school_day(index, time(9, 50))
        if self.rng.random() >= self.unexplained_share * _UNKNOWN_FACTOR.get(code, 0.0):
            return None
        draw = self.rng.random()
        kind = "O" if code == "O" else "I"
        due = self._starts_at(index) + self._minutes_to_contact()
        if draw < _BEFORE_CONTACT[kind]:
            return self._between(self._taken_at(enrolment, index), due)
        if draw < _SAME_DAY[kind]:
            return self._between(due, self._at(index, _OFFICE_CLOSES))
        return self._next_school_day(index + 2 * self.rng.randrange(3), _OFFICE_OPENS)

    def _explain(
        self, enrolment: Enrolment, index: int, code: str, known_at: datetime | None
    ) -> None:
        taken_at = self._taken_at(enrolment, index)
        if known_at and known_at > taken_at:
            self._amend(enrolment, index, code, at=known_at, reason=_REASONS[code])

    def _amend(
        self,
        enrolment: Enrolment,
        index: int,
        code: str,
        *,
        at: datetime,
        reason: str,
        minutes_late: int | None = None,
    ) -> None:
        """Have the register say N at first, and change it at the given moment."""
        day, session = self.sessions[index]
        self.first.codes[enrolment.key, index] = "N"
        late = minutes_late is not None
        self.first.amendments.append(
            Event(
                at=max(at, self._taken_at(enrolment, index) + _A_MINUTE).replace(microsecond=0),
                kind=EventKind.LATE_ARRIVAL if late else EventKind.CORRECTION,
                school_urn=self.school.urn,
                class_code=enrolment.class_code,
                day=day,
                session=session,
                payload=Amendment(
                    enrolment=enrolment.key,
                    child=enrolment.child,
                    previous="N",
                    code=code,
                    minutes_late=minutes_late,
                    reason=reason,
                    amended_by=self.officer,
                    title="attendance officer",
                ),
            )
        )

    def _next_school_day(self, index: int, earliest: time) -> datetime:
        """Return a moment of the next school day's morning, or of the last played afternoon."""
        following = index + 2 - index % 2
        if following >= len(self.sessions):
            close = self._at(len(self.sessions) - 1, _OFFICE_CLOSES)
            return self._between(close - timedelta(minutes=75), close)
        start = self._at(following, earliest)
        return self._between(start, start + timedelta(minutes=90))

    def _between(self, start: datetime, end: datetime) -> datetime:
        span = max(0, int((end - start).total_seconds()))
        return start + timedelta(seconds=self.rng.randint(0, span))

    def _minutes_to_contact(self) -> timedelta:
        settings = self.school.settings
        return timedelta(minutes=settings.register_open_minutes + settings.contact_grace_minutes)

    def _starts_at(self, index: int) -> datetime:
        settings = self.school.settings
        morning = self.sessions[index][1] is Session.AM
        return self._at(index, settings.am_starts_at if morning else settings.pm_starts_at)

    def _at(self, index: int, clock_time: time) -> datetime:
        return datetime.combine(self.sessions[index][0], clock_time, tzinfo=LONDON)

    def _taken_at(self, enrolment: Enrolment, index: int) -> datetime:
        return self.first.taken_at[self.school.urn, enrolment.class_code, index]
