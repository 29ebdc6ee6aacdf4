"""A day that is shut, or held after all, when its registers are in: what is told of absences."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

Json = dict[str, Any]
Headers = dict[str, str]
SendRoll = Callable[..., Awaitable[list[Json]]]
Told = Callable[[], Awaitable[list[Json]]]
Mark = Callable[..., Awaitable[None]]
Shut = Callable[..., Awaitable[list[Json]]]

FRIDAY = "2026-11-20"


@pytest.fixture
async def shut(client: httpx.AsyncClient, authority: Headers, school: Json, told: Told) -> Shut:
    """Send the year with these closures; what is told of absences then?"""
    assert school["urn"] == "100001"

    async def send(*closures: Json) -> list[Json]:
        await told()
        year: Json = {"terms": [{"from": "2026-11-02", "to": "2026-11-27"}], "closures": closures}
        answer = await client.put("/v1/schools/100001/calendars/2026", json=year, headers=authority)
        answer.raise_for_status()
        return [one for one in await told() if one["type"].startswith("absence.")]

    return send


@pytest.fixture
async def enrolment(shut: Shut, send_roll: SendRoll, line: Json) -> str:
    """A child on the roll of a school whose year is known."""
    [answer] = await send_roll(line)
    await shut()
    return str(answer["enrolment_id"])


@pytest.mark.parametrize("session", ["AM", None], ids=["the morning", "the day"])
async def test_an_absence_of_a_session_not_held_is_withdrawn_and_stands_again_with_it(
    mark: Mark, shut: Shut, enrolment: str, session: str | None
) -> None:
    await mark("N")
    closure = {"date": FRIDAY, "session": session, "reason": "closure"}

    [withdrawn] = await shut(closure)
    assert await shut(closure) == []
    [recorded] = await shut()

    assert (withdrawn["type"], withdrawn["session"]) == ("absence.withdrawn.v1", "AM")
    assert (recorded["type"], recorded["state"]) == ("absence.recorded.v1", "unexplained")
    assert withdrawn["enrolments"] == recorded["enrolments"] == [enrolment]


async def test_an_absence_with_a_reason_is_withdrawn_too(
    mark: Mark, shut: Shut, enrolment: str
) -> None:
    await mark("N")
    await mark("I")

    [withdrawn] = await shut({"date": FRIDAY, "session": None, "reason": "closure"})

    assert (withdrawn["type"], withdrawn["enrolments"]) == ("absence.withdrawn.v1", [enrolment])


@pytest.mark.usefixtures("enrolment")
@pytest.mark.parametrize(
    ("code", "closure"),
    [
        ("/", {"date": FRIDAY, "session": None, "reason": "closure"}),
        ("N", {"date": FRIDAY, "session": "PM", "reason": "closure"}),
        ("N", {"date": "2026-11-19", "session": None, "reason": "closure"}),
    ],
    ids=["a child who was there", "the afternoon", "another day"],
)
async def test_of_anything_else_nothing_is_told(
    mark: Mark, shut: Shut, code: str, closure: Json
) -> None:
    await mark(code)

    assert await shut(closure) == []
