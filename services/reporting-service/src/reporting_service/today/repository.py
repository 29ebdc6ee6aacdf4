"""Every statement on a school's day."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text

from attendance_contracts.calendar import Session, school_year, slot
from attendance_contracts.events import RegisterMissing
from attendance_runtime.database import SqlSession
from reporting_service.today.domain import MarksOfClass


async def marks_by_class(session: SqlSession, school_id: UUID, day: date) -> list[MarksOfClass]:
    """How often does each mark stand in each class and session of a day? 0 counts the unmarked.

    Every child on roll that day is counted, also one without a row for the school year.
    """
    found = await session.execute(
        text("""
            SELECT class_code, half.session,
                   COALESCE(get_byte(year.marks, half.slot), 0) AS number, count(*) AS children
            FROM enrolments AS enrolment
            LEFT JOIN enrolment_years AS year
                   ON year.enrolment_id = enrolment.id AND year.school_year = :school_year
            CROSS JOIN (VALUES ('AM', CAST(:am AS integer)), ('PM', CAST(:pm AS integer)))
                   AS half (session, slot)
            WHERE enrolment.school_id = :school_id AND starts_on <= :day
              AND (ends_on IS NULL OR ends_on >= :day)
            GROUP BY class_code, half.session, number
        """),
        {
            "school_id": school_id,
            "school_year": school_year(day),
            "day": day,
            "am": slot(day, Session.AM),
            "pm": slot(day, Session.PM),
        },
    )
    return [
        MarksOfClass(row.class_code, Session(row.session), row.number, row.children)
        for row in found
    ]


async def save_missing(session: SqlSession, events: Sequence[RegisterMissing]) -> None:
    """Keep since when registers are missing; what is told again changes nothing."""
    await session.execute(
        text("""
            INSERT INTO missing_registers (school_id, date, session, missing_since)
            SELECT school_id, day, half, since
            FROM unnest(
                CAST(:schools AS uuid[]), CAST(:days AS date[]), CAST(:halves AS text[]),
                CAST(:since AS timestamptz[])
            ) AS sent (school_id, day, half, since)
            ORDER BY school_id, day, half
            ON CONFLICT DO NOTHING
        """),
        {
            "schools": [event.school_id for event in events],
            "days": [event.date for event in events],
            "halves": [event.session.value for event in events],
            "since": [event.recorded_at for event in events],
        },
    )


async def missing_on(session: SqlSession, school_id: UUID, day: date) -> dict[Session, datetime]:
    """Which of a school's registers of a day had not arrived when due, noticed when?"""
    found = await session.execute(
        text("""
            SELECT session, missing_since FROM missing_registers
            WHERE school_id = :school_id AND date = :day
        """),
        {"school_id": school_id, "day": day},
    )
    return {Session(row.session): row.missing_since for row in found}
