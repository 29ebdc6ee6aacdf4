"""Is anything lost or repeated? The services' own tables, counted against the register's.

Each side is one sum of hashes over (enrolment, code): equal sums mean equal sets of marks.
"""

from datetime import date

from loaded import Figures, Loaded

from attendance_contracts.calendar import Session, school_year, slot
from attendance_contracts.codes import ABSENCE, NUMBER_OF

_SET = "count(*) AS marks, sum(hashtextextended(id || ':' || code, 0)) AS digest"
_REGISTER = f"""
    SELECT {_SET} FROM (
        SELECT enrolment_id AS id, number AS code FROM marks
        JOIN unnest($3::text[], $4::integer[]) AS known (code, number) USING (code)
        WHERE date = $1 AND session = $2
    ) AS sent
"""  # noqa: S608 - our own words
_PROJECTION = f"""
    SELECT {_SET} FROM (
        SELECT enrolment_id AS id, get_byte(marks, $2) AS code FROM enrolment_years
        WHERE school_year = $1 AND get_byte(marks, $2) <> 0
    ) AS kept
"""  # noqa: S608 - our own words
_ABSENT = "SELECT count(*) FROM {} WHERE date = $1 AND session = $2 AND code = ANY($3::text[])"
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
    numbers = list(NUMBER_OF.values())
    marks, unequal = 0, 0
    for day, half in loaded.taken:
        [kept] = await register.fetch(_REGISTER, day, half, list(NUMBER_OF), numbers)
        place = slot(day, Session(half))
        [shown] = await reporting.fetch(_PROJECTION, school_year(day), place)
        at = (day, half, sorted(ABSENCE))
        absent = await register.fetchval(_ABSENT.format("marks"), *at)
        entered = await escalation.fetchval(_ABSENT.format("absence_marks"), *at)
        marks += kept["marks"]
        unequal += kept != shown or absent != entered
    days: list[date] = sorted({day for day, _ in loaded.taken})
    owed = await register.fetchval(_OWED, days)
    [told] = await notification.fetch(_TOLD, days)
    for connection in (register, reporting, escalation, notification):
        await connection.close()
    return {
        "sessions": len(loaded.taken),
        "marks": marks,
        "sessions_that_differ": unequal,
        "messages_owed": owed,
        "messages_missing": owed - told["families"],
        "messages_repeated": told["messages"] - told["families"],
    }
