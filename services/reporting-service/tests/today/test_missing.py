"""A register that was not taken, as a school's day shows it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from attendance_contracts.calendar import Session
from attendance_runtime.auth import Principal
from attendance_runtime.database import SqlSession
from reporting_service.testing import ASchool, tell
from reporting_service.today.use_cases import read_today

MONDAY = date(2026, 9, 7)
DUE = datetime(2026, 9, 7, 8, 25, tzinfo=UTC)
NOON = datetime(2026, 9, 7, 11, tzinfo=UTC)


async def shown(session: SqlSession, school: ASchool) -> dict[Session, datetime | None]:
    office = Principal("office-1", f"school:{school.urn}", frozenset())
    return dict((await read_today(session, office, school.id, now=NOON)).missing_since)


@pytest.fixture
async def known(session: SqlSession, school: ASchool) -> ASchool:
    """A school that meets on Monday."""
    await tell(session, school.changed(), school.meets(MONDAY), now=NOON)
    return school


async def test_a_missing_register_is_shown_with_the_moment_it_was_noticed(
    session: SqlSession, known: ASchool
) -> None:
    await tell(session, known.enrols(), known.misses(MONDAY, Session.AM), now=NOON)

    assert await shown(session, known) == {Session.AM: DUE, Session.PM: None}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["after it", "before it"])
async def test_a_register_answers_whichever_of_the_two_is_heard_first(
    session: SqlSession, known: ASchool, order: Sequence[int]
) -> None:
    child = known.enrols()
    await tell(session, child, now=NOON)
    register = known.takes(MONDAY, Session.AM, {child.enrolment_id: "/"}, at=NOON)
    events = (known.misses(MONDAY, Session.AM), register)

    for place in order:
        await tell(session, events[place], now=NOON)

    assert await shown(session, known) == dict.fromkeys(Session)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["heard before it", "heard after it"])
async def test_what_was_entered_beforehand_is_no_answer(
    session: SqlSession, known: ASchool, order: Sequence[int]
) -> None:
    """Three children; one's illness was entered before school, and nobody took the register."""
    children = [known.enrols() for _ in range(3)]
    await tell(session, *children, now=NOON)
    early = datetime(2026, 9, 7, 6, 30, tzinfo=UTC)
    planned = known.takes(MONDAY, Session.AM, {children[0].enrolment_id: "I"}, at=early)
    events = (planned, known.misses(MONDAY, Session.AM))

    for place in order:
        await tell(session, events[place], now=early if place == 0 else NOON)

    assert (await shown(session, known))[Session.AM] == DUE


async def test_a_session_that_is_taken_out_of_the_calendar_misses_no_register(
    session: SqlSession, known: ASchool
) -> None:
    await tell(session, known.enrols(), known.misses(MONDAY, Session.AM), now=NOON)
    await tell(session, known.meets(MONDAY, halves=(Session.PM,)), now=NOON)

    assert (await shown(session, known))[Session.AM] is None


async def test_another_sessions_register_is_no_answer(session: SqlSession, known: ASchool) -> None:
    child = known.enrols()
    register = known.takes(MONDAY, Session.PM, {child.enrolment_id: "\\"}, at=NOON)
    await tell(session, child, register, known.misses(MONDAY, Session.AM), now=NOON)

    assert (await shown(session, known))[Session.AM] == DUE


async def test_what_is_told_twice_keeps_its_first_moment(
    session: SqlSession, known: ASchool
) -> None:
    again = known.misses(MONDAY, Session.AM, at=NOON)

    await tell(session, known.misses(MONDAY, Session.AM), now=NOON)
    await tell(session, again, again, now=NOON)

    assert (await shown(session, known))[Session.AM] == DUE


async def test_another_days_and_another_schools_are_not_shown(
    session: SqlSession, known: ASchool
) -> None:
    friday = MONDAY - timedelta(days=3)

    await tell(
        session,
        known.misses(friday, Session.AM),
        ASchool().misses(MONDAY, Session.AM),
        now=NOON,
    )

    assert await shown(session, known) == dict.fromkeys(Session)
