"""What was generated beside what was published: code shares, absence, persistent absence."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from attendance_contracts.codes import ABSENCE, NO_MARK, POSSIBLE
from demo_authority.authority.figures import PERIOD, PRESENT, Phase
from demo_authority.authority.marks import LETTERS, Marks
from demo_authority.authority.model import Roll

COMPARED_FROM = 0.002
"""Codes above this fraction of sessions are held to the tolerance; rarer ones are only shown."""
_PERSISTENT = 10  # absent in one of ten possible sessions or more


@dataclass(frozen=True, slots=True)
class Share:
    """One code in one phase; both shares are fractions of possible sessions."""

    phase: Phase
    code: str
    generated: float
    published: float

    @property
    def is_compared(self) -> bool:
        """Say whether the code is common enough to be held to the tolerance."""
        return self.published > COMPARED_FROM

    @property
    def deviation(self) -> float:
        """Return the relative deviation from the published share (0.05 is 5 % off)."""
        return abs(self.generated - self.published) / self.published if self.published else 0.0


@dataclass(frozen=True, slots=True)
class PhaseRates:
    """Overall and persistent absence of one phase, as fractions."""

    phase: Phase
    enrolments: int
    possible_sessions: int
    absence: float
    published_absence: float
    persistent: float
    published_persistent: float


@dataclass(frozen=True, slots=True)
class CalibrationReport:
    """The comparison, with the period of each side.

    Persistent absence over part of a year is somewhat above the full year's by its nature
    (England 2024/25: 19.1 % in autumn, 18.7 % over the year).
    """

    authority: str
    generated_period: tuple[date, date]
    published_period: str
    shares: tuple[Share, ...]
    rates: tuple[PhaseRates, ...]
    absence: float
    """All phases together, of the generated marks."""
    published_absence: float
    """All phases together, with the generated authority's mix of phases."""

    @property
    def max_deviation(self) -> float:
        """Return the largest relative deviation among the codes that are compared."""
        return max((share.deviation for share in self.shares if share.is_compared), default=0.0)


def calibrate(roll: Roll, marks: Marks) -> CalibrationReport:
    """Compare every mark of the generated period with the authority's published figures."""
    counts: dict[Phase, Counter[str]] = {phase: Counter() for phase in roll.figures.phases}
    persistent: Counter[Phase] = Counter()
    counted: Counter[Phase] = Counter()
    for enrolment in roll.enrolments:
        phase = roll.school_by_urn[enrolment.school_urn].phase
        own = _counted(marks.rows[enrolment.key])
        counts[phase].update(own)
        possible, absent = _possible(own), _absent(own)
        counted[phase] += possible > 0
        persistent[phase] += possible > 0 and _PERSISTENT * absent >= possible
    shares = tuple(
        Share(phase, code, counts[phase][code] / max(1, _possible(counts[phase])), published)
        for phase, figures in roll.figures.phases.items()
        for code, published in figures.shares.items()
    )
    rates = tuple(
        PhaseRates(
            phase=phase,
            enrolments=counted[phase],
            possible_sessions=_possible(counts[phase]),
            absence=_absent(counts[phase]) / max(1, _possible(counts[phase])),
            published_absence=figures.absence,
            persistent=persistent[phase] / max(1, counted[phase]),
            published_persistent=figures.persistent_absence,
        )
        for phase, figures in roll.figures.phases.items()
    )
    return _report(roll, marks, shares, rates)


def _report(
    roll: Roll, marks: Marks, shares: tuple[Share, ...], rates: tuple[PhaseRates, ...]
) -> CalibrationReport:
    possible = max(1, sum(rate.possible_sessions for rate in rates))
    first = min(sessions[0][0] for sessions in marks.sessions.values())
    return CalibrationReport(
        authority=roll.figures.code,
        generated_period=(first, marks.upto),
        published_period=PERIOD,
        shares=shares,
        rates=rates,
        absence=sum(rate.absence * rate.possible_sessions for rate in rates) / possible,
        published_absence=sum(rate.published_absence * rate.possible_sessions for rate in rates)
        / possible,
    )


def _counted(row: bytearray) -> Counter[str]:
    """Count a row's codes, both plain present marks as one."""
    counts: Counter[str] = Counter()
    for number, count in Counter(row).items():
        if number != NO_MARK:
            code = LETTERS[number]
            counts[PRESENT if code in PRESENT else code] += count
    return counts


def _possible(counts: Mapping[str, int]) -> int:
    return sum(n for code, n in counts.items() if code == PRESENT or code in POSSIBLE)


def _absent(counts: Mapping[str, int]) -> int:
    return sum(n for code, n in counts.items() if code in ABSENCE)
