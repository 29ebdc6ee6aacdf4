"""Every projected figure is what the register says, and every difference is found."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from attendance_contracts.calendar import Session, slot
from attendance_contracts.codes import NUMBER_OF
from attendance_contracts.counting import OnRoll
from attendance_contracts.measures import NO_SESSIONS, Tally
from attendance_runtime.database import Database, SqlSession
from reporting_service.projection.domain import (
    NO_MARKS,
    TO_COME,
    YearOfMarks,
    sessions_of,
    year_of,
)
from reporting_service.projection.repository import totals_of
from reporting_service.projection.use_cases import apply_registers
from reporting_service.recount.domain import (
    NOT_KNOWN,
    BulkMark,
    Difference,
    Facts,
    Place,
    Wrong,
    WrongTotals,
    differences,
    mended,
    true_years,
)
from reporting_service.recount.repository import sum_totals, wrong_totals
from reporting_service.recount.use_cases import rebuild, recount
from reporting_testing.facts import HOURS, ASchool, tell
from reporting_testing.stand_ins import ReadRegister

MONDAY = date(2026, 9, 7)
NOW = datetime(2026, 9, 10, 15, tzinfo=UTC)


@dataclass
class Told:
    """What was told to the projection, and what the register says of it."""

    facts: list[object]
    marks: list[BulkMark]

    def read(self, size: int = 2, marks: Sequence[BulkMark] | None = None) -> ReadRegister:
        """Return the register as it is read; its marks may be others than were told."""
        return ReadRegister(self.facts, self.marks if marks is None else marks, size)


@pytest.fixture
async def told(database: Database, school: ASchool) -> Told:
    """Four children's marks of three days, and a fifth child without any."""
    told = Told(school.opens(2026), [])
    enrolled = [school.enrols() for _ in range(5)]
    told.facts += enrolled
    children = sorted(child.enrolment_id for child in enrolled)[:4]
    async with database.transaction() as db:
        await db.execute(text("TRUNCATE enrolment_years, school_years, enrolments"))
        await tell(db, *told.facts, now=NOW)
        for day in (MONDAY + timedelta(days=n) for n in range(3)):
            for half in Session:
                codes = dict(zip(children, ("/", "N", "I", "Y2"), strict=True))
                await apply_registers(db, [school.takes(day, half, codes)], now=NOW)
                told.marks += [(child, day, half, code) for child, code in codes.items()]
    told.marks.sort()
    return told


@pytest.mark.parametrize("size", [1, 2, 3, 100])
async def test_a_true_projection_has_no_differences(
    database: Database, told: Told, size: int
) -> None:
    found = await recount(database, told.read(size), now=NOW)

    assert (found.rows, found.marks, found.differences) == (5, 24, [])


@pytest.mark.parametrize("size", [1, 3, 100])
async def test_a_lost_mark_a_wrong_mark_and_an_invented_one_are_found(
    database: Database, told: Told, size: int
) -> None:
    lost, wrong, invented = told.marks[0], told.marks[7], told.marks[23]
    marks = [(*mark[:3], "I") if mark == wrong else mark for mark in told.marks if mark != invented]
    async with database.transaction() as db:
        await db.execute(
            text(
                "UPDATE enrolment_years SET marks = set_byte(marks, 12, 0) WHERE enrolment_id = :id"
            ),
            {"id": lost[0]},
        )

    found = await recount(database, told.read(size, marks), now=NOW)

    assert [str(one) for one in found.differences] == [
        f"{lost[0]} 2026/27 slot 12 (2026-09-07 AM): missing",
        f"{wrong[0]} 2026/27 slot 13 (2026-09-07 PM): another mark",
        f"{wrong[0]} 2026/27 counters",
        f"{invented[0]} 2026/27 slot 17 (2026-09-09 PM): not in the register",
    ]


async def test_rows_that_the_register_says_nothing_of_are_compared_too(
    database: Database, told: Told
) -> None:
    first, last = told.marks[0][0], told.marks[-1][0]
    left = [mark for mark in told.marks if mark[0] not in {first, last}]

    found = await recount(database, told.read(marks=left), now=NOW)

    of_marks = [one for one in found.differences if one.slot is not None]
    assert {one.enrolment_id for one in found.differences} == {first, last}
    assert len(of_marks) == 12


async def test_a_register_without_marks_is_compared_with_everything(
    database: Database, told: Told
) -> None:
    found = await recount(database, told.read(marks=[]), now=NOW)

    assert len([one for one in found.differences if one.slot is not None]) == len(told.marks)


async def test_rows_of_enrolments_that_the_register_does_not_know_differ(
    database: Database, told: Told
) -> None:
    child = told.marks[-1][0]
    told.facts = [fact for fact in told.facts if getattr(fact, "enrolment_id", None) != child]

    found = await recount(database, told.read(), now=NOW)

    assert {one.enrolment_id for one in found.differences} == {child}
    assert {one.why for one in found.differences} == {f"counted, but {NOT_KNOWN}", Wrong.SESSIONS}


async def test_a_lost_projection_is_built_anew(database: Database, told: Told) -> None:
    async with database.transaction() as db:
        await db.execute(text("DELETE FROM enrolment_years"))

    await rebuild(database, told.read(), now=NOW)

    assert (await recount(database, told.read(), now=NOW)).differences == []


async def test_marks_and_counters_that_went_wrong_are_mended(
    database: Database, told: Told
) -> None:
    async with database.transaction() as db:
        await db.execute(
            text(
                "UPDATE enrolment_years SET marks = set_byte(marks, 13, 3), attended = attended + 1"
            )
        )

    first = await rebuild(database, told.read(), now=NOW)
    second = await rebuild(database, told.read(), now=NOW)

    assert {one.slot for one in first.differences} == {13, None}
    assert second.differences == []


async def test_a_wrong_sum_is_found_and_summed_anew(
    database: Database, school: ASchool, told: Told
) -> None:
    """Totals that are off, those of a year nobody was marked in, and some that are not there."""
    async with database.transaction() as db:
        other = ASchool()
        facts, child = other.opens(2026), other.enrols()
        morning = other.takes(MONDAY, Session.AM, {child.enrolment_id: "I"})
        await tell(db, *facts, child, morning, now=NOW)
        await db.execute(
            text("UPDATE school_years SET severe = 0 WHERE school_id = :id"), {"id": school.id}
        )
        await db.execute(
            text(
                "INSERT INTO school_years (school_id, school_year, attended) VALUES (:id, 2025, 1)"
            ),
            {"id": school.id},
        )
        await db.execute(text("DELETE FROM school_years WHERE school_id = :id"), {"id": other.id})
    told.facts += [*facts, child]
    told.marks = sorted([*told.marks, (child.enrolment_id, MONDAY, Session.AM, "I")])
    wrong = [
        WrongTotals(school.id, 2025),
        WrongTotals(school.id, 2026),
        WrongTotals(other.id, 2026),
    ]

    assert (await recount(database, told.read(), now=NOW)).faults == wrong
    assert (await rebuild(database, told.read(), now=NOW)).faults == wrong
    assert (await recount(database, told.read(), now=NOW)).faults == []


@pytest.mark.parametrize("first", ["worker", "mender"])
async def test_a_batch_that_is_applied_while_a_school_is_summed_is_counted_once(
    database: Database, school: ASchool, told: Told, first: str
) -> None:
    """Whoever comes to the totals second waits for the first, and sees what it did."""
    register = school.takes(MONDAY + timedelta(days=3), Session.AM, {told.marks[-1][0]: "U"})

    async def work(db: SqlSession) -> None:
        await apply_registers(db, [register], now=NOW)

    async def mend(db: SqlSession) -> None:
        await sum_totals(db, school.id)

    async def meanwhile(doing: Callable[[SqlSession], Awaitable[None]]) -> None:
        async with database.transaction() as db:
            await doing(db)

    one, other = (work, mend) if first == "worker" else (mend, work)
    async with database.transaction() as db:
        await one(db)
        second = asyncio.create_task(meanwhile(other))
        done, _ = await asyncio.wait({second}, timeout=0.3)
        assert not done
    await second

    async with database.transaction() as db:
        assert await wrong_totals(db) == []
        total = (await totals_of(db, [school.id], 2026))[school.id]
    assert total.tally.unauthorised == 6 + 1


async def test_a_mark_that_arrives_during_a_rebuild_is_not_undone(
    database: Database, school: ASchool, told: Told
) -> None:
    """The register is read before the mark is made, and compared after it has been applied."""
    child = told.marks[-1][0]

    @dataclass
    class ReadBeforeAMark(ReadRegister):
        async def marks(self, school_id: UUID | None = None) -> AsyncIterator[Sequence[BulkMark]]:
            corrected = school.takes(MONDAY, Session.AM, {child: "L"})
            async with database.transaction() as db:
                await apply_registers(db, [corrected], now=NOW)
            async for page in super().marks(school_id):
                yield page

    found = await rebuild(database, ReadBeforeAMark(told.facts, told.marks), now=NOW)

    assert {one.enrolment_id for one in found.differences} == {child}
    place = (child, MONDAY, Session.AM)
    told.marks = [(*place, "L") if mark[:3] == place else mark for mark in told.marks]
    assert (await recount(database, told.read(), now=NOW)).differences == []


@given(
    st.lists(
        st.tuples(st.integers(0, 364), st.sampled_from(Session), st.sampled_from(sorted(NUMBER_OF)))
    ),
    st.tuples(st.dates(MONDAY, date(2027, 8, 31)), st.none() | st.dates(MONDAY, date(2027, 8, 31))),
    st.frozensets(st.integers(0, 729)),
)
def test_the_two_ways_of_counting_agree_on_every_year(
    marks: list[tuple[int, Session, str]],
    days: tuple[date, date | None],
    taught: frozenset[int],
) -> None:
    """One adds up bits and bytes as the rows hold them, the other asks of each mark by itself."""
    child, on_roll = UUID(int=1), OnRoll(*days)
    first = date(2026, 9, 1)
    sent = {(first + timedelta(days=n), half): code for n, half, code in marks}
    now = datetime(2027, 3, 1, 9, tzinfo=UTC)
    facts = Facts(UUID(int=2), HOURS, {2026: tuple(sorted(taught))})

    truth = true_years(
        [(child, *place, code) for place, code in sent.items()],
        {child: Place(facts, on_roll)},
        rows=[(child, 2026)],
        now=now,
    )

    row = bytearray(NO_MARKS)
    for place, code in sent.items():
        row[slot(*place)] = NUMBER_OF[code] | (TO_COME if HOURS.begins_at(*place) > now else 0)
    stored = year_of(bytes(row), sessions_of(on_roll, 2026, tuple(taught)))
    assert list(differences(truth, {(child, 2026): stored})) == []
    assert mended([Difference(child, 2026, None, "")], truth, {}) == {(child, 2026): stored}


@pytest.mark.parametrize("tally", [Tally(attended=1), Tally(unauthorised=-1)])
def test_counters_that_disagree_with_the_marks_are_a_difference(tally: Tally) -> None:
    key = (UUID(int=1), 2026)

    found = list(differences({}, {key: YearOfMarks(tally)}))
    assert found == [Difference(*key, None, Wrong.COUNTERS)]
    assert list(differences({}, {key: YearOfMarks(NO_SESSIONS)})) == []
