"""From registers to decisions and events, on a real database."""

import asyncio
from collections.abc import Sequence
from datetime import date
from itertools import permutations
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from attendance_contracts.calendar import Session
from attendance_contracts.events import (
    CaseAssigned,
    CaseClosed,
    CaseOpened,
    RegisterRecorded,
)
from attendance_runtime.database import Database, SqlSession
from escalation_service.decisions import repository
from escalation_service.decisions.domain import Kind
from escalation_testing.facts import (
    SCHOOL_DAYS,
    ASchool,
    announced,
    both_sessions,
    consume,
    weekdays,
)

SESSIONS = both_sessions(SCHOOL_DAYS)


@pytest.fixture
def school() -> ASchool:
    return ASchool()


@pytest.fixture
def child() -> UUID:
    return uuid7()


def facts(school: ASchool, child: UUID) -> list[object]:
    return [school.changed(), school.calendar(), school.enrols(child)]


def corrected(
    school: ASchool, child: UUID, code: str, *, session_number: int = 0
) -> RegisterRecorded:
    day, half = SESSIONS[session_number]
    return school.records(day, half, {child: code})


async def kinds_of(db: SqlSession, child: UUID) -> list[Kind]:
    return [decision.kind for decision in await repository.decisions_on(db, child)]


async def news_of(db: SqlSession, child: UUID) -> list[type]:
    return [type(event) for event in await announced(db, child)]


async def test_the_twentieth_unauthorised_session_opens_a_case_for_the_named_lead(
    db: SqlSession, school: ASchool, child: UUID
) -> None:
    await consume(db, facts(school, child))
    for register in school.absences(child, 19):
        await consume(db, [register])
    assert await announced(db, child) == []

    await consume(db, [corrected(school, child, "N", session_number=19)])

    [decision] = await repository.decisions_on(db, child)
    assert (decision.basis.version, decision.value.number) == (1, 20)
    opened, assigned = await announced(db, child)
    assert isinstance(opened, CaseOpened)
    assert (opened.decision_id, opened.policy) == (decision.id, "dudley")
    assert isinstance(assigned, CaseAssigned)
    assert (assigned.case_id, assigned.assigned_to) == (opened.case_id, "lead-7")


async def test_the_threshold_is_met_once_while_it_stands(
    db: SqlSession, school: ASchool, child: UUID
) -> None:
    await consume(db, facts(school, child))
    for register in school.absences(child, 30):
        await consume(db, [register])
    assert await kinds_of(db, child) == [Kind.MET]


async def test_a_redelivered_batch_changes_nothing(
    db: SqlSession, school: ASchool, child: UUID
) -> None:
    batch = [*facts(school, child), *school.absences(child, 20)]
    await consume(db, batch)
    before = await announced(db, child)
    await consume(db, batch)
    assert await announced(db, child) == before
    assert await kinds_of(db, child) == [Kind.MET]


async def test_a_corrected_code_withdraws_the_threshold_and_both_versions_stay(
    db: SqlSession, school: ASchool, child: UUID
) -> None:
    await consume(db, facts(school, child))
    await consume(db, school.absences(child, 20))
    await consume(db, [corrected(school, child, "I")])

    met, withdrawal = await repository.decisions_on(db, child)
    assert (met.value.number, withdrawal.value.number) == (20, 19)
    assert met.withdrawn_by == withdrawal.id
    assert withdrawal.withdraws == met.id
    *_, closed = await announced(db, child)
    assert isinstance(closed, CaseClosed)
    assert (closed.decision_id, closed.outcome) == (met.id, "threshold-withdrawn")


async def test_met_again_after_a_withdrawal_is_a_new_decision_and_a_new_case(
    db: SqlSession, school: ASchool, child: UUID
) -> None:
    await consume(db, facts(school, child))
    await consume(db, school.absences(child, 20))
    for code in "/O":
        await consume(db, [corrected(school, child, code)])

    assert await kinds_of(db, child) == [Kind.MET, Kind.WITHDRAWN, Kind.MET]
    opened = [event for event in await announced(db, child) if type(event) is CaseOpened]
    assert len({event.case_id for event in opened}) == 2


@pytest.mark.parametrize("order", list(permutations(range(4))))
async def test_facts_may_arrive_in_any_order(
    db: SqlSession, school: ASchool, child: UUID, order: Sequence[int]
) -> None:
    batches = [[fact] for fact in facts(school, child)]
    batches.append([*school.absences(child, 20)])
    for number, place in enumerate(order):
        assert await kinds_of(db, child) == [], number
        await consume(db, batches[place])
    assert await kinds_of(db, child) == [Kind.MET]
    assert await news_of(db, child) == [CaseOpened, CaseAssigned]


async def test_an_authority_without_a_policy_decides_nothing_until_the_school_moves(
    db: SqlSession, school: ASchool, child: UUID
) -> None:
    school.authority = "926"
    await consume(db, facts(school, child))
    await consume(db, school.absences(child, 20))
    assert await kinds_of(db, child) == []

    school.authority = "332"
    await consume(db, [school.changed(version=2)])
    assert await kinds_of(db, child) == [Kind.MET]


async def test_a_session_taken_out_of_the_calendar_no_longer_counts(
    db: SqlSession, school: ASchool, child: UUID
) -> None:
    await consume(db, facts(school, child))
    await consume(db, school.absences(child, 20))
    await consume(db, [school.calendar(SCHOOL_DAYS[1:], version=2)])
    assert await kinds_of(db, child) == [Kind.MET, Kind.WITHDRAWN]
    met, withdrawal = await repository.decisions_on(db, child)
    assert (met.calendar_version, withdrawal.calendar_version) == (1, 2)


async def test_marks_after_the_last_day_on_roll_no_longer_count(
    db: SqlSession, school: ASchool, child: UUID
) -> None:
    await consume(db, facts(school, child))
    await consume(db, school.absences(child, 20))
    left = school.enrols(child, ends_on=SCHOOL_DAYS[8], version=2)
    await consume(db, [left])
    assert await kinds_of(db, child) == [Kind.MET, Kind.WITHDRAWN]


async def test_an_older_version_of_a_fact_changes_nothing(
    db: SqlSession, school: ASchool, child: UUID
) -> None:
    await consume(db, [school.changed(version=2), school.calendar(version=2)])
    await consume(db, [school.enrols(child, version=2)])
    await consume(db, school.absences(child, 20))
    school.authority, school.lead = "926", None
    stale = [
        school.changed(version=1),
        school.calendar([SCHOOL_DAYS[0]], version=1),
        school.enrols(child, ends_on=SCHOOL_DAYS[0], version=1),
    ]
    await consume(db, stale)
    assert await kinds_of(db, child) == [Kind.MET]


async def test_two_school_years_are_not_added_up(
    db: SqlSession, school: ASchool, child: UUID
) -> None:
    july = weekdays(date(2026, 7, 1), 8)
    await consume(db, [school.changed(), school.calendar(), school.calendar(july)])
    await consume(db, [school.enrols(child)])
    summer = [school.records(day, half, {child: "O"}) for day, half in both_sessions(july)]
    await consume(db, [*summer, *school.absences(child, 19)])
    assert await kinds_of(db, child) == []


async def test_a_decision_is_read_back_as_it_was_saved(
    db: SqlSession, school: ASchool, child: UUID
) -> None:
    await consume(db, facts(school, child))
    await consume(db, school.absences(child, 20))
    [decision] = await repository.decisions_on(db, child)
    assert [mark[:2] for mark in decision.value.marks] == list(SESSIONS[:20])
    assert isinstance(decision.value.marks[0].session, Session)
    assert decision.value.run.sessions == 20
    assert decision.school_days == SCHOOL_DAYS.index(date(2026, 11, 20)) + 1
    assert await repository.find_decision(db, decision.id) == decision


async def test_marks_and_their_enrolment_saved_at_the_same_moment_find_each_other(
    database: Database, school: ASchool, child: UUID
) -> None:
    """Each worker once saw only its own half, and the threshold was met by nobody."""
    async with database.transaction() as db:
        await consume(db, [school.changed(), school.calendar()])

    async def enrol() -> None:
        async with database.transaction() as other:
            await consume(other, [school.enrols(child)])

    async with database.transaction() as db:
        await consume(db, school.absences(child, 20))
        enrolling = asyncio.create_task(enrol())
        await asyncio.sleep(0.2)
        assert not enrolling.done()
    await enrolling

    async with database.transaction() as db:
        assert await kinds_of(db, child) == [Kind.MET]
