"""`sessions`: how many sessions were marked with one of the codes, added up within a school year.

Source of the one rule shipped: Dudley's guide for social workers; see the policy file.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from attendance_contracts.calendar import (
    london_date,
    school_year,
    school_year_ends,
    school_year_starts,
    year_label,
)
from escalation_service.measures.domain.measure import Value, Wide
from escalation_service.measures.domain.record import Record, Span, judged_on
from escalation_service.measures.domain.words import coded, said, so_many


@dataclass(frozen=True, slots=True, kw_only=True)
class Sessions:
    """So many sessions of these codes.

    Attributes:
        count: the attendance codes whose sessions are added up, in the order the policy gives.
        within: over which days.
        sessions: how many of them meet the threshold.
    """

    count: tuple[str, ...]
    within: Literal["school-year"] = "school-year"
    sessions: int

    def __str__(self) -> str:
        return f"{self.sessions} sessions or more of {' '.join(self.count)} in a school year"

    def window(self, today: date) -> Span:
        """1 September to 31 August."""
        year = school_year(today)
        return Span(school_year_starts(year), school_year_ends(year))

    def wide_question(self) -> Wide:
        """Marks enough, whether they count or not."""
        return Wide(self.count, self.sessions)

    def value(self, record: Record, now: datetime) -> Value:
        """Count the sessions; the longest run among them is shown beside, for information."""
        window = self.window(judged_on(record.calendar.school_year, london_date(now)))
        marks = record.counted(self.count, window, now)
        run = record.longest_run(marks)
        return Value(number=len(marks), window=window, marks=marks, run=run)

    def met(self, value: Value) -> bool:
        """As many as the rule asks for, or more."""
        return value.number >= self.sessions

    def asks(self) -> str:
        """Name number, codes and days."""
        return (
            f"{self.sessions} sessions or more coded {coded(self.count)}, "
            "added up within a school year"
        )

    def words(self, value: Value) -> str:
        """Name the count, and the school year with its days."""
        first, last = value.window
        return (
            f"{so_many(value.number)} counted in the school year "
            f"{year_label(school_year(first))}, from {said(first)} to {said(last)}"
        )

    def beside(self, value: Value) -> str | None:
        """A council that reads its days as days in a row can see whether they were."""
        run = value.run
        if run.first is None or run.last is None:
            return None
        return (
            f"The longest unbroken run is {so_many(run.sessions)}, "
            f"from {said(run.first)} to {said(run.last)}; the rule does not ask for one."
        )
