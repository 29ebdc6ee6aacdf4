"""What can be said of this child, on this day: age, closures, codes that are not a pupil's."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import text

from attendance_contracts.calendar import Session, slot
from attendance_runtime.access import Principal
from attendance_runtime.database import SqlSession
from attendance_runtime.errors import FirstdayError, Invalid
from attendance_testing.counting import statements
from register_service.amendments import use_cases as amending
from register_service.calendar.domain import SessionAt
from register_service.registers.domain import Amendment, Recorded, SentMark
from register_service.registers.use_cases import RecordRegister, record_registers

MONDAY, SATURDAY = date(2026, 9, 7), date(2026, 9, 12)
NOW = datetime(2026, 9, 7, 8, 0, tzinfo=UTC)
MIS = Principal("demo-mis", "supplier:demo-mis", frozenset({"register.write"}))
WORDS = Amendment("Parent telephoned", "A. Officer", "Attendance officer")
SchoolBuilder = Callable[..., Awaitable[Any]]


async def send(
    db: SqlSession, *codes: str, day: date = MONDAY, keep_good: bool = False
) -> Recorded:
    """Send a code for each pupil in turn; raise what refuses it."""
    marks = [SentMark(place, "MIS_ID", str(place + 1), code) for place, code in enumerate(codes)]
    at = SessionAt("100001", day, Session.AM)
    order = RecordRegister(at=at, class_code="", marks=marks, sender=MIS, keep_good=keep_good)
    [outcome] = await record_registers(db, [order], now=NOW)
    if isinstance(outcome, FirstdayError):
        raise outcome
    return outcome


async def refused(db: SqlSession, *codes: str, day: date = MONDAY) -> Sequence[str]:
    with pytest.raises(Invalid) as refusal:
        await send(db, *codes, day=day)
    return [fault.pointer for fault in refusal.value.faults]


async def born(db: SqlSession, school: Any, pupil: int, on: date) -> None:
    await db.execute(
        text("UPDATE identities SET date_of_birth = :on WHERE enrolment_id = :id"),
        {"on": on, "id": school.enrolments[pupil]},
    )


async def closed(db: SqlSession, school: Any, closure: str) -> None:
    """Let Monday's morning be out of the calendar, as a closure says."""
    await db.execute(
        text("""
            UPDATE calendars SET closures = CAST(:closures AS jsonb),
                                 slots = array_remove(slots, CAST(:slot AS smallint))
            WHERE school_id = :id
        """),
        {"closures": f"[{closure}]", "slot": slot(MONDAY, Session.AM), "id": school.id},
    )


@pytest.mark.parametrize(
    ("day", "pointers"),
    [(date(2026, 9, 30), []), (date(2027, 9, 1), ["path:day"]), (date(2028, 1, 10), ["path:day"])],
    ids=["weeks ahead", "the next school year", "the one after"],
)
async def test_nobody_plans_beyond_the_school_years_end(
    db: SqlSession, a_school: SchoolBuilder, day: date, pointers: list[str]
) -> None:
    """Also where the school has sent the calendar of the next year already."""
    school = await a_school(db)
    await db.execute(
        text("""
            INSERT INTO calendars
            SELECT school_id, 2027, terms, closures, CAST(:slots AS smallint[]), 1
            FROM calendars WHERE school_id = :id
        """),
        {"id": school.id, "slots": list(range(730))},
    )

    if pointers:
        assert await refused(db, "G", day=day) == pointers
    else:
        assert (await send(db, "G", day=day)).new == 1


async def test_x_is_refused_of_who_must_attend_and_kept_of_who_need_not(
    db: SqlSession, a_school: SchoolBuilder
) -> None:
    school = await a_school(db)
    await born(db, school, 0, date(2022, 3, 1))
    await born(db, school, 1, date(2009, 12, 24))
    assert await refused(db, "X", "X", "X") == ["#/marks/2/code"]
    kept = await send(db, "X", "X", "X", keep_good=True)
    assert (kept.new, [fault.pointer for fault in kept.refused]) == (2, ["#/marks/2/code"])
    assert list(kept.missing) == [school.enrolments[2]]


async def test_c2_of_who_need_not_attend_is_a_warning(
    db: SqlSession, a_school: SchoolBuilder
) -> None:
    school = await a_school(db)
    await born(db, school, 0, date(2022, 3, 1))
    kept = await send(db, "C2", "C2", "H")
    assert (kept.new, [fault.pointer for fault in kept.warnings]) == (
        3,
        ["#/marks/0/code", "#/marks/2/code"],
    )


async def test_birth_dates_are_asked_for_only_where_age_matters(
    db: SqlSession, a_school: SchoolBuilder
) -> None:
    await a_school(db)
    await send(db, "/", "/", "/")
    with statements() as without:
        await send(db, "/", "/", "/")
    with statements() as with_one:
        await send(db, "C2", "/", "/")
    assert len(with_one) == len(without) + 3  # the birth date, the amendment, the news


@pytest.mark.parametrize("code", ["#", "Z"])
async def test_what_is_no_pupils_is_refused(
    db: SqlSession, a_school: SchoolBuilder, code: str
) -> None:
    await a_school(db)
    assert await refused(db, "/", code) == ["#/marks/1/code"]


@pytest.mark.parametrize(
    "closure",
    [
        '{"date": "2026-09-07", "session": null, "reason": "closure"}',
        '{"date": "2026-09-07", "session": "AM", "reason": "closure"}',
    ],
)
async def test_a_closed_session_may_be_marked_as_shut_and_as_nothing_else(
    db: SqlSession, a_school: SchoolBuilder, closure: str
) -> None:
    school = await a_school(db)
    await closed(db, school, closure)
    assert await refused(db, "Y4", "/", "#") == ["#/marks/1/code", "#/marks/2/code"]
    assert (await send(db, "Y4", "Y4", "Y4")).new == 3


async def test_a_day_that_was_never_held_takes_no_mark(
    db: SqlSession, a_school: SchoolBuilder
) -> None:
    school = await a_school(db)
    await closed(db, school, '{"date": "2026-09-07", "session": "PM", "reason": "closure"}')
    assert await refused(db, "Y4") == ["path:day"]
    assert await refused(db, "Y4", day=SATURDAY) == ["path:day"]


async def test_a_session_that_is_shut_after_its_register_keeps_its_marks(
    db: SqlSession, a_school: SchoolBuilder
) -> None:
    school = await a_school(db)
    await send(db, "/", "N", "/")
    await closed(db, school, '{"date": "2026-09-07", "session": null, "reason": "closure"}')
    assert (await send(db, "Y4", "Y4", "Y4")).changed == 3


async def amend(db: SqlSession, school: Any, code: str) -> amending.Amended:
    office = Principal("officer-1", "school:office", frozenset({"mark.amend"}))
    command = amending.AmendMark(
        at=SessionAt(school.urn, MONDAY, Session.AM),
        enrolment_id=school.enrolments[0],
        expected_revision=1,
        code=code,
        amendment=WORDS,
    )
    return await amending.amend_mark(db, office, command, now=NOW)


@pytest.mark.parametrize("code", ["X", "#", "Z", "C3"])
async def test_the_office_is_refused_what_a_register_is(
    db: SqlSession, a_school: SchoolBuilder, code: str
) -> None:
    school = await a_school(db)
    await send(db, "N")
    with pytest.raises(Invalid) as refusal:
        await amend(db, school, code)
    assert [fault.pointer for fault in refusal.value.faults] == ["#/code"]


@pytest.mark.parametrize(("code", "warned"), [("H", 1), ("I", 0), ("Y7", 0), ("C2", 0)])
async def test_the_office_is_told_what_is_worth_a_look(
    db: SqlSession, a_school: SchoolBuilder, code: str, warned: int
) -> None:
    school = await a_school(db)
    await send(db, "N")
    amended = await amend(db, school, code)
    assert (amended.revision, len(amended.warnings)) == (2, warned)
