"""Every statement on a school's day."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text

from attendance_contracts.calendar import Session, school_year, slot
from attendance_contracts.counting import OnRoll
from attendance_contracts.events import RegisterMissing
from attendance_runtime.database import SqlSession
from reporting_service.today.domain import FamilyDay, MarksOfClass, Untold, UntoldFamily


async def marks_by_class(db: SqlSession, school_id: UUID, day: date) -> list[MarksOfClass]:
    """How often does each mark stand in each class and session of a day? 0 counts the unmarked.

    Asked of all who ever were on the school's roll, also those without a row for the school year:
    who is on it that day is told by the days.
    """
    found = await db.execute(
        text("""
            SELECT class_code, starts_on, ends_on, half.session,
                   COALESCE(get_byte(year.marks, half.slot), 0) AS mark, count(*) AS children
            FROM enrolments AS enrolment
            LEFT JOIN enrolment_years AS year
                   ON year.enrolment_id = enrolment.id AND year.school_year = :school_year
            CROSS JOIN (VALUES ('AM', CAST(:am AS integer)), ('PM', CAST(:pm AS integer)))
                   AS half (session, slot)
            WHERE enrolment.school_id = :school_id
            GROUP BY class_code, starts_on, ends_on, half.session, mark
        """),
        {
            "school_id": school_id,
            "school_year": school_year(day),
            "am": slot(day, Session.AM),
            "pm": slot(day, Session.PM),
        },
    )
    return [
        MarksOfClass(class_code, OnRoll(starts_on, ends_on), Session(half), mark, children)
        for class_code, starts_on, ends_on, half, mark, children in found
    ]


async def save_missing(db: SqlSession, events: Sequence[RegisterMissing]) -> None:
    """Keep since when registers are missing; what is told again changes nothing."""
    await db.execute(
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


async def missing_on(db: SqlSession, school_id: UUID, day: date) -> dict[Session, datetime]:
    """Which of a school's registers of a day had not arrived when due, noticed when?"""
    found = await db.execute(
        text("""
            SELECT session, missing_since FROM missing_registers
            WHERE school_id = :school_id AND date = :day
        """),
        {"school_id": school_id, "day": day},
    )
    return {Session(row.session): row.missing_since for row in found}


async def save_untold(db: SqlSession, untold: Mapping[FamilyDay, Untold]) -> None:
    """Keep since when families are untold; what is told again changes nothing."""
    schools, days, enrolments = zip(*untold, strict=True)
    children, since = zip(*untold.values(), strict=True)
    await db.execute(
        text("""
            INSERT INTO untold_families (school_id, date, enrolment_id, child_id, untold_since)
            SELECT * FROM unnest(
                CAST(:schools AS uuid[]), CAST(:days AS date[]), CAST(:enrolments AS uuid[]),
                CAST(:children AS uuid[]), CAST(:since AS timestamptz[])
            ) AS sent (school_id, day, enrolment_id)
            ORDER BY school_id, day, enrolment_id
            ON CONFLICT DO NOTHING
        """),
        {
            "schools": list(schools),
            "days": list(days),
            "enrolments": list(enrolments),
            "children": list(children),
            "since": list(since),
        },
    )


async def forget_untold(db: SqlSession, told: Collection[FamilyDay]) -> None:
    """Forget that families were untold: somebody has been told now."""
    schools, days, enrolments = zip(*told, strict=True)
    await db.execute(
        text("""
            DELETE FROM untold_families AS kept
            USING unnest(
                CAST(:schools AS uuid[]), CAST(:days AS date[]), CAST(:enrolments AS uuid[])
            ) AS told (school_id, day, enrolment_id)
            WHERE kept.school_id = told.school_id AND kept.date = told.day
              AND kept.enrolment_id = told.enrolment_id
        """),
        {"schools": list(schools), "days": list(days), "enrolments": list(enrolments)},
    )


async def untold_on(db: SqlSession, school_id: UUID, day: date) -> list[UntoldFamily]:
    """Whose family at a school could nobody tell, longest ago first, and what says the register?"""
    found = await db.execute(
        text("""
            SELECT untold.enrolment_id, untold.child_id, class_code, untold_since,
                   get_byte(year.marks, :am) * get_bit(year.sessions, :am),
                   get_byte(year.marks, :pm) * get_bit(year.sessions, :pm)
            FROM untold_families AS untold
            JOIN enrolments AS enrolment ON enrolment.id = untold.enrolment_id
            JOIN enrolment_years AS year
              ON year.enrolment_id = untold.enrolment_id AND year.school_year = :school_year
            WHERE untold.school_id = :school_id AND date = :day
            ORDER BY untold_since, untold.enrolment_id
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
        UntoldFamily(
            enrolment_id=row[0],
            child_id=row[1],
            class_code=row[2],
            untold_since=row[3],
            marks=(row[4], row[5]),
        )
        for row in found
    ]
