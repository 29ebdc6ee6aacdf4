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
from escalation_service.testing import (
    SCHOOL_DAYS,
    ASchool,
    announced,
    both_sessions,
    consume,
    weekdays,
)
from escalation_service.thresholds import repository
from escalation_service.thresholds.domain import Kind

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


async def kinds_of(session: SqlSession, child: UUID) -> list[Kind]:
    return [decision.kind for decision in await repository.decisions_on(session, child)]


async def news_of(session: SqlSession, child: UUID) -> list[type]:
    return [type(event) for event in await announced(session, child)]


async def test_the_twentieth_unauthorised_session_opens_a_case_for_the_named_lead(
    session: SqlSession, school: ASchool, child: UUID
) -> None:
    await consume(session, facts(school, child))
    for register in school.absences(child, 19):
        await consume(session, [register])
    assert await announced(session, child) == []

    await consume(session, [corrected(school, child, "N", session_number=19)])

    [decision] = await repository.decisions_on(session, child)
    assert (decision.basis.version, decision.sessions) == (1, 20)
    opened, assigned = await announced(session, child)
    assert isinstance(opened, CaseOpened)
    assert (opened.decision_id, opened.policy) == (decision.id, "dudley")
    assert isinstance(assigned, CaseAssigned)
    assert (assigned.case_id, assigned.assigned_to) == (opened.case_id, "lead-7")


async def test_the_threshold_is_met_once_while_it_stands(
    session: SqlSession, school: ASchool, child: UUID
) -> None:
    await consume(session, facts(school, child))
    for register in school.absences(child, 30):
        await consume(session, [register])
    assert await kinds_of(session, child) == [Kind.MET]


async def test_a_redelivered_batch_changes_nothing(
    session: SqlSession, school: ASchool, child: UUID
) -> None:
    batch = [*facts(school, child), *school.absences(child, 20)]
    await consume(session, batch)
    before = await announced(session, child)
    await consume(session, batch)
    assert await announced(session, child) == before
    assert await kinds_of(session, child) == [Kind.MET]


async def test_a_corrected_code_withdraws_the_threshold_and_both_versions_stay(
    session: SqlSession, school: ASchool, child: UUID
) -> None:
    await consume(session, facts(school, child))
    await consume(session, school.absences(child, 20))
    await consume(session, [corrected(school, child, "I")])

    met, withdrawal = await repository.decisions_on(session, child)
    assert (met.sessions, withdrawal.sessions) == (20, 19)
    assert met.withdrawn_by == withdrawal.id
    assert withdrawal.withdraws == met.id
    *_, closed = await announced(session, child)
    assert isinstance(closed, CaseClosed)
    assert (closed.decision_id, closed.outcome) == (met.id, "threshold-withdrawn")


async def test_met_again_after_a_withdrawal_is_a_new_decision_and_a_new_case(
    session: SqlSession, school: ASchool, child: UUID
) -> None:
    await consume(session, facts(school, child))
    await consume(session, school.absences(child, 20))
    for code in "/O":
        await consume(session, [corrected(school, child, code)])

    assert await kinds_of(session, child) == [Kind.MET, Kind.WITHDRAWN, Kind.MET]
    opened = [event for event in await announced(session, child) if type(event) is CaseOpened]
    assert len({event.case_id for event in opened}) == 2


@pytest.mark.parametrize("order", list(permutations(range(4))))
async def test_facts_may_arrive_in_any_order(
    session: SqlSession, school: ASchool, child: UUID, order: Sequence[int]
) -> None:
    batches = [[fact] for fact in facts(school, child)]
    batches.append([*school.absences(child, 20)])
    for number, place in enumerate(order):
        assert await kinds_of(session, child) == [], number
        await consume(session, batches[place])
    assert await kinds_of(session, child) == [Kind.MET]
    assert await news_of(session, child) == [CaseOpened, CaseAssigned]


async def test_an_authority_without_a_policy_decides_nothing_until_the_school_moves(
    session: SqlSession, school: ASchool, child: UUID
) -> None:
    school.authority = "926"
    await consume(session, facts(school, child))
    await consume(session, school.absences(child, 20))
    assert await kinds_of(session, child) == []

    school.authority = "332"
    await consume(session, [school.changed(version=2)])
    assert await kinds_of(session, child) == [Kind.MET]


async def test_a_session_taken_out_of_the_calendar_no_longer_counts(
    session: SqlSession, school: ASchool, child: UUID
) -> None:
    await consume(session, facts(school, child))
    await consume(session, school.absences(child, 20))
    await consume(session, [school.calendar(SCHOOL_DAYS[1:], version=2)])
    assert await kinds_of(session, child) == [Kind.MET, Kind.WITHDRAWN]
    met, withdrawal = await repository.decisions_on(session, child)
    assert (met.calendar_version, withdrawal.calendar_version) == (1, 2)


async def test_marks_after_the_last_day_on_roll_no_longer_count(
    session: SqlSession, school: ASchool, child: UUID
) -> None:
    await consume(session, facts(school, child))
    await consume(session, school.absences(child, 20))
    left = school.enrols(child, ends_on=SCHOOL_DAYS[8], version=2)
    await consume(session, [left])
    assert await kinds_of(session, child) == [Kind.MET, Kind.WITHDRAWN]


async def test_an_older_version_of_a_fact_changes_nothing(
    session: SqlSession, school: ASchool, child: UUID
) -> None:
    await consume(session, [school.changed(version=2), school.calendar(version=2)])
    await consume(session, [school.enrols(child, version=2)])
    await consume(session, school.absences(child, 20))
    school.authority, school.lead = "926", None
    stale = [
        school.changed(version=1),
        school.calendar([SCHOOL_DAYS[0]], version=1),
        school.enrols(child, ends_on=SCHOOL_DAYS[0], version=1),
    ]
    await consume(session, stale)
    assert await kinds_of(session, child) == [Kind.MET]


async def test_two_school_years_are_not_added_up(
    session: SqlSession, school: ASchool, child: UUID
) -> None:
    july = weekdays(date(2026, 7, 1), 8)
    await consume(session, [school.changed(), school.calendar(), school.calendar(july)])
    await consume(session, [school.enrols(child)])
    summer = [school.records(day, half, {child: "O"}) for day, half in both_sessions(july)]
    await consume(session, [*summer, *school.absences(child, 19)])
    assert await kinds_of(session, child) == []


async def test_a_decision_is_read_back_as_it_was_saved(
    session: SqlSession, school: ASchool, child: UUID
) -> None:
    await consume(session, facts(school, child))
    await consume(session, school.absences(child, 20))
    [decision] = await repository.decisions_on(session, child)
    assert [mark[:2] for mark in decision.marks] == list(SESSIONS[:20])
    assert isinstance(decision.marks[0].session, Session)
    assert decision.run.sessions == 20
    assert decision.school_days == SCHOOL_DAYS.index(date(2026, 11, 20)) + 1
    assert await repository.find_decision(session, decision.id) == decision


async def test_marks_and_their_enrolment_saved_at_the_same_moment_find_each_other(
    database: Database, school: ASchool, child: UUID
) -> None:
    """Each worker once saw only its own half, and the threshold was met by nobody."""
    async with database.transaction() as session:
        await consume(session, [school.changed(), school.calendar()])

    async def enrol() -> None:
        async with database.transaction() as other:
            await consume(other, [school.enrols(child)])

    async with database.transaction() as session:
        await consume(session, school.absences(child, 20))
        enrolling = asyncio.create_task(enrol())
        await asyncio.sleep(0.2)
        assert not enrolling.done()
    await enrolling

    async with database.transaction() as session:
        assert await kinds_of(session, child) == [Kind.MET]
