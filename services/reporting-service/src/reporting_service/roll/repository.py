"""Every statement on the copy of the roll."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import text

from attendance_contracts.events import EnrolmentChanged
from attendance_runtime.database import SqlSession
from reporting_service.roll.domain import Enrolment


async def save_enrolments(db: SqlSession, enrolments: Sequence[EnrolmentChanged]) -> None:
    """Keep each enrolment unless a newer version is already here."""
    await db.execute(
        text("""
            INSERT INTO enrolments AS enrolment (id, child_id, school_id, starts_on, ends_on,
                    year_group, class_code, status, version)
            SELECT * FROM unnest(
                CAST(:ids AS uuid[]), CAST(:children AS uuid[]), CAST(:schools AS uuid[]),
                CAST(:starts AS date[]), CAST(:ends AS date[]), CAST(:year_groups AS text[]),
                CAST(:classes AS text[]), CAST(:statuses AS text[]), CAST(:versions AS integer[])
            )
            ORDER BY 1
            ON CONFLICT (id) DO UPDATE
            SET child_id = excluded.child_id, school_id = excluded.school_id,
                starts_on = excluded.starts_on, ends_on = excluded.ends_on,
                year_group = excluded.year_group, class_code = excluded.class_code,
                status = excluded.status, version = excluded.version
            WHERE enrolment.version < excluded.version
        """),
        {
            "ids": [enrolment.enrolment_id for enrolment in enrolments],
            "children": [enrolment.child_id for enrolment in enrolments],
            "schools": [enrolment.school_id for enrolment in enrolments],
            "starts": [enrolment.starts_on for enrolment in enrolments],
            "ends": [enrolment.ends_on for enrolment in enrolments],
            "year_groups": [enrolment.year_group for enrolment in enrolments],
            "classes": [enrolment.class_code for enrolment in enrolments],
            "statuses": [enrolment.status for enrolment in enrolments],
            "versions": [enrolment.version for enrolment in enrolments],
        },
    )


async def enrolments_between(
    db: SqlSession, children: Sequence[UUID], first: date, last: date
) -> list[Enrolment]:
    """Where were these children on roll on any day from `first` to `last`? Newest first a child."""
    found = await db.execute(
        text("""
            SELECT id, child_id, school_id, starts_on, ends_on, year_group, class_code, status
            FROM enrolments
            WHERE child_id = ANY(CAST(:children AS uuid[]))
              AND starts_on <= :last AND (ends_on IS NULL OR ends_on >= :first)
            ORDER BY child_id, starts_on DESC, id
        """),
        {"children": list(children), "first": first, "last": last},
    )
    return [Enrolment(*row) for row in found]
