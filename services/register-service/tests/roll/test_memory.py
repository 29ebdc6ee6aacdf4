"""Rolls in memory: read once, and never used after the roll has changed."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from attendance_runtime.database import SqlSession
from attendance_testing.counting import statements
from register_service.roll.domain import Pupil, RollName
from register_service.roll.repository import memory

SchoolBuilder = Callable[..., Awaitable[Any]]


async def version_of(db: SqlSession, school_id: UUID) -> UUID:
    found = await db.scalar(
        text("SELECT roll_version FROM schools WHERE id = :id"), {"id": school_id}
    )
    assert isinstance(found, UUID)
    return found


async def rolls(db: SqlSession, school_id: UUID, *, class_code: str = "") -> list[Pupil]:
    name = RollName(await version_of(db, school_id), school_id, class_code, "MIS_ID")
    return list((await memory.read_rolls(db, [name]))[name])


async def test_a_roll_is_read_once_while_it_stands(db: SqlSession, a_school: SchoolBuilder) -> None:
    school = await a_school(db, pupils=2)
    first = await rolls(db, school.id)
    assert [(pupil.key, pupil.enrolment_id, pupil.child_id) for pupil in first] == [
        ("1", school.enrolments[0], school.children[0]),
        ("2", school.enrolments[1], school.children[1]),
    ]
    with statements() as sent:
        assert await rolls(db, school.id) == first
    assert len(sent) == 1  # the version, and nothing after it


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE enrolments SET ends_on = '2026-09-04' WHERE id = :id",
        "UPDATE enrolment_keys SET value = 'new' WHERE enrolment_id = :id",
        "DELETE FROM enrolment_keys WHERE enrolment_id = :id",
        """
        INSERT INTO enrolment_keys
        SELECT school_id, scheme, 'second', enrolment_id FROM enrolment_keys
        WHERE enrolment_id = :id
        """,
        """
        INSERT INTO enrolments (id, child_id, school_id, starts_on, year_group, class_code, status,
                                version)
        SELECT uuidv7(), child_id, school_id, '2026-10-01', '1', '1A', 'main', 1 FROM enrolments
        WHERE id = :id
        """,
    ],
)
async def test_whatever_changes_a_roll_gives_it_another_version(
    db: SqlSession, a_school: SchoolBuilder, change: str
) -> None:
    school = await a_school(db, urn="100001", pupils=2)
    other = await a_school(db, urn="100002", pupils=1)
    before, others = await rolls(db, school.id), await version_of(db, other.id)
    await db.execute(text(change), {"id": school.enrolments[0]})
    assert await rolls(db, school.id) != before
    assert await version_of(db, other.id) == others


async def test_a_line_that_is_moved_to_another_school_changes_both_rolls(
    db: SqlSession, a_school: SchoolBuilder
) -> None:
    school = await a_school(db, urn="100001", pupils=2)
    other = await a_school(db, urn="100002", pupils=1)
    before, others = await rolls(db, school.id), await rolls(db, other.id)
    await db.execute(
        text("UPDATE enrolments SET school_id = :other WHERE id = :id"),
        {"other": other.id, "id": school.enrolments[0]},
    )
    assert await rolls(db, school.id) == before[1:]
    assert len(await rolls(db, other.id)) == len(others) + 1


async def test_a_class_is_read_without_the_rest_and_pupils_without_a_key_belong_to_it(
    db: SqlSession, a_school: SchoolBuilder
) -> None:
    school = await a_school(db, pupils=2)
    move = text("UPDATE enrolments SET class_code = '9Z' WHERE id = :id")
    await db.execute(move, {"id": school.enrolments[1]})
    await db.execute(
        text("DELETE FROM enrolment_keys WHERE enrolment_id = :id"), {"id": school.enrolments[1]}
    )
    assert await rolls(db, school.id, class_code="9Z") == [
        Pupil(None, school.enrolments[1], school.children[1], date(2026, 9, 1), None)
    ]
    assert await rolls(db, school.id, class_code="nobody's") == []
