"""Is anything lost or repeated? The services' own tables, counted against the register's.

Each side is one sum of hashes over (enrolment, code): equal sums mean equal sets of marks.
"""

from datetime import date

import asyncpg
from loaded import Figures, Loaded

from attendance_contracts.calendar import Session, school_year, slot
from attendance_contracts.codes import ABSENCE, NUMBER_OF

Place = tuple[date, str]  # a day and its half
Digest = tuple[int, int]  # how many marks, and the sum of their hashes

_SET = "count(*) AS marks, sum(hashtextextended(id || ':' || code, 0)) AS digest"
_REGISTER = f"""
    SELECT date, session, {_SET} FROM (
        SELECT date, session, enrolment_id AS id, number AS code FROM marks
        JOIN unnest($2::text[], $3::integer[]) AS known (code, number) USING (code)
        WHERE date = ANY($1)
    ) AS sent GROUP BY date, session
"""  # noqa: S608 - our own words
_PROJECTION = f"""
    SELECT {_SET} FROM (
        SELECT enrolment_id AS id, get_byte(marks, $2) AS code FROM enrolment_years
        WHERE school_year = $1 AND get_byte(marks, $2) <> 0
    ) AS kept
"""  # noqa: S608 - our own words
_SUMMED = """
    SELECT count(*) FROM (
        SELECT school_id, sum(attended + authorised + unauthorised) AS sessions FROM school_years
        GROUP BY school_id
    ) AS summed FULL JOIN (
        SELECT school_id, sum(attended + authorised + unauthorised) AS sessions
        FROM enrolment_years JOIN enrolments ON id = enrolment_id GROUP BY school_id
    ) AS counted USING (school_id)
    WHERE summed.sessions IS DISTINCT FROM counted.sessions
"""
_ABSENT = "SELECT count(*) FROM {} WHERE date = ANY($1) AND code = ANY($2::text[])"
_OWED = """
    SELECT count(DISTINCT (enrolment_id, date)) FROM marks WHERE code = 'N' AND date = ANY($1)
"""
_TOLD = """
    SELECT count(*) AS messages, count(DISTINCT episode_id) AS families FROM messages
    JOIN episodes ON episodes.id = episode_id
    WHERE kind = 'first' AND date = ANY($1) AND state IN ('sent', 'delivered', 'failed')
"""


async def count_everything(loaded: Loaded) -> Figures:
    """Compare marks, projection, ledger and messages over every session that the bench has used."""
    register, reporting, escalation, notification = [
        await loaded.connection(name)
        for name in ("register", "reporting", "escalation", "notification")
    ]
    days, absent = sorted({day for day, _ in loaded.taken}), sorted(ABSENCE)
    kept = await _kept(register, days)
    shown = {place: await _shown(reporting, place) for place in loaded.taken}
    summed = await reporting.fetchval(_SUMMED)
    noted = await register.fetchval(_ABSENT.format("marks"), days, absent)
    entered = await escalation.fetchval(_ABSENT.format("absence_marks"), days, absent)
    owed = await register.fetchval(_OWED, days)
    [told] = await notification.fetch(_TOLD, days)
    for connection in (register, reporting, escalation, notification):
        await connection.close()
    return {
        "marks": sum(marks for marks, _ in kept.values()),
        "sessions": len(loaded.taken),
        "sessions_that_differ": sum(kept.get(place) != shown[place] for place in shown),
        "schools_whose_totals_differ": summed,
        "absences": noted,
        "absences_not_in_the_ledger": noted - entered,
        "messages_owed": owed,
        "messages_missing": owed - told["families"],
        "messages_repeated": told["messages"] - told["families"],
    }


async def _kept(register: asyncpg.Connection, days: list[date]) -> dict[Place, Digest]:
    """Return what the register holds of each session, codes by their numbers."""
    codes, numbers = list(NUMBER_OF), list(NUMBER_OF.values())
    rows = await register.fetch(_REGISTER, days, codes, numbers)
    return {(row["date"], row["session"]): (row["marks"], row["digest"]) for row in rows}


async def _shown(reporting: asyncpg.Connection, place: Place) -> Digest:
    """Return what the projection shows of a session."""
    day, half = place
    [row] = await reporting.fetch(_PROJECTION, school_year(day), slot(day, Session(half)))
    return row["marks"], row["digest"]
