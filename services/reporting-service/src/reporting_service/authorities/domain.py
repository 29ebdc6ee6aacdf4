"""Absence in an authority's area: each school's year, and all of them together.

Published measures are of enrolments: an authority's share is counted from its schools' enrolments
and never averaged from their shares.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from uuid import UUID

from attendance_contracts.measures import NO_TOTALS, Totals
from reporting_service.schools.domain import School, event_keys


@dataclass(frozen=True, slots=True)
class SchoolAbsence:
    """A school's year so far; incomplete when an event could not be applied."""

    school: School
    totals: Totals
    is_incomplete: bool


def most_persistent_first(
    schools: Mapping[UUID, School],
    totals: Mapping[UUID, Totals],
    *,
    year: int,
    incomplete: AbstractSet[str],
) -> list[SchoolAbsence]:
    """Put together each school's year, the largest share of persistent absence first."""
    found = [
        SchoolAbsence(
            school,
            totals.get(school_id, NO_TOTALS),
            not incomplete.isdisjoint(event_keys(school_id, year)),
        )
        for school_id, school in schools.items()
    ]
    return sorted(found, key=lambda one: (-_share(one.totals), one.school.urn))


def together(schools: Sequence[SchoolAbsence]) -> Totals:
    """Add the schools up."""
    return sum((one.totals for one in schools), NO_TOTALS)


def _share(totals: Totals) -> float:
    return totals.persistent / totals.enrolments if totals.enrolments else 0
