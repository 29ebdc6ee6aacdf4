"""Every statement on the ledger of absences."""

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import text

from attendance_contracts.calendar import school_year
from attendance_contracts.counting import SessionAhead
from attendance_runtime.database import SqlSession
from escalation_service.absences.domain import EnrolmentYear, LedgerMark

# Made once: this one runs with nearly every batch.
_SAVE_ABSENCES: Final = text("""
    INSERT INTO absence_marks AS mark (enrolment_id, date, session, code)
    SELECT * FROM unnest(
        CAST(:enrolments AS uuid[]), CAST(:dates AS date[]), CAST(:sessions AS text[]),
        CAST(:codes AS text[])
    )
    ORDER BY 1, 2, 3
    ON CONFLICT (enrolment_id, date, session) DO UPDATE SET code = excluded.code
    WHERE mark.code <> excluded.code
""")


async def save_absences(db: SqlSession, absent: Sequence[LedgerMark]) -> None:
    """Keep these marks as absences. The same again writes nothing."""
    await db.execute(_SAVE_ABSENCES, _columns(absent) | {"codes": [mark.code for mark in absent]})


async def remove_absences(db: SqlSession, not_absent: Sequence[LedgerMark]) -> None:
    """Forget these absences; there may be none."""
    await db.execute(
        text("""
            DELETE FROM absence_marks USING unnest(
                CAST(:enrolments AS uuid[]), CAST(:dates AS date[]), CAST(:sessions AS text[])
            ) AS gone (enrolment_id, date, session)
            WHERE absence_marks.enrolment_id = gone.enrolment_id
              AND absence_marks.date = gone.date AND absence_marks.session = gone.session
        """),
        _columns(not_absent),
    )


async def forget_enrolments(db: SqlSession, enrolments: Collection[UUID]) -> None:
    """Forget every absence of these enrolments."""
    await db.execute(
        text("DELETE FROM absence_marks WHERE enrolment_id = ANY(CAST(:enrolments AS uuid[]))"),
        {"enrolments": list(enrolments)},
    )


async def years_with_absences(db: SqlSession, enrolments: Collection[UUID]) -> list[EnrolmentYear]:
    """In which school years do these enrolments have absences? Sorted."""
    found = await db.execute(
        text("""
            SELECT DISTINCT enrolment_id,
                   CAST(extract(year FROM date - interval '8 months') AS integer) AS school_year
            FROM absence_marks WHERE enrolment_id = ANY(CAST(:enrolments AS uuid[]))
            ORDER BY 1, 2
        """),
        {"enrolments": list(enrolments)},
    )
    return [EnrolmentYear(*row) for row in found]


async def absent_in(db: SqlSession, sessions: Collection[SessionAhead]) -> list[EnrolmentYear]:
    """Which enrolments of these schools are absent in these sessions? With the school year."""
    found = await db.execute(
        text("""
            SELECT DISTINCT enrolment_id, begun.school_year
            FROM unnest(CAST(:schools AS uuid[]), CAST(:dates AS date[]),
                        CAST(:sessions AS text[]), CAST(:school_years AS integer[]))
                 AS begun (school_id, date, session, school_year)
            JOIN enrolments ON enrolments.school_id = begun.school_id
            JOIN absence_marks AS mark ON mark.enrolment_id = enrolments.id
                 AND mark.date = begun.date AND mark.session = begun.session
            ORDER BY 1, 2
        """),
        {
            "schools": [one.school_id for one in sessions],
            "dates": [one.day for one in sessions],
            "sessions": [one.session for one in sessions],
            "school_years": [school_year(one.day) for one in sessions],
        },
    )
    return [EnrolmentYear(*row) for row in found]


def _columns(marks: Sequence[LedgerMark]) -> dict[str, object]:
    return {
        "enrolments": [mark.enrolment_id for mark in marks],
        "dates": [mark.date for mark in marks],
        "sessions": [mark.session for mark in marks],
    }
