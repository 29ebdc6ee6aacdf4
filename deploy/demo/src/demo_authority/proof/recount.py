"""What the views should show, counted from the generated marks and nothing else."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final

from attendance_contracts.calendar import Session
from attendance_contracts.codes import (
    ATTENDED,
    AUTHORISED,
    BY_NUMBER,
    LATE,
    NO_MARK,
    UNAUTHORISED,
    UNEXPLAINED,
    PhysicalState,
)
from demo_authority.authority.generator import DemoAuthority
from demo_authority.authority.model import Enrolment, School
from demo_authority.authority.seats import sessions_of

RECENT_DAYS: Final = 10
Figures = Mapping[str, object]
"""Some of a view's values, by the view's own names."""


@dataclass(frozen=True)
class Recount:
    """Counts an authority's marks as they stand at the end of its last played day."""

    authority: DemoAuthority

    @property
    def today(self) -> date:
        """The last played day."""
        return self.authority.marks.upto

    def year(self, enrolment: Enrolment) -> Figures:
        """Return an enrolment's school year as a caseload shows it."""
        marks = self._marks(enrolment)
        counts = _classes(marks.values())
        absent, possible = counts["absent"], counts["possible"]
        return _time(counts) | {
            "attendance_percent": _percent(possible - absent, possible),
            "persistently_absent": 0 < possible <= 10 * absent,
            "severely_absent": 0 < possible <= 2 * absent,
        }

    def recent(self, enrolment: Enrolment) -> Figures:
        """Return an enrolment's last ten school days as a caseload shows them."""
        school = self._school(enrolment)
        days = [day for day in school.calendar.school_days if day <= self.today]
        recent = set(days[-RECENT_DAYS:])
        marks = self._marks(enrolment)
        return _time(_classes(code for (day, _), code in marks.items() if day in recent))

    def late_and_missing(self, enrolment: Enrolment) -> Figures:
        """Return how often an enrolment was late, and how many of its sessions nobody marked."""
        marks = self._marks(enrolment)
        held = sessions_of(self._school(enrolment), self.today)
        return {
            "late_sessions": sum(code in LATE for code in marks.values()),
            "missing_marks": sum(
                _is_on_roll(enrolment, day) and (day, half) not in marks for day, half in held
            ),
        }

    def today_of(self, enrolment: Enrolment) -> list[Figures]:
        """Return the codes of an enrolment's last played day, session by session."""
        marks = self._marks(enrolment)
        return [{"session": half.value, "code": marks.get((self.today, half))} for half in Session]

    def school_today(self, school: School) -> Mapping[str, Figures]:
        """Return the sums of a school's last played day, by session."""
        members = [one for one in self._members.get(school.urn, ()) if _is_on_roll(one, self.today)]
        return {
            half.value: _states(self._marks(one).get((self.today, half)) for one in members)
            for half in Session
        }

    def school_year(self, school: School) -> Figures:
        """Return the sums of a school's year as its authority is shown them."""
        years = [_classes(self._marks(one).values()) for one in self._members.get(school.urn, ())]
        sums = sum(years, Counter[str]())
        possible = [one for one in years if one["possible"]]
        persistent = sum(one["possible"] <= 10 * one["absent"] for one in possible)
        severe = sum(one["possible"] <= 2 * one["absent"] for one in possible)
        return {
            "possible_sessions": sums["possible"],
            "authorised_sessions": sums["authorised"],
            "unauthorised_sessions": sums["unauthorised"],
            "attendance_percent": _percent(sums["possible"] - sums["absent"], sums["possible"]),
            "enrolments": len(possible),
            "persistently_absent": persistent,
            "persistently_absent_percent": _percent(persistent, len(possible)),
            "severely_absent": severe,
            "severely_absent_percent": _percent(severe, len(possible)),
        }

    @cached_property
    def _members(self) -> dict[str, list[Enrolment]]:
        members: dict[str, list[Enrolment]] = {}
        for enrolment in self.authority.roll.enrolments:
            members.setdefault(enrolment.school_urn, []).append(enrolment)
        return members

    def _school(self, enrolment: Enrolment) -> School:
        return self.authority.roll.school_by_urn[enrolment.school_urn]

    def _marks(self, enrolment: Enrolment) -> dict[tuple[date, Session], str]:
        marks = self.authority.marks
        sessions = marks.sessions[enrolment.school_urn]
        row = marks.rows[enrolment.key]
        return {
            session: BY_NUMBER[number].code
            for session, number in zip(sessions, row, strict=True)
            if number != NO_MARK
        }


def _is_on_roll(enrolment: Enrolment, day: date) -> bool:
    return enrolment.starts_on <= day and (enrolment.ends_on is None or day <= enrolment.ends_on)


def _classes(codes: Iterable[str]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for code in codes:
        counts["authorised"] += code in AUTHORISED
        counts["unauthorised"] += code in UNAUTHORISED
        counts["absent"] += code in AUTHORISED or code in UNAUTHORISED
        counts["possible"] += code in AUTHORISED or code in UNAUTHORISED or code in ATTENDED
    return counts


def _time(counts: Counter[str]) -> dict[str, object]:
    return {
        "sessions": counts["absent"],
        "days": counts["absent"] / 2,
        "authorised_sessions": counts["authorised"],
        "unauthorised_sessions": counts["unauthorised"],
        "possible_sessions": counts["possible"],
    }


def _percent(attended: int, possible: int) -> float | None:
    """Return a percentage with one decimal, halves up; None when nothing was possible."""
    return (attended * 2000 + possible) // (2 * possible) / 10 if possible else None


def _states(codes: Iterable[str | None]) -> Figures:
    counts = dict.fromkeys(("expected", "marked", *_STATES.values(), "unexplained"), 0)
    for code in codes:
        counts["expected"] += 1
        if code is not None:
            counts["marked"] += 1
            counts[_STATES[_PHYSICAL[code]]] += 1
            counts["unexplained"] += code in UNEXPLAINED
    return counts


_PHYSICAL: Final = {code.code: code.physical for code in BY_NUMBER.values()}
_STATES: Final = {
    PhysicalState.PRESENT: "present",
    PhysicalState.LATE: "late",
    PhysicalState.ELSEWHERE: "elsewhere",
    PhysicalState.ABSENT: "absent",
    PhysicalState.NOT_REQUIRED: "not_required",
}
