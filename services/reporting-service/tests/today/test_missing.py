"""A register that was not taken, as a school's day shows it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from attendance_contracts.calendar import Session
from attendance_runtime.access import Principal
from attendance_runtime.database import SqlSession
from reporting_service.today.use_cases import read_today
from reporting_testing.facts import ASchool, tell

MONDAY = date(2026, 9, 7)
DUE = datetime(2026, 9, 7, 8, 25, tzinfo=UTC)
NOON = datetime(2026, 9, 7, 11, tzinfo=UTC)


async def shown(db: SqlSession, school: ASchool) -> dict[Session, datetime | None]:
    office = Principal("office-1", f"school:{school.urn}", frozenset())
    return dict((await read_today(db, office, school.id, now=NOON)).missing_since)


@pytest.fixture
async def known(db: SqlSession, school: ASchool) -> ASchool:
    """A school that meets on Monday."""
    await tell(db, school.changed(), school.meets(MONDAY), now=NOON)
    return school


async def test_a_missing_register_is_shown_with_the_moment_it_was_noticed(
    db: SqlSession, known: ASchool
) -> None:
    await tell(db, known.enrols(), known.misses(MONDAY, Session.AM), now=NOON)

    assert await shown(db, known) == {Session.AM: DUE, Session.PM: None}


async def test_a_school_that_is_asked_later_misses_its_register_since_then(
    db: SqlSession, known: ASchool
) -> None:
    """The moment is register-service's to find; no view computes another from closing and grace."""
    asked = DUE + timedelta(minutes=40)
    await tell(db, known.enrols(), known.misses(MONDAY, Session.AM, at=asked), now=NOON)

    assert await shown(db, known) == {Session.AM: asked, Session.PM: None}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["after it", "before it"])
async def test_a_register_answers_whichever_of_the_two_is_heard_first(
    db: SqlSession, known: ASchool, order: Sequence[int]
) -> None:
    child = known.enrols()
    await tell(db, child, now=NOON)
    register = known.takes(MONDAY, Session.AM, {child.enrolment_id: "/"}, at=NOON)
    events = (known.misses(MONDAY, Session.AM), register)

    for place in order:
        await tell(db, events[place], now=NOON)

    assert await shown(db, known) == dict.fromkeys(Session)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["heard before it", "heard after it"])
async def test_what_was_entered_beforehand_is_no_answer(
    db: SqlSession, known: ASchool, order: Sequence[int]
) -> None:
    """Three children; one's illness was entered before school, and nobody took the register."""
    children = [known.enrols() for _ in range(3)]
    await tell(db, *children, now=NOON)
    early = datetime(2026, 9, 7, 6, 30, tzinfo=UTC)
    planned = known.takes(MONDAY, Session.AM, {children[0].enrolment_id: "I"}, at=early)
    events = (planned, known.misses(MONDAY, Session.AM))

    for place in order:
        await tell(db, events[place], now=early if place == 0 else NOON)

    assert (await shown(db, known))[Session.AM] == DUE


async def test_a_session_that_is_taken_out_of_the_calendar_misses_no_register(
    db: SqlSession, known: ASchool
) -> None:
    await tell(db, known.enrols(), known.misses(MONDAY, Session.AM), now=NOON)
    await tell(db, known.meets(MONDAY, halves=(Session.PM,)), now=NOON)

    assert (await shown(db, known))[Session.AM] is None


async def test_another_sessions_register_is_no_answer(db: SqlSession, known: ASchool) -> None:
    child = known.enrols()
    register = known.takes(MONDAY, Session.PM, {child.enrolment_id: "\\"}, at=NOON)
    await tell(db, child, register, known.misses(MONDAY, Session.AM), now=NOON)

    assert (await shown(db, known))[Session.AM] == DUE


async def test_what_is_told_twice_keeps_its_first_moment(db: SqlSession, known: ASchool) -> None:
    again = known.misses(MONDAY, Session.AM, at=NOON)

    await tell(db, known.misses(MONDAY, Session.AM), now=NOON)
    await tell(db, again, again, now=NOON)

    assert (await shown(db, known))[Session.AM] == DUE


async def test_another_days_and_another_schools_are_not_shown(
    db: SqlSession, known: ASchool
) -> None:
    friday = MONDAY - timedelta(days=3)

    await tell(
        db,
        known.misses(friday, Session.AM),
        ASchool().misses(MONDAY, Session.AM),
        now=NOON,
    )

    assert await shown(db, known) == dict.fromkeys(Session)
