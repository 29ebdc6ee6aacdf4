"""Every statement on the copy of the roll."""

from collections.abc import Collection, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text

from attendance_contracts.events import EnrolmentChanged
from attendance_runtime.database import SqlSession
from escalation_service.roll.domain import Enrolment


class Kept(NamedTuple):
    """What a newer word on enrolments has changed."""

    other_dates: list[UUID]
    """New ones, too."""
    other_child: list[UUID]


async def save_enrolments(db: SqlSession, enrolments: Sequence[EnrolmentChanged]) -> Kept:
    """Keep what is newer than known; which enrolments are new, have other dates or a child now?"""
    found = await db.execute(
        text("""
            INSERT INTO enrolments AS enrolment
                   (id, child_id, school_id, starts_on, ends_on, version)
            SELECT * FROM unnest(
                CAST(:ids AS uuid[]), CAST(:children AS uuid[]), CAST(:schools AS uuid[]),
                CAST(:starts AS date[]), CAST(:ends AS date[]), CAST(:versions AS integer[])
            )
            ORDER BY 1
            ON CONFLICT (id) DO UPDATE
            SET child_id = excluded.child_id, school_id = excluded.school_id,
                starts_on = excluded.starts_on, ends_on = excluded.ends_on,
                version = excluded.version
            WHERE enrolment.version < excluded.version
            RETURNING new.id,
                      (new.starts_on, new.ends_on) IS DISTINCT FROM (old.starts_on, old.ends_on),
                      new.child_id <> old.child_id
        """),
        {
            "ids": [enrolment.enrolment_id for enrolment in enrolments],
            "children": [enrolment.child_id for enrolment in enrolments],
            "schools": [enrolment.school_id for enrolment in enrolments],
            "starts": [enrolment.starts_on for enrolment in enrolments],
            "ends": [enrolment.ends_on for enrolment in enrolments],
            "versions": [enrolment.version for enrolment in enrolments],
        },
    )
    kept = Kept([], [])
    for enrolment_id, other_dates, other_child in found:
        if other_dates:
            kept.other_dates.append(enrolment_id)
        if other_child:
            kept.other_child.append(enrolment_id)
    return kept


async def find_enrolment(db: SqlSession, enrolment_id: UUID) -> Enrolment | None:
    """Which child is at which school by this enrolment?"""
    found = await db.execute(
        text("SELECT id, child_id, school_id FROM enrolments WHERE id = :id"), {"id": enrolment_id}
    )
    row = found.one_or_none()
    return None if row is None else Enrolment(*row)


async def enrolments_at(db: SqlSession, schools: Collection[UUID]) -> list[UUID]:
    """Which enrolments have these schools ever had?"""
    found = await db.scalars(
        text(
            "SELECT id FROM enrolments WHERE school_id = ANY(CAST(:schools AS uuid[])) ORDER BY id"
        ),
        {"schools": list(schools)},
    )
    return list(found)
