"""Every statement on missing registers, each named for the question it answers."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from attendance_runtime.database import SqlSession
from register_service.missing.domain import Hours, Look, Place


async def find_hours(session: SqlSession, schools: Sequence[UUID]) -> dict[UUID, Hours]:
    """When do these schools' registers open and close, and in which version of it all?"""
    found = await session.execute(
        text("""
            SELECT id, am_starts_at, pm_starts_at, register_open_minutes, contact_grace_minutes,
                   version + COALESCE((
                       SELECT sum(version) FROM calendars WHERE school_id = schools.id
                   ), 0) AS version
            FROM schools WHERE id = ANY(CAST(:schools AS uuid[]))
        """),
        {"schools": list(schools)},
    )
    return {
        row.id: Hours(
            am_starts_at=row.am_starts_at,
            pm_starts_at=row.pm_starts_at,
            register_open_minutes=row.register_open_minutes,
            contact_grace_minutes=row.contact_grace_minutes,
            version=row.version,
        )
        for row in found
    }


async def next_sessions(session: SqlSession, begin: Mapping[UUID, Place]) -> dict[UUID, Place]:
    """Which is the first session that each school holds at a place or after it?

    Schools whose calendars reach no further are left out.
    """
    found = await session.execute(
        text("""
            SELECT sent.school_id, held.school_year, held.slot
            FROM unnest(CAST(:schools AS uuid[]), CAST(:years AS integer[]), CAST(:slots AS integer[]))
                 AS sent (school_id, school_year, slot)
            CROSS JOIN LATERAL (
                SELECT calendars.school_year, session.slot
                FROM calendars, unnest(slots) AS session (slot)
                WHERE calendars.school_id = sent.school_id
                  AND calendars.school_year >= sent.school_year
                  AND (calendars.school_year, session.slot) >= (sent.school_year, sent.slot)
                ORDER BY 1, 2 LIMIT 1
            ) AS held
        """),
        {
            "schools": list(begin),
            "years": [place.school_year for place in begin.values()],
            "slots": [place.slot for place in begin.values()],
        },
    )
    return {row.school_id: Place(row.school_year, row.slot) for row in found}


async def find_untaken(session: SqlSession, looks: Sequence[Look]) -> list[Look]:
    """In which of these sessions are children on roll, and has none of them a mark?

    One child and one mark decide. Where no register has come there are no marks to look for: a
    school of a thousand would otherwise be asked for each child's.
    """
    when = [look.place.session() for look in looks]
    found = await session.execute(
        text("""
            SELECT sent.place
            FROM unnest(CAST(:schools AS uuid[]), CAST(:days AS date[]), CAST(:sessions AS text[]))
                 WITH ORDINALITY AS sent (school_id, day, session, place)
            CROSS JOIN LATERAL (
                SELECT id FROM enrolments
                WHERE school_id = sent.school_id
                  AND starts_on <= sent.day AND (ends_on IS NULL OR ends_on >= sent.day)
                LIMIT 1
            ) AS expected
            WHERE NOT EXISTS (
                SELECT FROM registers
                WHERE school_id = sent.school_id AND date = sent.day AND session = sent.session
            ) OR (
                SELECT code FROM enrolments
                JOIN marks ON enrolment_id = id AND date = sent.day AND session = sent.session
                WHERE school_id = sent.school_id
                  AND starts_on <= sent.day AND (ends_on IS NULL OR ends_on >= sent.day)
                LIMIT 1
            ) IS NULL
            ORDER BY sent.place
        """),
        {
            "schools": [look.school_id for look in looks],
            "days": [day for day, _ in when],
            "sessions": [half.value for _, half in when],
        },
    )
    return [looks[row.place - 1] for row in found]


async def keep_missing(session: SqlSession, looks: Sequence[Look], *, now: datetime) -> list[Look]:
    """Which of these have not been announced before? From now on they have."""
    when = [look.place.session() for look in looks]
    found = await session.execute(
        text("""
            INSERT INTO missing_registers (school_id, date, session, announced_at)
            SELECT school_id, day, session, :now
            FROM unnest(CAST(:schools AS uuid[]), CAST(:days AS date[]), CAST(:sessions AS text[]))
                 AS sent (school_id, day, session)
            ORDER BY school_id, day, session
            ON CONFLICT DO NOTHING
            RETURNING school_id, date, session
        """),
        {
            "schools": [look.school_id for look in looks],
            "days": [day for day, _ in when],
            "sessions": [half.value for _, half in when],
            "now": now,
        },
    )
    new = {(row.school_id, row.date, row.session) for row in found}
    return [look for look in looks if (look.school_id, *look.place.session()) in new]
