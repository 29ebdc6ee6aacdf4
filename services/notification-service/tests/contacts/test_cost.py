"""What first-day contact costs, counted and never timed: what makes it dearer is seen here."""

from uuid import uuid4

import pytest

from attendance_runtime.database import SqlSession
from attendance_testing.counting import statements
from attendance_testing.facts import a_school
from notification_service.contacts.use_cases import apply_absences
from notification_service.schools.use_cases import apply_schools
from notification_testing.facts import Pupil, at

STATEMENTS = 6
"""Schools locked, their hours, known episodes, their rounds; episodes kept, messages planned."""


@pytest.mark.parametrize("absences", [1, 200])
async def test_a_batch_of_absences_costs_the_same_however_large(
    db: SqlSession, absences: int
) -> None:
    school = a_school(school_id=uuid4())
    await apply_schools(db, [school], now=at("08:00"))
    batch = [Pupil(school.school_id).absent() for _ in range(absences)]
    with statements() as sent:
        await apply_absences(db, batch, now=at("08:00"))
    assert len(sent) == STATEMENTS
