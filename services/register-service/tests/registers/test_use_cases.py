"""Recording and amending registers, on a real database."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from attendance_contracts.calendar import Session
from attendance_runtime.access import Principal
from attendance_runtime.database import SqlSession
from attendance_runtime.errors import FirstdayError, Invalid, PreconditionFailed
from register_service.amendments import repository as amendments
from register_service.amendments import use_cases as amending
from register_service.calendar.domain import SessionAt
from register_service.registers import use_cases
from register_service.registers.domain import Amendment, Recorded, SentMark

MONDAY = date(2026, 9, 7)
MIS = Principal("demo-mis", "supplier:demo-mis", frozenset({"register.write"}))
OFFICE = Principal("officer-1", "school:office", frozenset({"mark.amend"}))
NOW = datetime(2026, 9, 7, 8, 0, tzinfo=UTC)
SchoolBuilder = Callable[..., Awaitable[Any]]


def a_register(*codes: str) -> list[SentMark]:
    """Give each pupil of a school a mark, by MIS id 1, 2, 3 and so on."""
    return [SentMark(place, "MIS_ID", str(place + 1), code) for place, code in enumerate(codes)]


async def send(
    db: SqlSession,
    school: Any,
    marks: Sequence[SentMark],
    *,
    keep_good: bool = False,
    day: date = MONDAY,
    of: Session = Session.AM,
    class_code: str = "",
    now: datetime = NOW,
) -> Recorded:
    order = use_cases.RecordRegister(
        at=SessionAt(school.urn, day, of),
        class_code=class_code,
        marks=marks,
        sender=MIS,
        keep_good=keep_good,
    )
    (outcome,) = await use_cases.record_registers(db, [order], now=now)
    if isinstance(outcome, FirstdayError):
        raise outcome
    return outcome


async def announced(db: SqlSession) -> list[str]:
    """The types of the events in the outbox, oldest first, without what all have in common."""
    found = await db.scalars(text("SELECT type FROM outbox ORDER BY id"))
    return [kind.removeprefix("uk.firstday.").removesuffix(".v1") for kind in found]


async def stored(db: SqlSession) -> list[str]:
    found = await db.scalars(text("SELECT code FROM marks ORDER BY enrolment_id"))
    return list(found)


async def test_a_register_is_kept_and_its_absences_announced(
    db: SqlSession, a_school: SchoolBuilder
) -> None:
    school = await a_school(db)
    recorded = await send(db, school, a_register("/", "N", "I"))
    assert (recorded.new, recorded.changed, recorded.unchanged) == (3, 0, 0)
    assert sorted(await stored(db)) == ["/", "I", "N"]
    assert await announced(db) == [
        "register.recorded",
        "absence.recorded",
        "absence.recorded",
    ]


async def test_sending_the_same_register_again_changes_nothing_and_says_nothing(
    db: SqlSession, a_school: SchoolBuilder
) -> None:
    school = await a_school(db)
    await send(db, school, a_register("/", "N", "I"))
    before = await announced(db)
    again = await send(db, school, a_register("/", "N", "I"))
    assert (again.new, again.changed, again.unchanged) == (0, 0, 3)
    assert await announced(db) == before


async def test_expected_children_missing_from_the_body_are_listed(
    db: SqlSession, a_school: SchoolBuilder
) -> None:
    school = await a_school(db)
    recorded = await send(db, school, a_register("/", "N"))
    assert list(recorded.missing) == [school.enrolments[2]]


async def test_one_wrong_mark_keeps_the_whole_register_out(
    db: SqlSession, a_school: SchoolBuilder
) -> None:
    school = await a_school(db)
    with pytest.raises(Invalid) as refused:
        await send(db, school, a_register("/", "ZZ", "\\"))
    assert [fault.pointer for fault in refused.value.faults] == ["#/marks/1/code", "#/marks/2/code"]
    assert await stored(db) == []


async def test_good_marks_are_kept_beside_wrong_ones_when_the_sender_says_so(
    db: SqlSession, a_school: SchoolBuilder
) -> None:
    school = await a_school(db)
    marks = [*a_register("/", "ZZ"), SentMark(2, "MIS_ID", "99", "/")]
    recorded = await send(db, school, marks, keep_good=True)
    assert await stored(db) == ["/"]
    assert [fault.pointer for fault in recorded.refused] == ["#/marks/1/code", "#/marks/2/mis_id"]


async def test_an_unknown_child_is_pointed_at(db: SqlSession, a_school: SchoolBuilder) -> None:
    school = await a_school(db)
    with pytest.raises(Invalid) as refused:
        await send(db, school, [*a_register("/"), SentMark(1, "MIS_ID", "99", "/")])
    assert [fault.pointer for fault in refused.value.faults] == ["#/marks/1/mis_id"]


async def test_a_child_who_has_left_is_not_on_the_register(
    db: SqlSession, a_school: SchoolBuilder
) -> None:
    school = await a_school(db)
    await db.execute(
        text("UPDATE enrolments SET ends_on = :day WHERE id = :id"),
        {"day": MONDAY - timedelta(days=3), "id": school.enrolments[0]},
    )
    with pytest.raises(Invalid):
        await send(db, school, a_register("/", "/", "/"))


async def test_a_pupil_of_another_class_is_found_on_the_roll_of_the_school(
    db: SqlSession, a_school: SchoolBuilder
) -> None:
    school = await a_school(db, pupils=2)
    await db.execute(
        text("UPDATE enrolments SET class_code = '9Z' WHERE id = :id"),
        {"id": school.enrolments[1]},
    )
    recorded = await send(db, school, a_register("/", "N"), class_code="4A")
    assert (recorded.new, recorded.missing) == (2, [])
    with pytest.raises(Invalid):
        await send(db, school, [SentMark(0, "MIS_ID", "99", "/")], class_code="4A")


async def test_a_register_finds_the_roll_as_it_has_just_been_changed(
    db: SqlSession, a_school: SchoolBuilder
) -> None:
    school = await a_school(db, pupils=1)
    await send(db, school, a_register("/"))
    await db.execute(
        text("UPDATE enrolment_keys SET value = 'new' WHERE scheme = 'MIS_ID'"),
    )
    with pytest.raises(Invalid):
        await send(db, school, a_register("/"))
    again = await send(db, school, [SentMark(0, "MIS_ID", "new", "/")])
    assert again.unchanged == 1


@pytest.mark.parametrize(
    ("day", "says"),
    [(date(2026, 9, 6), "no such session"), (date(2030, 9, 9), "no calendar")],
)
async def test_a_date_without_a_session_is_refused(
    db: SqlSession, a_school: SchoolBuilder, day: date, says: str
) -> None:
    school = await a_school(db)
    with pytest.raises(Invalid, match=says) as refusal:
        await send(db, school, a_register("/"), day=day)
    assert [fault.pointer for fault in refusal.value.faults] == ["path:day"]


async def amend(
    db: SqlSession,
    school: Any,
    pupil: int,
    code: str,
) -> int:
    mark = await amendments.lock_mark(db, school.enrolments[pupil], MONDAY, Session.AM)
    assert mark is not None
    words = Amendment("Parent telephoned", "A. Officer", "Attendance officer")
    command = amendment_of(school, pupil, mark.revision, code, words)
    return (await amending.amend_mark(db, OFFICE, command, now=NOW)).revision


def amendment_of(
    school: Any, pupil: int, revision: int, code: str, words: Amendment
) -> amending.AmendMark:
    return amending.AmendMark(
        at=SessionAt(school.urn, MONDAY, Session.AM),
        enrolment_id=school.enrolments[pupil],
        expected_revision=revision,
        code=code,
        amendment=words,
    )


async def test_a_resent_register_never_undoes_an_office_correction(
    db: SqlSession, a_school: SchoolBuilder
) -> None:
    """Two masters, one rule: a push counts only where it differs from what the source last sent."""
    school = await a_school(db)
    await send(db, school, a_register("N", "/", "/"))
    await amend(db, school, 0, "I")
    again = await send(db, school, a_register("N", "/", "/"))
    assert again.changed == 0
    assert (await stored(db))[0] == "I"


async def test_the_source_can_still_correct_what_it_sent_itself(
    db: SqlSession, a_school: SchoolBuilder
) -> None:
    school = await a_school(db)
    await send(db, school, a_register("N", "/", "/"))
    await amend(db, school, 0, "I")
    corrected = await send(db, school, a_register("L", "/", "/"))
    assert corrected.changed == 1
    assert (await stored(db))[0] == "L"


async def test_the_source_catching_up_with_a_correction_is_no_change(
    db: SqlSession, a_school: SchoolBuilder
) -> None:
    school = await a_school(db)
    await send(db, school, a_register("N", "/", "/"))
    revision = await amend(db, school, 0, "I")
    caught_up = await send(db, school, a_register("I", "/", "/"))
    mark = await amendments.lock_mark(db, school.enrolments[0], MONDAY, Session.AM)
    assert caught_up.changed == 0
    assert mark is not None
    assert mark.revision == revision


async def test_every_amendment_stays_on_record_with_reason_name_and_title(
    db: SqlSession, a_school: SchoolBuilder
) -> None:
    school = await a_school(db)
    await send(db, school, a_register("N", "/", "/"))
    await send(db, school, a_register("L", "/", "/"))
    await amend(db, school, 0, "U")
    history = await amendments.mark_history(db, school.enrolments[0], MONDAY, Session.AM)
    assert [(row["previous_code"], row["code"], row["amender_title"]) for row in history] == [
        ("N", "L", "not given by source"),
        ("L", "U", "Attendance officer"),
    ]


async def test_an_amendment_of_an_older_version_is_refused(
    db: SqlSession, a_school: SchoolBuilder
) -> None:
    school = await a_school(db)
    await send(db, school, a_register("N", "/", "/"))
    newer = amendment_of(school, 0, 2, "I", Amendment())
    with pytest.raises(PreconditionFailed):
        await amending.amend_mark(db, OFFICE, newer, now=NOW)


async def test_recorded_withdrawn_and_recorded_again_says_so_each_time(
    db: SqlSession, a_school: SchoolBuilder
) -> None:
    school = await a_school(db)
    for code in ("N", "/", "N"):
        await send(db, school, a_register(code, "/", "/"))
    assert [kind for kind in await announced(db) if kind.startswith("absence")] == [
        "absence.recorded",
        "absence.withdrawn",
        "absence.recorded",
    ]


async def test_a_dual_registered_child_holds_a_mark_at_each_school(
    db: SqlSession, a_school: SchoolBuilder
) -> None:
    main = await a_school(db, urn="100001", pupils=1)
    other = await a_school(db, urn="100002", pupils=1)
    await db.execute(
        text("UPDATE enrolments SET child_id = :child WHERE id = :id"),
        {"child": main.children[0], "id": other.enrolments[0]},
    )
    await send(db, main, a_register("D"))
    await send(db, other, a_register("/"))
    assert await stored(db) == ["D", "/"]
