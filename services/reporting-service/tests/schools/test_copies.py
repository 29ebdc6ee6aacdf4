"""The copies of settings, calendars and care statuses keep the newest version alone."""

from datetime import UTC, date, datetime
from uuid import UUID

from attendance_contracts.calendar import Session, slot
from attendance_runtime.database import SqlSession
from reporting_service.care import repository as care
from reporting_service.caseload.repository import allocated_children
from reporting_service.schools import repository
from reporting_testing.facts import ASchool, in_care_of, new_id, tell

MONDAY, TUESDAY = date(2026, 9, 7), date(2026, 9, 8)
NOW = datetime(2026, 9, 7, 9, tzinfo=UTC)


async def test_an_older_setting_does_not_replace_a_newer_one(
    db: SqlSession, school: ASchool
) -> None:
    older, newer = school.changed(hours_per_day=6.5), school.changed(hours_per_day=7)

    for event in (newer, older, newer):
        await tell(db, event, now=NOW)

    known = await repository.schools_by_id(db, [school.id])
    assert known[school.id].hours_per_day == 7
    assert await repository.school_id_of(db, school.urn) == school.id


async def test_a_calendar_is_replaced_as_a_whole(db: SqlSession, school: ASchool) -> None:
    await tell(db, school.meets(TUESDAY, MONDAY), now=NOW)
    await tell(db, school.meets(MONDAY, halves=(Session.AM,)), now=NOW)

    sessions = await repository.sessions_of(db, [school.id], [2026])

    assert sessions == {school.id: {2026: [slot(MONDAY, Session.AM)]}}


async def test_the_slots_of_a_calendar_are_ascending(db: SqlSession, school: ASchool) -> None:
    await tell(db, school.meets(TUESDAY, MONDAY), now=NOW)

    sessions = await repository.sessions_of(db, [school.id], [2026])

    assert sessions[school.id][2026] == [12, 13, 14, 15]


async def test_statuses_are_replaced_as_a_whole(db: SqlSession) -> None:
    child_id = new_id()
    first = in_care_of("worker-1", child_id, version=1)
    second = in_care_of("worker-2", child_id, version=2)

    for event in (first, second, first):
        await tell(db, event, now=NOW)

    statuses = await care.statuses_of(db, [child_id])
    assert [status.worker for status in statuses[child_id]] == ["worker-2"]


async def test_an_older_allocation_does_not_open_the_child_again(db: SqlSession) -> None:
    child_id, worker = new_id(), f"worker-{new_id()}"  # other tests may have left their own
    begun = in_care_of(worker, child_id, version=1)
    ended = in_care_of(worker, child_id, until=date(2026, 9, 4), version=2)

    for event in (ended, begun):
        await tell(db, event, now=NOW)

    assert await allocated_children(db, worker, today=MONDAY, after=UUID(int=0), limit=5) == []
