"""What was entered before its session began takes no register; the school begins at 07:45 UTC."""

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest
from sqlalchemy import text

from attendance_contracts.calendar import Session
from attendance_runtime.clock import FixedClock
from attendance_runtime.database import Database

from .looks import look, missing, take

SchoolBuilder = Callable[..., Awaitable[Any]]
pytestmark = pytest.mark.usefixtures("clean_tables")


@pytest.mark.parametrize("mis_ids", [("1",), ("1", "2", "3")], ids=["one child", "every child"])
@pytest.mark.parametrize("code", ["I", "V", "G", "D"])
async def test_entries_made_beforehand_take_no_register(
    *, database: Database, clock: FixedClock, school: Any, code: str, mis_ids: Sequence[str]
) -> None:
    """The school begins at 07:45 UTC; somebody entered at seven what was known of some children."""
    await take(database, clock, school, Session.AM, mis_ids, code=code)

    await look(database, clock, "08:20")

    assert await missing(database) == ["2026-09-07 AM"]


@pytest.mark.parametrize("again", ["I", "M"], ids=["as before", "with another reason"])
async def test_a_push_that_repeats_what_was_entered_takes_a_register_if_it_says_more(
    *, database: Database, clock: FixedClock, school: Any, again: str
) -> None:
    await take(database, clock, school, Session.AM, code="I")
    clock.set("2026-09-07T08:00:00Z")
    await take(database, clock, school, Session.AM, code=again)

    await look(database, clock, "08:20")

    assert await missing(database) == (["2026-09-07 AM"] if again == "I" else [])


@pytest.mark.parametrize(
    ("ahead", "code"),
    [("I", "/"), ("I", "N"), ("V", "I")],
    ids=["somebody is there", "somebody is looked for", "somebody was telephoned for"],
)
async def test_a_register_taken_beside_entries_made_beforehand_is_seen(
    *, database: Database, clock: FixedClock, school: Any, ahead: str, code: str
) -> None:
    await take(database, clock, school, Session.AM, ("1", "2"), code=ahead)
    clock.set("2026-09-07T08:00:00Z")
    await take(database, clock, school, Session.AM, ("3",), code=code)

    await look(database, clock, "08:20")

    assert await missing(database) == []


@pytest.mark.parametrize("code", ["/", "N", "Y4"])
async def test_a_register_minutes_before_the_bell_and_a_site_found_shut_are_seen(
    database: Database, clock: FixedClock, school: Any, code: str
) -> None:
    clock.set("2026-09-07T07:43:00Z")
    await take(database, clock, school, Session.AM, code=code)

    await look(database, clock, "08:20")

    assert await missing(database) == []


async def test_a_register_tells_when_its_session_begins(
    database: Database, clock: FixedClock, school: Any
) -> None:
    """Whoever counts, decides or shows by the mark knows from when on it is more than a plan."""
    await take(database, clock, school, Session.PM, code="I")

    async with database.transaction() as db:
        payload = await db.scalar(
            text("SELECT payload FROM outbox WHERE type LIKE '%register.recorded%'")
        )

    assert json.loads(payload or "{}")["begins_at"] == "2026-09-07T12:00:00Z"
