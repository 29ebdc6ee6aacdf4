"""Every statement on missing registers, each named for the question it answers."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from attendance_runtime.database import SqlSession
from register_service.missing.domain import EnteredMark, Hours, Look, Place


async def find_hours(db: SqlSession, schools: Sequence[UUID]) -> dict[UUID, Hours]:
    """When do these schools' registers open and close, and in which version of it all?"""
    found = await db.execute(
        text("""
            SELECT id, am_starts_at, pm_starts_at, register_open_minutes, contact_grace_minutes,
                   register_missing_after_minutes, version + COALESCE((
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
            register_missing_after_minutes=row.register_missing_after_minutes,
            version=row.version,
        )
        for row in found
    }


async def next_sessions(db: SqlSession, begin: Mapping[UUID, Place]) -> dict[UUID, Place]:
    """Which is the first session that each school holds at a place or after it?

    Schools whose calendars reach no further are left out.
    """
    found = await db.execute(
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


async def any_marks(db: SqlSession, looks: Sequence[Look]) -> list[tuple[Look, EnteredMark | None]]:
    """In which of these sessions are children on roll, and which mark has any one of them?

    Whichever is found first, None where no child has one. Where no register has come there are no
    marks to look for: a school of a thousand would otherwise be asked for each child's.
    """
    found = await db.execute(
        text("""
            SELECT sent.place, mark.code, mark.recorded_at
            FROM unnest(CAST(:schools AS uuid[]), CAST(:days AS date[]), CAST(:sessions AS text[]))
                 WITH ORDINALITY AS sent (school_id, day, session, place)
            CROSS JOIN LATERAL (
                SELECT id FROM enrolments
                WHERE school_id = sent.school_id
                  AND starts_on <= sent.day AND (ends_on IS NULL OR ends_on >= sent.day)
                LIMIT 1
            ) AS expected
            LEFT JOIN LATERAL (
                SELECT code, recorded_at FROM enrolments
                JOIN marks ON enrolment_id = id AND date = sent.day AND session = sent.session
                          AND code IS NOT NULL
                WHERE school_id = sent.school_id
                  AND starts_on <= sent.day AND (ends_on IS NULL OR ends_on >= sent.day)
                  AND EXISTS (SELECT FROM registers WHERE school_id = sent.school_id
                              AND date = sent.day AND session = sent.session)
                LIMIT 1
            ) AS mark ON true
            ORDER BY sent.place
        """),
        _columns(looks),
    )
    return [
        (looks[place - 1], None if code is None else EnteredMark(code, recorded_at))
        for place, code, recorded_at in found
    ]


async def newest_marks(db: SqlSession, looks: Sequence[Look]) -> dict[Look, list[EnteredMark]]:
    """Which codes have the children on roll in these sessions, and when came the newest of each?"""
    found = await db.execute(
        text("""
            SELECT sent.place, code, max(recorded_at)
            FROM unnest(CAST(:schools AS uuid[]), CAST(:days AS date[]), CAST(:sessions AS text[]))
                 WITH ORDINALITY AS sent (school_id, day, session, place)
            JOIN enrolments USING (school_id)
            JOIN marks ON enrolment_id = id AND date = sent.day AND marks.session = sent.session
            WHERE starts_on <= sent.day AND (ends_on IS NULL OR ends_on >= sent.day)
              AND code IS NOT NULL
            GROUP BY sent.place, code
        """),
        _columns(looks),
    )
    newest: dict[Look, list[EnteredMark]] = {}
    for place, code, recorded_at in found:
        newest.setdefault(looks[place - 1], []).append(EnteredMark(code, recorded_at))
    return newest


async def keep_missing(db: SqlSession, looks: Sequence[Look], *, now: datetime) -> list[Look]:
    """Which of these have not been announced before? From now on they have."""
    found = await db.execute(
        text("""
            INSERT INTO missing_registers (school_id, date, session, announced_at)
            SELECT school_id, day, session, :now
            FROM unnest(CAST(:schools AS uuid[]), CAST(:days AS date[]), CAST(:sessions AS text[]))
                 AS sent (school_id, day, session)
            ORDER BY school_id, day, session
            ON CONFLICT DO NOTHING
            RETURNING school_id, date, session
        """),
        _columns(looks) | {"now": now},
    )
    new = {(row.school_id, row.date, row.session) for row in found}
    return [look for look in looks if (look.school_id, *look.place.session()) in new]


def _columns(looks: Sequence[Look]) -> dict[str, object]:
    when = [look.place.session() for look in looks]
    return {
        "schools": [look.school_id for look in looks],
        "days": [day for day, _ in when],
        "sessions": [half.value for _, half in when],
    }
