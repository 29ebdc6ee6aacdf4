"""The marks of a generated authority, and the registers they make up."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random

from attendance_contracts.calendar import Session
from attendance_contracts.codes import BY_NUMBER, NO_MARK
from demo_authority.authority.absences import Period, absence_quotas, give_out
from demo_authority.authority.attended import attend_otherwise, attended_quotas
from demo_authority.authority.days import SchoolDays
from demo_authority.authority.figures import PhaseFigures
from demo_authority.authority.model import Enrolment, Register, Roll, School
from demo_authority.authority.propensity import absent_sessions, standing
from demo_authority.authority.seats import Seat, new_seat, sessions_of
from demo_authority.authority.thresholds import Near, place_near

LETTERS = {number: code.code for number, code in BY_NUMBER.items()}
"""A mark's byte → its code."""


@dataclass(frozen=True)
class Marks:
    """The final mark of every enrolment and session from the start of the year to ``upto``."""

    upto: date
    play_from: date
    """The first played day; everything before it is history."""
    sessions: Mapping[str, tuple[tuple[date, Session], ...]]
    """School URN → its sessions, in order; a row's bytes stand in the same order."""
    rows: Mapping[int, bytearray]
    """Enrolment → one byte per session: the code's number, 0 for no mark."""
    minutes_late: Mapping[tuple[int, int], int]
    """(enrolment, session index) → minutes after the session's start, for L and U."""
    silent_school: str | None
    """The URN of the school that sends no register on the played days."""
    near: Near
    """Enrolments placed near the escalation threshold."""

    @property
    def total(self) -> int:
        """The number of marks."""
        return sum(len(row) - row.count(NO_MARK) for row in self.rows.values())


def build_marks(roll: Roll, *, seed: int, upto: date, play_from: date) -> Marks:
    """Return marks whose shares per phase are those of the authority's published figures."""
    rng = Random(f"{seed}:{roll.figures.code}:{upto}:marks")  # noqa: S311 - repeatable on purpose
    silent = _silent_school(roll)
    sessions = {
        school.urn: _taken(school, upto, play_from, silent=school.urn == silent)
        for school in roll.schools
    }
    days_of = {
        school.urn: SchoolDays(school.calendar, [day for day, _ in sessions[school.urn][::2]])
        for school in roll.schools
    }
    seats = [
        new_seat(
            enrolment,
            roll.children[enrolment.child],
            roll.school_by_urn[enrolment.school_urn],
            sessions[enrolment.school_urn],
        )
        for enrolment in roll.enrolments
    ]
    period = Period(days_of, {})
    drifting: list[int] = []
    explained: list[int] = []
    for phase, figures in roll.figures.phases.items():
        members = [seat for seat in seats if seat.school.phase == phase and seat.possible]
        near = _write_phase(figures, members, period, play_from, rng)
        drifting.extend(near.drifting)
        explained.extend(near.explained)
    return Marks(
        upto=upto,
        play_from=play_from,
        sessions=sessions,
        rows={seat.enrolment.key: seat.row for seat in seats},
        minutes_late=period.minutes_late,
        silent_school=silent,
        near=Near(tuple(drifting), tuple(explained)),
    )


def _silent_school(roll: Roll) -> str | None:
    """Return the smallest primary school, if there are at least two: one is always silent."""
    primaries = [school for school in roll.schools if school.phase == "primary"]
    if len(primaries) < 2:  # noqa: PLR2004 - a lone school's silence would leave nothing to play
        return None
    return min(primaries, key=lambda school: school.planned_pupils).urn


def _taken(
    school: School, upto: date, play_from: date, *, silent: bool
) -> tuple[tuple[date, Session], ...]:
    """Return the sessions for which the school sends a register."""
    sessions = sessions_of(school, upto)
    return tuple(s for s in sessions if s[0] < play_from) if silent else sessions


def _write_phase(
    figures: PhaseFigures, seats: Sequence[Seat], period: Period, play_from: date, rng: Random
) -> Near:
    possible = sum(seat.possible for seat in seats)
    quotas = absence_quotas(figures.shares, possible)
    standings = [standing(seat.child, seat.enrolment.year_group, rng) for seat in seats]
    absent = absent_sessions(
        figures, standings, [seat.possible for seat in seats], sum(quotas.values())
    )
    for seat, left in zip(seats, absent, strict=True):
        seat.left = left
    near = Near((), ())
    if seats and figures.phase != "special":
        near, used = place_near(seats, quotas["O"], _played(period, play_from), rng)
        quotas["O"] -= used
    give_out(seats, quotas, period, rng)
    attend_otherwise(
        seats, attended_quotas(figures.shares, possible), period.days_of, period.minutes_late, rng
    )
    return near


def _played(period: Period, play_from: date) -> dict[str, range]:
    """Return URN → indexes of the played sessions; days before them differ between schools."""
    return {
        urn: range(2 * sum(day < play_from for day in school.days), 2 * len(school.days))
        for urn, school in period.days_of.items()
    }


def registers(
    roll: Roll, marks: Marks, *, first: date, last: date, whole_schools: bool = False
) -> Iterator[Register]:
    """Yield the final registers of a period day by day, per class or per whole school.

    Only enrolments on roll at the session are in it; a session nobody is marked for is left out.
    """
    groups = _groups(roll, whole_schools=whole_schools)
    indexes = {
        urn: {session: index for index, session in enumerate(sessions)}
        for urn, sessions in marks.sessions.items()
    }
    days = sorted({day for sessions in marks.sessions.values() for day, _ in sessions})
    for day in days:
        if not first <= day <= last:
            continue
        for half in Session:
            for (urn, class_code), members in groups.items():
                index = indexes[urn].get((day, half))
                if index is not None:
                    marked = [e for e in members if marks.rows[e.key][index] != NO_MARK]
                    if marked:
                        yield _register((urn, class_code), (day, half), marked, marks, index)


def _groups(
    roll: Roll, *, whole_schools: bool
) -> dict[tuple[str, str | None], tuple[Enrolment, ...]]:
    if not whole_schools:
        return {(urn, name): who for (urn, name), who in roll.enrolments_of_class.items()}
    members: dict[tuple[str, str | None], list[Enrolment]] = {}
    for enrolment in roll.enrolments:
        members.setdefault((enrolment.school_urn, None), []).append(enrolment)
    return {key: tuple(enrolments) for key, enrolments in members.items()}


def _register(
    group: tuple[str, str | None],
    session: tuple[date, Session],
    marked: Sequence[Enrolment],
    marks: Marks,
    index: int,
) -> Register:
    return Register(
        *group,
        *session,
        enrolments=tuple(enrolment.key for enrolment in marked),
        children=tuple(enrolment.child for enrolment in marked),
        codes=tuple(LETTERS[marks.rows[enrolment.key][index]] for enrolment in marked),
        minutes_late=tuple(marks.minutes_late.get((enrolment.key, index)) for enrolment in marked),
    )
