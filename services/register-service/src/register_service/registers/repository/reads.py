"""What the register says, read back."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import RowMapping, text

from attendance_runtime.database import SqlSession
from register_service.registers.domain import RegisterKey


async def read_register(db: SqlSession, register: RegisterKey) -> Sequence[RowMapping]:
    """What does the register say of each child on roll? A row a child, marked or not.

    A class is the one in which a child was on that day. Where nobody was in a class of this name
    then, it is the present one: a class that was renamed is found by its new name, too.
    """
    found = await db.execute(
        text("""
            WITH place AS (
                SELECT id, class_code AS class_now, coalesce((
                    SELECT class_code FROM former_classes
                    WHERE enrolment_id = id AND until >= :day ORDER BY until LIMIT 1
                ), class_code) AS class_code
                FROM enrolments
                WHERE school_id = :school_id
                  AND starts_on <= :day AND (ends_on IS NULL OR ends_on >= :day)
            )
            SELECT place.id AS enrolment_id, class_code, code, minutes_late, revision, recorded_at
            FROM place
            LEFT JOIN marks ON marks.enrolment_id = place.id
                 AND marks.date = :day AND marks.session = :session
            WHERE :class_code IN ('', class_code) OR (
                class_now = :class_code
                AND NOT EXISTS (SELECT FROM place AS other WHERE other.class_code = :class_code)
            )
            ORDER BY class_code, place.id
        """),
        {
            "school_id": register.school_id,
            "class_code": register.class_code,
            "day": register.day,
            "session": register.session.value,
        },
    )
    return found.mappings().all()


async def marks_of(db: SqlSession, enrolments: Sequence[UUID]) -> list[tuple[UUID, date, str, str]]:
    """Which marks do these enrolments have, one enrolment after the other?

    A mark that was taken back is none.
    """
    found = await db.execute(
        text("""
            SELECT enrolment_id, date, session, code FROM marks
            WHERE enrolment_id = ANY(CAST(:enrolments AS uuid[])) AND code IS NOT NULL
            ORDER BY enrolment_id, date, session
        """),
        {"enrolments": list(enrolments)},
    )
    return [(row[0], row[1], row[2], row[3]) for row in found]
