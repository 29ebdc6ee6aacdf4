"""Every projected figure is what the register says, and every difference is found."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from attendance_contracts.calendar import Session
from attendance_contracts.codes import NUMBER_OF
from attendance_runtime.database import Database, SqlSession
from reporting_service.projection.domain import NO_SESSIONS, Tally, YearOfMarks, tally_of
from reporting_service.projection.repository import totals_of
from reporting_service.projection.use_cases import apply_registers
from reporting_service.recount.domain import (
    BulkMark,
    Difference,
    WrongTotals,
    add_marks,
    differences,
)
from reporting_service.recount.repository import sum_totals, wrong_totals
from reporting_service.recount.use_cases import rebuild, recount
from reporting_service.testing import ASchool, tell

MONDAY = date(2026, 9, 7)
NOW = datetime(2026, 9, 7, 9, tzinfo=UTC)


async def in_pages(marks: Sequence[BulkMark], size: int) -> AsyncIterator[Sequence[BulkMark]]:
    """Give out marks as the register does: all of some enrolments on each page."""
    enrolments = sorted({mark[0] for mark in marks})
    for start in range(0, len(enrolments), size):
        on_page = enrolments[start : start + size]
        yield [mark for mark in marks if mark[0] in on_page]


@pytest.fixture
async def marks(database: Database, school: ASchool) -> list[BulkMark]:
    """Four children's marks of three days, told to the projection, as the register has them."""
    async with database.transaction() as session:
        await session.execute(text("TRUNCATE enrolment_years, school_years"))
        enrolled = [school.enrols() for _ in range(4)]
        await tell(session, *enrolled, now=NOW)
        children = sorted(child.enrolment_id for child in enrolled)
        kept: list[BulkMark] = []
        for day in (MONDAY + timedelta(days=n) for n in range(3)):
            for half in Session:
                codes = dict(zip(children, ("/", "N", "I", "Y2"), strict=True))
                await apply_registers(session, [school.takes(day, half, codes)], now=NOW)
                kept += [(child, day, half, code) for child, code in codes.items()]
        await tell(session, school.enrols(), now=NOW)  # a row that has no marks yet
    return sorted(kept)


@pytest.mark.parametrize("size", [1, 2, 3, 100])
async def test_a_true_projection_has_no_differences(
    database: Database, marks: list[BulkMark], size: int
) -> None:
    found = await recount(database, in_pages(marks, size))

    assert (found.rows, found.marks, found.differences) == (5, 24, [])


@pytest.mark.parametrize("size", [1, 3, 100])
async def test_a_lost_mark_a_wrong_mark_and_an_invented_one_are_found(
    database: Database, marks: list[BulkMark], size: int
) -> None:
    lost, wrong, invented = marks[0], marks[7], marks[23]
    told = [(*mark[:3], "O") if mark == wrong else mark for mark in marks if mark != invented]
    async with database.transaction() as session:
        await session.execute(
            text(
                "UPDATE enrolment_years SET marks = set_byte(marks, 12, 0) WHERE enrolment_id = :id"
            ),
            {"id": lost[0]},
        )

    found = await recount(database, in_pages(told, size))

    assert [str(one).partition(" ")[2] for one in found.differences] == [
        "2026/27 slot 12 (2026-09-07 AM)",
        "2026/27 counters",
        "2026/27 slot 13 (2026-09-07 PM)",
        "2026/27 slot 17 (2026-09-09 PM)",
    ]
    assert [one.enrolment_id for one in found.differences] == [
        lost[0],
        lost[0],
        wrong[0],
        invented[0],
    ]


async def test_rows_that_the_register_says_nothing_of_are_compared_too(
    database: Database, marks: list[BulkMark]
) -> None:
    first, last = marks[0][0], marks[-1][0]
    told = [mark for mark in marks if mark[0] not in {first, last}]

    found = await recount(database, in_pages(told, 2))

    assert {one.enrolment_id for one in found.differences} == {first, last}
    assert len(found.differences) == 12


async def test_a_register_without_marks_is_compared_with_everything(
    database: Database, marks: list[BulkMark]
) -> None:
    found = await recount(database, in_pages([], 2))

    assert len(found.differences) == len(marks)


async def test_a_lost_projection_is_built_anew(database: Database, marks: list[BulkMark]) -> None:
    async with database.transaction() as session:
        await session.execute(text("DELETE FROM enrolment_years"))

    await rebuild(database, in_pages(marks, 2))

    assert (await recount(database, in_pages(marks, 2))).differences == []


async def test_marks_and_counters_that_went_wrong_are_mended(
    database: Database, marks: list[BulkMark]
) -> None:
    async with database.transaction() as session:
        await session.execute(
            text(
                "UPDATE enrolment_years SET marks = set_byte(marks, 13, 3), attended = attended + 1"
            )
        )

    first = await rebuild(database, in_pages(marks, 2))
    second = await rebuild(database, in_pages(marks, 2))

    assert {one.slot for one in first.differences} == {13, None}
    assert second.differences == []


async def test_a_wrong_sum_is_found_and_summed_anew(
    database: Database, school: ASchool, marks: list[BulkMark]
) -> None:
    """Totals that are off, those of a year nobody was marked in, and some that are not there."""
    async with database.transaction() as session:
        other = ASchool()
        child = other.enrols()
        morning = other.takes(MONDAY, Session.AM, {child.enrolment_id: "I"})
        await tell(session, child, morning, now=NOW)
        await session.execute(
            text("UPDATE school_years SET severe = 0 WHERE school_id = :id"), {"id": school.id}
        )
        await session.execute(
            text(
                "INSERT INTO school_years (school_id, school_year, attended) VALUES (:id, 2025, 1)"
            ),
            {"id": school.id},
        )
        await session.execute(
            text("DELETE FROM school_years WHERE school_id = :id"), {"id": other.id}
        )
    told = sorted([*marks, (child.enrolment_id, MONDAY, Session.AM, "I")])
    wrong = [
        WrongTotals(school.id, 2025),
        WrongTotals(school.id, 2026),
        WrongTotals(other.id, 2026),
    ]

    assert (await recount(database, in_pages(told, 2))).faults == wrong
    assert (await rebuild(database, in_pages(told, 2))).faults == wrong
    assert (await recount(database, in_pages(told, 2))).faults == []


@pytest.mark.parametrize("first", ["worker", "mender"])
async def test_a_batch_that_is_applied_while_a_school_is_summed_is_counted_once(
    database: Database, school: ASchool, marks: list[BulkMark], first: str
) -> None:
    """Whoever comes to the totals second waits for the first, and sees what it did."""
    register = school.takes(MONDAY + timedelta(days=7), Session.AM, {marks[-1][0]: "U"})

    async def work(session: SqlSession) -> None:
        await apply_registers(session, [register], now=NOW)

    async def mend(session: SqlSession) -> None:
        await sum_totals(session, school.id)

    async def meanwhile(doing: Callable[[SqlSession], Awaitable[None]]) -> None:
        async with database.transaction() as session:
            await doing(session)

    one, other = (work, mend) if first == "worker" else (mend, work)
    async with database.transaction() as session:
        await one(session)
        second = asyncio.create_task(meanwhile(other))
        done, _ = await asyncio.wait({second}, timeout=0.3)
        assert not done
    await second

    async with database.transaction() as session:
        assert await wrong_totals(session) == []
        total = (await totals_of(session, [school.id], 2026))[school.id]
    assert total.tally.unauthorised == 6 + 1


async def test_a_mark_that_arrives_during_a_rebuild_is_not_undone(
    database: Database, school: ASchool, marks: list[BulkMark]
) -> None:
    """The register is read before the mark is made, and compared after it has been applied."""
    child = marks[-1][0]

    async def pages_read_before_a_mark() -> AsyncIterator[Sequence[BulkMark]]:
        corrected = school.takes(MONDAY, Session.AM, {child: "L"})
        async with database.transaction() as session:
            await apply_registers(session, [corrected], now=NOW)
        yield marks

    found = await rebuild(database, pages_read_before_a_mark())

    assert [one.enrolment_id for one in found.differences] == [child]
    place = (child, MONDAY, Session.AM)
    now_true = [(*place, "L") if mark[:3] == place else mark for mark in marks]
    assert (await recount(database, in_pages(now_true, 2))).differences == []


@given(
    st.lists(
        st.tuples(st.integers(0, 365), st.sampled_from(Session), st.sampled_from(sorted(NUMBER_OF)))
    )
)
def test_marks_entered_and_compared_with_themselves_do_not_differ(
    marks: list[tuple[int, Session, str]],
) -> None:
    child = UUID(int=1)
    years: dict[tuple[UUID, int], bytearray] = {}
    add_marks(years, [(child, MONDAY + timedelta(days=n), half, code) for n, half, code in marks])
    stored = {key: YearOfMarks(tally_of(bytes(row)), bytes(row)) for key, row in years.items()}

    assert list(differences(years, stored)) == []


@pytest.mark.parametrize("tally", [Tally(attended=1), Tally(unauthorised=-1)])
def test_counters_that_disagree_with_the_rows_own_marks_are_a_difference(tally: Tally) -> None:
    key = (UUID(int=1), 2026)

    assert list(differences({}, {key: YearOfMarks(tally)})) == [Difference(*key, None)]
    assert list(differences({}, {key: YearOfMarks(NO_SESSIONS)})) == []
