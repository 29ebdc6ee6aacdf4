"""Term dates of the generated schools: one academic year, differing a little by school."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from attendance_contracts.calendar import bank_holidays

_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Term:
    """A term with the half-term break inside it; all four dates are inclusive."""

    name: str
    starts_on: date
    break_starts_on: date
    break_ends_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class Closure:
    """A weekday inside a term on which the school does not meet (code ``#``)."""

    day: date
    kind: str
    """``bank_holiday`` or ``inset``."""
    name: str


@dataclass(frozen=True)
class CalendarPlan:
    """A school's year: three terms and the closures inside them."""

    school_year: int
    terms: tuple[Term, ...]
    closures: tuple[Closure, ...]

    @cached_property
    def school_days(self) -> tuple[date, ...]:
        """The days with a morning and an afternoon session, in order."""
        closed = {closure.day for closure in self.closures}
        return tuple(day for day in self._weekdays() if day not in closed)

    def breaks(self) -> tuple[tuple[date, date], ...]:
        """Return first and last day of every half-term break and holiday between terms."""
        halves = [(term.break_starts_on, term.break_ends_on) for term in self.terms]
        gaps = [
            (before.ends_on + timedelta(days=1), after.starts_on - timedelta(days=1))
            for before, after in zip(self.terms, self.terms[1:], strict=False)
        ]
        return tuple(sorted([*halves, *gaps]))

    def as_json(self) -> dict[str, object]:
        """Return the plan in JSON's own types, dates as ISO 8601."""
        return {
            "school_year": self.school_year,
            "terms": [
                {
                    "name": term.name,
                    "starts_on": term.starts_on.isoformat(),
                    "break_starts_on": term.break_starts_on.isoformat(),
                    "break_ends_on": term.break_ends_on.isoformat(),
                    "ends_on": term.ends_on.isoformat(),
                }
                for term in self.terms
            ],
            "closures": [
                {"date": closure.day.isoformat(), "kind": closure.kind, "name": closure.name}
                for closure in self.closures
            ],
        }

    def _weekdays(self) -> Iterator[date]:
        for term in self.terms:
            day = term.starts_on
            while day <= term.ends_on:
                in_break = term.break_starts_on <= day <= term.break_ends_on
                if day.weekday() < _SATURDAY and not in_break:
                    yield day
                day += timedelta(days=1)


class UnknownSchoolYearError(LookupError):
    """No term dates for this school year: add them to the table in this module."""


_TERMS = {
    2026: (
        Term(
            "Autumn", date(2026, 9, 1), date(2026, 10, 26), date(2026, 10, 30), date(2026, 12, 18)
        ),
        Term("Spring", date(2027, 1, 4), date(2027, 2, 15), date(2027, 2, 19), date(2027, 3, 25)),
        Term("Summer", date(2027, 4, 12), date(2027, 5, 31), date(2027, 6, 4), date(2027, 7, 21)),
    ),
}
# Five training days each; schools of one authority choose differently around the breaks.
_INSET_DAYS = {
    2026: (
        ((9, 1), (9, 2), (1, 4), (4, 12), (7, 21)),
        ((9, 1), (10, 23), (1, 4), (5, 28), (7, 21)),
        ((9, 1), (11, 2), (2, 12), (4, 12), (7, 21)),
    ),
}
_AUGUST = 8


def calendar_plan(school_year: int, variant: int) -> CalendarPlan:
    """Return the 190 school days of a year; ``variant`` chooses the training days.

    Raises ``UnknownSchoolYearError`` for a year without term dates here.
    """
    if school_year not in _TERMS:
        raise UnknownSchoolYearError(f"No term dates for the school year {school_year}.")
    variants = _INSET_DAYS[school_year]
    inset = tuple(
        Closure(date(school_year + (month <= _AUGUST), month, day), "inset", "Staff training day")
        for month, day in variants[variant % len(variants)]
    )
    terms = _TERMS[school_year]
    closed = {closure.day for closure in inset}
    weekdays = CalendarPlan(school_year, terms, ()).school_days
    holidays = (bank_holidays(school_year) | bank_holidays(school_year + 1)).intersection(weekdays)
    bank = tuple(Closure(day, "bank_holiday", "Bank holiday") for day in holidays - closed)
    closures = tuple(sorted((*inset, *bank), key=lambda closure: closure.day))
    return CalendarPlan(school_year, terms, closures)
