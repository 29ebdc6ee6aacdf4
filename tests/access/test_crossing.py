"""A school's own door, with somebody else's child brought in: in the body, or behind the URN."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from attendance_runtime.documents.access import WayIn

from .answers import without_ids
from .calls import Call, Place, call_of
from .test_matrix import WAYS

MARK = "/v1/schools/{urn}/marks/{enrolment_id}/{day}/{session_name}"
WITHIN_A_SCHOOL = [
    (service, way) for service, way in WAYS if "{urn}" in way.path and "{enrolment_id}" in way.path
]


def at_their_own_school(world: Any, place: Place) -> Place:
    """Return a place's child, asked about at a school that is not the child's."""
    return replace(place, urn=world.elsewhere.urn)


async def said_of_both(world: Any, service: str, calls: Iterator[Call]) -> list[Any]:
    """Return what the other school's office is told of our child, and of one nobody has."""
    token = await world.platform.token(world.elsewhere.office)
    places = (world.ours, world.nowhere)
    return [
        without_ids(await world.send(service, call, token), place)
        for call, place in zip(calls, places, strict=True)
    ]


def test_there_are_ways_to_a_child_behind_a_school() -> None:
    assert len(WITHIN_A_SCHOOL) >= 2


@pytest.mark.parametrize(("service", "way"), WITHIN_A_SCHOOL, ids=str)
async def test_a_child_behind_the_wrong_school_is_not_there(
    world: Any, service: str, way: WayIn
) -> None:
    places = (at_their_own_school(world, place) for place in (world.ours, world.nowhere))
    ours, nobodys = await said_of_both(world, service, (call_of(way, at) for at in places))
    assert ours == nobodys
    assert ours[0] == httpx.codes.NOT_FOUND


@pytest.mark.parametrize("key", ["enrolment_id", "upn", "mis_id"])
@pytest.mark.parametrize("partial", ["reject", "accept"])
async def test_a_register_marks_no_other_schools_child(world: Any, key: str, partial: str) -> None:
    """By whatever key the child is named, and in whatever class."""
    way = next(way for _, way in WAYS if (way.method, "classes" in way.path) == ("PUT", True))

    def calls() -> Iterator[Call]:
        for place in (world.ours, world.nowhere):
            known = {"enrolment_id": place.enrolment_id, "upn": place.upn, "mis_id": "no-such"}
            body = {"marks": [{key: known[key], "code": "N"}]}
            call = call_of(way, replace(at_their_own_school(world, place), class_code="1A"))
            yield replace(call, json=body, params={"partial": partial})

    ours, nobodys = await said_of_both(world, "register", calls())
    assert ours == nobodys


async def test_names_are_given_of_the_askers_own_children_alone(world: Any) -> None:
    own = [pupil["enrolment_id"] for pupil in world.elsewhere.pupils]
    token = await world.platform.token(world.elsewhere.office)
    wanted = {"enrolment_ids": [*own, world.ours.enrolment_id, world.nowhere.enrolment_id]}
    call = Call("POST", "/v1/children/names", json=wanted)
    answer = await world.send("register", call, token)
    assert {child["enrolment_id"] for child in answer.json()["children"]} == set(own)


async def test_no_list_of_a_school_holds_another_schools_child(world: Any) -> None:
    """Cases, contacts, registers, counts: of the other school's children, and of no more."""
    token = await world.platform.token(world.elsewhere.office)
    lists = [
        (service, way)
        for service, way in WAYS
        if way.method == "GET" and "/schools/{urn}/" in way.path and way.scope != "bulk.read"
    ]
    for service, way in lists:
        answer = await world.send(
            service, call_of(way, at_their_own_school(world, world.ours)), token
        )
        for secret in (world.ours.child_id, world.ours.enrolment_id, "Secret"):
            assert secret not in answer.text, way
