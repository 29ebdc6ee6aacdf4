"""The schools of a generated authority, in its real proportions and sizes."""

from collections.abc import Sequence
from datetime import time
from random import Random

from demo_authority.authority.calendar import CalendarPlan, calendar_plan
from demo_authority.authority.figures import PHASES, AuthorityFigures, Phase, PhaseFigures
from demo_authority.authority.model import School, SchoolSettings
from demo_authority.authority.names import place_names

# Outside the numbers in real use, so no generated school or pupil number can be somebody's.
_FIRST_URN = 900_001
_FIRST_ESTABLISHMENT = 9_001
_SUPPLIERS = ("wonde", "arbor", "bromcom", "sims")
_TITLES: dict[Phase, str] = {
    "primary": "Primary School",
    "secondary": "Academy",
    "special": "Special School",
}
_CALENDARS = 3
_TRUSTS = 3
_TRUST_SHARE = {"primary": 0.45, "secondary": 0.85, "special": 0.4}
_STARTS = {
    "primary": (time(8, 50), time(13, 10)),
    "secondary": (time(8, 40), time(13, 20)),
    "special": (time(9, 0), time(13, 0)),
}


def build_schools(
    figures: AuthorityFigures, pupils: int, school_year: int, rng: Random
) -> tuple[School, ...]:
    """Return schools whose planned pupils add up to ``pupils``, phases as in the authority."""
    phases = [figures.phases[phase] for phase in PHASES if phase in figures.phases]
    planned: list[tuple[Phase, int]] = []
    shares = shared_out(pupils, [phase.enrolments for phase in phases])
    for phase, count in zip(phases, shares, strict=True):
        planned.extend((phase.phase, size) for size in _sizes(phase, count, rng))
    names = place_names(rng, len(planned) + _TRUSTS)
    return tuple(
        _school(
            figures.code,
            number,
            size,
            phase=phase,
            place=names[number],
            trust=rng.choice(names[-_TRUSTS:]),
            calendar=calendar_plan(school_year, rng.randrange(_CALENDARS)),
            rng=rng,
        )
        for number, (phase, size) in enumerate(planned)
    )


def shared_out(total: int, weights: Sequence[float]) -> list[int]:
    """Return whole numbers proportional to ``weights`` that add up to ``total`` exactly."""
    whole = sum(weights)
    exact = [total * weight / whole for weight in weights]
    counts = [int(value) for value in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: counts[i] - exact[i])
    for i in by_remainder[: total - sum(counts)]:
        counts[i] += 1
    return counts


def _sizes(phase: PhaseFigures, pupils: int, rng: Random) -> list[int]:
    """Return the sizes of this phase's schools, around the authority's own mean size."""
    if not pupils:
        return []
    schools = max(1, round(pupils * phase.schools / phase.enrolments))
    return shared_out(pupils, [rng.uniform(0.75, 1.25) for _ in range(schools)])


def _school(
    authority: str,
    number: int,
    pupils: int,
    *,
    phase: Phase,
    place: str,
    trust: str,
    calendar: CalendarPlan,
    rng: Random,
) -> School:
    am_starts_at, pm_starts_at = _STARTS[phase]
    return School(
        urn=str(_FIRST_URN + number),
        establishment=_FIRST_ESTABLISHMENT + number,
        name=f"{place} {_TITLES[phase]}",
        phase=phase,
        authority_code=authority,
        trust=f"{trust} Learning Trust" if rng.random() < _TRUST_SHARE[phase] else None,
        mis_supplier=rng.choice(_SUPPLIERS),
        attendance_lead=f"lead-{_FIRST_URN + number}",
        settings=SchoolSettings(
            am_starts_at=am_starts_at,
            pm_starts_at=pm_starts_at,
            register_open_minutes=rng.choice((20, 25, 30, 30)),
            contact_grace_minutes=5,
            hours_per_day=rng.choice((6.5, 6.5, 7.0)),
        ),
        calendar=calendar,
        planned_pupils=pupils,
    )
