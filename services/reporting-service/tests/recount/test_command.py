"""The command reads the register page by page, as the service itself, and says what it found."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import text

from attendance_contracts.calendar import Session
from attendance_runtime.database import Database
from attendance_runtime.process import rebuild
from attendance_runtime.runtime import Runtime
from reporting_service.main import SERVICE
from reporting_service.recount.command import recount
from reporting_testing.facts import ASchool, tell
from reporting_testing.register import StandInRegister

MONDAY = date(2026, 9, 7)


@pytest.fixture(autouse=True)
async def _same_in_both(
    runtime: Runtime, database: Database, school: ASchool, register: StandInRegister
) -> None:
    """A projection of one morning and one afternoon, and a register that holds the same."""
    enrolled = [school.enrols() for _ in range(3)]
    children = sorted(child.enrolment_id for child in enrolled)
    async with database.transaction() as db:
        await db.execute(text("TRUNCATE enrolment_years, school_years"))
        facts = school.opens(2026)
        await tell(db, *facts, *enrolled, now=runtime.clock.now())
        for half in Session:
            codes = dict.fromkeys(children, "I")
            await tell(db, school.takes(MONDAY, half, codes), now=runtime.clock.now())
    register.marks = [(child, MONDAY, half, "I") for child in children for half in Session]
    register.copies = {"schools": facts[:1], "calendars": facts[1:], "enrolments": [*enrolled]}


async def test_a_recount_without_differences_succeeds(
    runtime: Runtime, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await recount(runtime) == 0

    assert capsys.readouterr().out == "recount: 3 enrolment years, 6 marks, 0 differences\n"


async def test_a_difference_is_printed_by_its_ids_and_fails_the_recount(
    runtime: Runtime, register: StandInRegister, capsys: pytest.CaptureFixture[str]
) -> None:
    child, day, half, _ = register.marks[2]
    register.marks[2] = (child, day, half, "/")

    assert await recount(runtime) == 1

    assert capsys.readouterr().out.splitlines() == [
        f"{child} 2026/27 slot 12 (2026-09-07 AM): another mark",
        f"{child} 2026/27 counters",
        "recount: 3 enrolment years, 6 marks, 2 differences",
    ]


async def test_a_wrong_sum_is_printed_by_its_school(
    runtime: Runtime,
    database: Database,
    school: ASchool,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with database.transaction() as db:
        await db.execute(text("UPDATE school_years SET persistent = persistent + 1"))

    assert await recount(runtime) == 1

    assert capsys.readouterr().out.splitlines() == [
        f"school {school.id} 2026/27 totals",
        "recount: 3 enrolment years, 6 marks, 1 differences",
    ]


async def test_a_rebuild_goes_on_until_nothing_differs(
    runtime: Runtime, register: StandInRegister, capsys: pytest.CaptureFixture[str]
) -> None:
    """A mark and what it counts as, and once they are mended their school's totals."""
    child, day, half, _ = register.marks[2]
    register.marks[2] = (child, day, half, "/")

    assert await rebuild(SERVICE, runtime) == 0

    assert capsys.readouterr().out.splitlines() == [
        "rebuild: 1 schools, 0 children's care",
        "rebuild, pass 1: 3 enrolment years, 6 marks, 3 differences",
        "rebuild, pass 2: 3 enrolment years, 6 marks, 0 differences",
    ]


@pytest.mark.parametrize(
    ("update", "sentence"),
    [
        ({"client_id": None}, "REPORTING_CLIENT_ID and REPORTING_CLIENT_SECRET: the register"),
        ({"client_id": "another"}, "The token issuer refuses this service's client"),
        ({"issuer_url": "http://127.0.0.1:1"}, "gives no token (ConnectError)"),
        ({"register_url": "http://127.0.0.1:1"}, "cannot be read (ConnectError)"),
    ],
)
async def test_a_register_that_cannot_be_read_is_told_in_one_sentence(
    runtime: Runtime,
    update: dict[str, str | None],
    sentence: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings = runtime.settings.model_copy(update=update)
    wrong = replace(runtime, settings=settings)

    assert (await recount(wrong), await rebuild(SERVICE, wrong)) == (2, 2)

    assert sentence in capsys.readouterr().err
