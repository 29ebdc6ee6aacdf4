"""Accepted marks = stored marks = projected marks, each counted from its own tables.

The register's history is replayed: the first entry and every amendment after it, without a gap,
must lead to what the mark says. Nothing here asks a service what it believes.
"""

from collections import Counter, defaultdict
from typing import Any
from uuid import UUID

import asyncpg

from attendance_contracts.calendar import school_year, session_at
from attendance_contracts.codes import (
    ABSENCE,
    ATTENDED,
    AUTHORISED,
    BY_NUMBER,
    PENALTY_NOTICE,
    UNAUTHORISED,
)
from fault_run.findings import Findings
from fault_run.ledger import Ledger
from fault_run.stage import Stage
from fault_run.totals import Key, check_totals
from fault_run.town import UNEXCUSED


async def check_marks(stage: Stage, findings: Findings) -> None:
    """Compare the ledger with the register, its history, the projection and the absences."""
    enrolments = [pupil.enrolment_id for pupil in stage.town.pupils]
    accepted = accepted_marks(stage.ledger)
    findings.compared["marks"] = len(accepted)
    async with stage.database("register") as database:
        await _check_stored(database, enrolments, stage.ledger, findings)
    async with stage.database("reporting") as database:
        await _check_projected(database, enrolments, accepted, findings)
        await check_totals(database, accepted, findings)
    async with stage.database("escalation") as database:
        await _check_absences(database, enrolments, accepted, findings)
        await _check_cases(database, enrolments, accepted, findings)


def accepted_marks(ledger: Ledger) -> dict[Key, str]:
    """Return what each accepted mark should say."""
    return {
        (cell.pupil.enrolment_id, cell.day, cell.session.value): mark.code
        for cell, mark in ledger.marks.items()
    }


async def _check_stored(
    database: asyncpg.Connection, enrolments: list[UUID], ledger: Ledger, findings: Findings
) -> None:
    expected = {
        (cell.pupil.enrolment_id, cell.day, cell.session.value): (mark.code, mark.revision)
        for cell, mark in ledger.marks.items()
    }
    rows = await database.fetch(
        "SELECT enrolment_id, date, session, code, revision FROM marks "
        "WHERE enrolment_id = ANY($1)",
        enrolments,
    )
    stored = {(UUID(str(row[0])), row[1], row[2]): (row[3], row[4]) for row in rows}
    for key, (code, revision) in expected.items():
        found = stored.get(key)
        if found is None or found[0] != code:
            findings.lose(f"{_said(key)} was accepted as {code}; the register says {found}.")
        elif found[1] > revision:
            findings.repeat(f"{_said(key)} is revision {found[1]}, {revision} was accepted.")
        elif found[1] < revision:
            findings.lose(f"{_said(key)} is revision {found[1]}, {revision} was accepted.")
    for key in stored.keys() - expected.keys():
        findings.repeat(f"{_said(key)} is in the register; nobody was told that it was kept.")
    await _check_history(database, enrolments, stored, findings)


async def _check_history(
    database: asyncpg.Connection,
    enrolments: list[UUID],
    stored: dict[Key, tuple[str, int]],
    findings: Findings,
) -> None:
    """Replay each mark's amendments: each begins where the one before ended."""
    rows = await database.fetch(
        "SELECT enrolment_id, date, session, revision, previous_code, code FROM mark_revisions "
        "WHERE enrolment_id = ANY($1) ORDER BY 1, 2, 3, 4",
        enrolments,
    )
    amendments: dict[Key, list[Any]] = defaultdict(list)
    for row in rows:
        amendments[UUID(str(row[0])), row[1], row[2]].append(row)
    findings.compared["amendments"] = len(rows)
    for key, (code, revision) in stored.items():
        history = amendments.get(key, [])
        said = history[0]["previous_code"] if history else code
        for number, row in enumerate(history, start=2):
            if row["revision"] != number or row["previous_code"] != said:
                findings.lose(f"{_said(key)}: its history has a gap before {row['revision']}.")
            said = row["code"]
        if said != code or len(history) + 1 != revision:
            findings.lose(f"{_said(key)}: its history ends with {said}, the mark says {code}.")


async def _check_projected(
    database: asyncpg.Connection,
    enrolments: list[UUID],
    accepted: dict[Key, str],
    findings: Findings,
) -> None:
    rows = await database.fetch(
        "SELECT enrolment_id, school_year, marks, attended, authorised, unauthorised "
        "FROM enrolment_years WHERE enrolment_id = ANY($1)",
        enrolments,
    )
    projected: dict[Key, str] = {}
    for row in rows:
        enrolment, year = UUID(str(row["enrolment_id"])), row["school_year"]
        codes = {
            session_at(year, slot): BY_NUMBER[number].code
            for slot, number in enumerate(row["marks"])
            if number
        }
        projected |= {(enrolment, day, half.value): code for (day, half), code in codes.items()}
        counted = [
            sum(code in of for code in codes.values())
            for of in (ATTENDED, AUTHORISED, UNAUTHORISED)
        ]
        if counted != [row["attended"], row["authorised"], row["unauthorised"]]:
            findings.lose(f"{enrolment}: the year's counters are not the sum of its marks.")
    _compare(accepted, projected, "the projection", findings)


async def _check_absences(
    database: asyncpg.Connection,
    enrolments: list[UUID],
    accepted: dict[Key, str],
    findings: Findings,
) -> None:
    rows = await database.fetch(
        "SELECT enrolment_id, date, session, code FROM absence_marks WHERE enrolment_id = ANY($1)",
        enrolments,
    )
    absences = {key: code for key, code in accepted.items() if code in ABSENCE}
    found = {(UUID(str(row[0])), row[1], row[2]): row[3] for row in rows}
    _compare(absences, found, "the ledger of absences", findings)


def _compare(
    expected: dict[Key, str], found: dict[Key, str], where: str, findings: Findings
) -> None:
    for key in expected.keys() | found.keys():
        if expected.get(key) != found.get(key):
            findings.lose(
                f"{_said(key)} was accepted as {expected.get(key)}; {where} says {found.get(key)}."
            )


async def _check_cases(
    database: asyncpg.Connection,
    enrolments: list[UUID],
    accepted: dict[Key, str],
    findings: Findings,
) -> None:
    """Whoever has met the threshold has one decision that stands and one case for it."""
    unexcused: Counter[tuple[UUID, int]] = Counter()
    for (enrolment, day, _), code in accepted.items():
        unexcused[enrolment, school_year(day)] += code in PENALTY_NOTICE
    rows = await database.fetch(
        "SELECT decisions.id, decisions.enrolment_id, school_year, withdrawn_by, "
        "(SELECT count(*) FROM cases WHERE decision_id = decisions.id) AS cases "
        "FROM decisions WHERE decisions.kind = 'met' AND decisions.enrolment_id = ANY($1)",
        enrolments,
    )
    standing: Counter[tuple[UUID, int]] = Counter()
    for row in rows:
        key = (UUID(str(row["enrolment_id"])), row["school_year"])
        standing[key] += row["withdrawn_by"] is None
        if row["cases"] == 0:
            findings.miss(f"{key[0]}: a threshold was met and has no case.")
        if row["cases"] > 1:
            findings.repeat(f"{key[0]}: one decision has {row['cases']} cases.")
    findings.compared["decisions"] = len(rows)
    for key, count in unexcused.items():
        owed = int(count >= UNEXCUSED)
        if standing[key] < owed:
            findings.miss(f"{key[0]}: {count} unexcused sessions, and no decision stands.")
        if standing[key] > owed:
            findings.repeat(f"{key[0]}: {count} unexcused sessions, {standing[key]} stand.")


def _said(key: Key) -> str:
    enrolment, day, session = key
    return f"The mark of {enrolment} on {day} {session}"
