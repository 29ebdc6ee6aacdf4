"""Each school's year is what the accepted marks of its pupils add up to."""

from collections import Counter
from datetime import date
from uuid import UUID

import asyncpg

from attendance_contracts.calendar import school_year
from attendance_contracts.codes import ATTENDED, AUTHORISED, UNAUTHORISED
from fault_run.findings import Findings

Key = tuple[UUID, date, str]
"""Enrolment, day and session."""

_TOTALS = """
    SELECT school_id, school_year, attended, authorised, unauthorised, enrolments, persistent,
           severe
    FROM school_years WHERE school_id = ANY($1)
"""


async def check_totals(
    database: asyncpg.Connection, accepted: dict[Key, str], findings: Findings
) -> None:
    """Compare the totals of the town's schools with the marks that were accepted."""
    enrolled = await database.fetch("SELECT id, school_id FROM enrolments")
    expected = _totals(accepted, {UUID(str(row[0])): UUID(str(row[1])) for row in enrolled})
    rows = await database.fetch(_TOTALS, [school for school, _ in expected])
    found = {(UUID(str(row[0])), row[1]): Counter(dict(list(row.items())[2:])) for row in rows}
    findings.compared["schools' years"] = len(expected)
    for key in expected.keys() | found.keys():
        ought, shown = expected.get(key, Counter()), found.get(key, Counter())
        if ought != shown:
            findings.lose(f"{key}: the school's year should be {+ought} and is {+shown}.")


def _totals(
    accepted: dict[Key, str], school_of: dict[UUID, UUID]
) -> dict[tuple[UUID, int], Counter[str]]:
    years: dict[tuple[UUID, int], Counter[str]] = {}
    for (enrolment, day, _), code in accepted.items():
        counts = years.setdefault((enrolment, school_year(day)), Counter())
        counts["attended"] += code in ATTENDED
        counts["authorised"] += code in AUTHORISED
        counts["unauthorised"] += code in UNAUTHORISED
    totals: dict[tuple[UUID, int], Counter[str]] = {}
    for (enrolment, year), counts in years.items():
        absent = counts["authorised"] + counts["unauthorised"]
        possible = counts["attended"] + absent
        counts["enrolments"] = int(possible > 0)
        counts["persistent"] = int(0 < possible <= 10 * absent)
        counts["severe"] = int(0 < possible <= 2 * absent)
        totals.setdefault((school_of[enrolment], year), Counter()).update(counts)
    return totals
