"""A whole generated authority from one call, the same for the same arguments."""

from dataclasses import dataclass, field
from datetime import date

from demo_authority.authority.calendar import calendar_plan
from demo_authority.authority.calibration import CalibrationReport, calibrate
from demo_authority.authority.figures import figures_of
from demo_authority.authority.marks import Marks, build_marks
from demo_authority.authority.model import Event, Roll
from demo_authority.authority.roll import build_roll
from demo_authority.authority.timeline import play

DEFAULT_UPTO = date(2026, 11, 27)
"""A Friday late enough in autumn for children to come near twenty unauthorised sessions."""


@dataclass(frozen=True)
class DemoAuthority:
    """An authority's roll, its final marks, and the played days event by event."""

    seed: int
    roll: Roll = field(repr=False)
    marks: Marks = field(repr=False)
    timeline: tuple[Event, ...] = field(repr=False)

    def calibration(self) -> CalibrationReport:
        """Return what was generated beside what was published."""
        return calibrate(self.roll, self.marks)


def generate(
    authority: str = "332",
    *,
    pupils: int = 5000,
    seed: int = 1,
    school_year: int = 2026,
    upto: date = DEFAULT_UPTO,
    played_days: int = 5,
    unexplained_share: float = 0.6,
) -> DemoAuthority:
    """Generate an authority from its published figures up to a day (inclusive).

    ``played_days`` are the last school days up to ``upto``: their registers and changes are in
    the timeline, everything before is history. ``unexplained_share`` is the fraction of new
    absences whose reason is unknown when the register is taken. Raises ``UnknownAuthorityError``,
    ``UnknownSchoolYearError``, or ``ValueError`` if there are not ``played_days`` school days.
    """
    if pupils < 1 or not 0 <= unexplained_share <= 1:
        raise ValueError("pupils must be at least 1 and unexplained_share between 0 and 1.")
    days = [day for day in calendar_plan(school_year, 0).school_days if day <= upto]
    if not 0 < played_days <= len(days):
        raise ValueError(f"Only {len(days)} school days lie before {upto}: play fewer of them.")
    play_from = days[-played_days]
    roll = build_roll(figures_of(authority), pupils, school_year, seed=seed, moves_before=play_from)
    marks = build_marks(roll, seed=seed, upto=upto, play_from=play_from)
    timeline = play(roll, marks, seed=seed, unexplained_share=unexplained_share)
    return DemoAuthority(seed, roll, marks, tuple(timeline))
