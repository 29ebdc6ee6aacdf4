"""A child who had left when a mark was sent, or comes back: what is told of the absences."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

Json = dict[str, Any]
Headers = dict[str, str]
SendRoll = Callable[..., Awaitable[list[Json]]]
Told = Callable[[], Awaitable[list[Json]]]
Mark = Callable[..., Awaitable[None]]
Roll = Callable[..., Awaitable[list[Json]]]

THURSDAY, FRIDAY = "2026-11-19", "2026-11-20"


@pytest.fixture
async def roll(
    client: httpx.AsyncClient,
    authority: Headers,
    school: Json,
    *,
    send_roll: SendRoll,
    told: Told,
    line: Json,
) -> Roll:
    """Send the child's line with these changes; what is told of absences then?"""
    assert school["urn"] == "100001"
    year = {"terms": [{"from": "2026-11-02", "to": "2026-11-27"}], "closures": []}
    answer = await client.put("/v1/schools/100001/calendars/2026", json=year, headers=authority)
    answer.raise_for_status()

    async def send(**changes: object) -> list[Json]:
        await told()
        [answered] = await send_roll(line | changes)
        assert answered["state"] != "refused"
        return [one for one in await told() if one["type"].startswith("absence.")]

    assert await send() == []
    return send


async def test_an_absence_of_a_child_who_had_left_is_withdrawn_and_stands_again_with_the_place(
    roll: Roll, mark: Mark
) -> None:
    await mark("N")

    [withdrawn] = await roll(ends_on=THURSDAY)
    assert await roll(ends_on=THURSDAY) == []
    [recorded] = await roll(ends_on=FRIDAY)
    assert await roll(ends_on=None) == []

    assert (withdrawn["type"], withdrawn["date"]) == ("absence.withdrawn.v1", FRIDAY)
    assert (recorded["type"], recorded["state"]) == ("absence.recorded.v1", "unexplained")
    assert withdrawn["enrolments"] == recorded["enrolments"]


async def test_each_day_that_has_left_the_place_is_told_of(roll: Roll, mark: Mark) -> None:
    await mark("N", THURSDAY)
    await mark("I")

    found = await roll(ends_on="2026-11-18")

    assert [(one["type"], one["date"]) for one in found] == [
        ("absence.withdrawn.v1", THURSDAY),
        ("absence.withdrawn.v1", FRIDAY),
    ]


async def test_a_starting_day_that_moves_withdraws_what_was_before_it(
    roll: Roll, mark: Mark
) -> None:
    await mark("N", THURSDAY)

    [withdrawn] = await roll(starts_on=FRIDAY)

    assert (withdrawn["type"], withdrawn["date"]) == ("absence.withdrawn.v1", THURSDAY)


@pytest.mark.usefixtures("roll")
async def test_the_offices_last_day_does_the_same(
    client: httpx.AsyncClient,
    mark: Mark,
    *,
    told: Told,
    send_roll: SendRoll,
    line: Json,
    sign: Callable[..., Headers],
) -> None:
    await mark("N")
    [answered] = await send_roll(line)
    await told()

    amended = await client.patch(
        f"/v1/enrolments/{answered['enrolment_id']}",
        json={"ends_on": THURSDAY},
        headers=sign("school:100001", scopes="roll.write") | {"If-Match": '"r1"'},
    )
    amended.raise_for_status()

    [withdrawn] = [one for one in await told() if one["type"].startswith("absence.")]
    assert withdrawn["type"] == "absence.withdrawn.v1"


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("/", {"ends_on": THURSDAY}),
        ("N", {"ends_on": FRIDAY}),
        ("N", {"class_code": "6B"}),
    ],
    ids=["a child who was there", "the last day itself", "another class"],
)
async def test_of_anything_else_nothing_is_told(
    roll: Roll,
    mark: Mark,
    code: str,
    changes: Json,
) -> None:
    await mark(code)

    assert await roll(**changes) == []
