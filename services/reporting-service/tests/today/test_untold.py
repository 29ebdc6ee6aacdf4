"""Children whose family nobody could tell, as a school's day shows them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from attendance_contracts.calendar import Session
from attendance_contracts.events import ContactExhausted, ContactSent, EnrolmentChanged
from attendance_runtime.access import Principal
from attendance_runtime.database import SqlSession
from reporting_service.today.use_cases import read_today
from reporting_testing.facts import ASchool, new_id, tell

MONDAY = date(2026, 9, 7)
NOW = datetime(2026, 9, 7, 12, 26, tzinfo=UTC)
OFFICE = Principal("office-1", "school:100001", frozenset())


@pytest.fixture
async def absent(db: SqlSession, school: ASchool) -> EnrolmentChanged:
    """A child whom the morning's register does not know to be anywhere."""
    child = school.enrols()
    register = school.takes(MONDAY, Session.AM, {child.enrolment_id: "N"})
    await tell(db, school.changed(), school.meets(MONDAY), child, register, now=NOW)
    return child


def untold(*children: EnrolmentChanged, day: date = MONDAY, at: datetime = NOW) -> ContactExhausted:
    return ContactExhausted(
        school_id=children[0].school_id,
        date=day,
        recorded_at=at,
        enrolments=tuple(one.enrolment_id for one in children),
        children=tuple(one.child_id for one in children),
    )


def sent(*children: EnrolmentChanged, kind: str = "first") -> ContactSent:
    return ContactSent(
        school_id=children[0].school_id,
        date=MONDAY,
        kind=kind,  # type: ignore[arg-type] # the two kinds
        channel="sms",
        recorded_at=NOW,
        messages=tuple(new_id() for _ in children),
        enrolments=tuple(one.enrolment_id for one in children),
        children=tuple(one.child_id for one in children),
    )


async def shown(db: SqlSession, school: ASchool) -> list[UUID]:
    seen = await read_today(db, OFFICE, school.id, now=NOW)
    return [one.enrolment_id for one in seen.untold]


async def test_the_school_sees_at_once_whose_family_nobody_could_tell(
    db: SqlSession, school: ASchool, absent: EnrolmentChanged
) -> None:
    await tell(db, untold(absent), now=NOW)

    seen = (await read_today(db, OFFICE, school.id, now=NOW)).untold

    assert [(one.enrolment_id, one.class_code, one.untold_since) for one in seen] == [
        (absent.enrolment_id, "5A", NOW)
    ]


async def test_who_reads_of_such_a_child_is_written_down(
    db: SqlSession, school: ASchool, absent: EnrolmentChanged
) -> None:
    reader = replace(OFFICE, subject="a-reader-of-untold-families")
    await read_today(db, reader, school.id, now=NOW)
    await tell(db, untold(absent), now=NOW)
    await read_today(db, reader, school.id, now=NOW)

    logged = await db.execute(
        text("SELECT action, child_ids FROM access_log WHERE subject = :me"), {"me": reader.subject}
    )

    assert [tuple(row) for row in logged] == [("register.read", [absent.child_id])]


@pytest.mark.parametrize(
    ("code", "is_shown"),
    [("N", True), ("O", True), ("U", True), ("I", False), ("/", False), ("L", False)],
)
async def test_a_mark_that_says_where_the_child_is_ends_it(
    db: SqlSession, school: ASchool, absent: EnrolmentChanged, code: str, is_shown: bool
) -> None:
    await tell(db, untold(absent), now=NOW)
    await tell(db, school.takes(MONDAY, Session.AM, {absent.enrolment_id: code}), now=NOW)

    assert bool(await shown(db, school)) == is_shown


async def test_the_afternoon_may_still_be_open_when_the_morning_is_not(
    db: SqlSession, school: ASchool, absent: EnrolmentChanged
) -> None:
    await tell(db, untold(absent), now=NOW)
    for half, code in ((Session.AM, "I"), (Session.PM, "N")):
        await tell(db, school.takes(MONDAY, half, {absent.enrolment_id: code}), now=NOW)

    assert await shown(db, school) == [absent.enrolment_id]


@pytest.mark.parametrize("change", ["left on Friday", "no session any more"])
async def test_a_child_who_was_not_due_is_not_shown(
    db: SqlSession, school: ASchool, absent: EnrolmentChanged, change: str
) -> None:
    await tell(db, untold(absent), now=NOW)
    friday = MONDAY - timedelta(days=3)
    left = school.enrols(absent.child_id, enrolment_id=absent.enrolment_id, ends_on=friday)
    closed = school.meets(MONDAY + timedelta(days=1))

    await tell(db, left if change == "left on Friday" else closed, now=NOW)

    assert await shown(db, school) == []


LAST_WORDS = {"us": False, "su": True, "usu": True, "uc": True}


@pytest.mark.parametrize("order", LAST_WORDS)
@pytest.mark.parametrize("in_one_batch", [True, False])
async def test_what_was_heard_last_counts(
    db: SqlSession,
    school: ASchool,
    absent: EnrolmentChanged,
    order: str,
    *,
    in_one_batch: bool,
) -> None:
    other = school.enrols()
    register = school.takes(MONDAY, Session.AM, {other.enrolment_id: "N"})
    await tell(db, other, register, untold(other), now=NOW)
    words = {
        "u": untold(absent, other),
        "s": sent(absent),
        "c": sent(absent, kind="correction"),
    }
    events = [words[one] for one in order]

    for batch in [events] if in_one_batch else [[event] for event in events]:
        await tell(db, *batch, now=NOW)

    assert set(await shown(db, school)) == {
        other.enrolment_id,
        *([absent.enrolment_id] if LAST_WORDS[order] else []),
    }


async def test_another_days_and_another_schools_are_not_shown(
    db: SqlSession, school: ASchool, absent: EnrolmentChanged
) -> None:
    await tell(
        db,
        untold(absent, day=MONDAY - timedelta(days=3)),
        untold(ASchool().enrols()),
        now=NOW,
    )

    assert await shown(db, school) == []
