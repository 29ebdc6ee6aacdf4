"""A school with a child, a worker, a case and a message, and everybody who may knock there."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any
from uuid import uuid4

import httpx
import pytest

from attendance_contracts.identifiers import make_upn
from attendance_testing.platform import Platform

from .calls import Call, Place, care_status, roll_line, settings
from .people import ELSEWHERE, EVERY_SCOPE, PEOPLE, Person, allocations

RESPONSIBLE, STRANGER = "352", "926"


@dataclass(frozen=True, slots=True)
class World:
    """A place that exists, one that does not, and the means to ask about either."""

    platform: Platform
    http: httpx.AsyncClient
    ours: Place
    nowhere: Place
    elsewhere: Any  # a SchoolUnderTest that has nothing to do with ours

    async def token(self, person: Person) -> str:
        """Return an access token of a person's, with every scope in it."""
        return await self.platform.token(person.name)

    async def send(
        self,
        service: str,
        call: Call,
        token: str | None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Send a request, once, to one of a service's processes."""
        bearer = {"Authorization": f"Bearer {token}"} if token else {}
        given = {**call.headers, **bearer, **(headers or {})}
        return await self.http.request(
            call.method,
            self.platform.api(service) + call.path,
            params=call.params,
            json=call.json,
            headers={name.encode(): value.encode("latin-1") for name, value in given.items()},
        )


@pytest.fixture(scope="session")
async def world(
    platform: Platform,
    a_school: Callable[..., Awaitable[Any]],
    eventually: Callable[..., Awaitable[Any]],
) -> Any:
    """Build the world through the API, and wait until every service knows of it."""
    elsewhere = await a_school(pupils=2)
    school = await a_school(pupils=1)
    place = _place_of(school)
    await _introduce_everybody(platform, place)
    await _set_up(platform, place, elsewhere, school.monday)
    place = replace(place, claim_id=await _claim(platform, place))
    place = await _claimed_by(await a_school(pupils=1), place)
    await school.at("09:30")
    await school.send("N")
    place = await eventually(lambda: _with_sequels(platform, place))
    async with httpx.AsyncClient(timeout=30) as http:
        yield World(platform, http, place, _nowhere(place), elsewhere)


def _place_of(school: Any) -> Place:
    [pupil] = school.pupils
    ids = dict.fromkeys(("case_id", "decision_id", "episode_id", "proposal_id", "claim_id"), "")
    return Place(
        urn=school.urn,
        authority="332",
        responsible=RESPONSIBLE,
        supplier="our-mis",
        trust="Our Learning Trust",
        lead=f"lead-{school.urn}",
        worker=f"worker-{school.urn}",
        upn=school.upns[0],
        mis_id="0",
        day=str(school.monday),
        enrolment_id=pupil["enrolment_id"],
        child_id=pupil["child_id"],
        **ids,
    )


def _nowhere(place: Place) -> Place:
    """Return a place that nobody has, its ids as long as the other's."""
    ids = [name for name in asdict(place) if name.endswith("_id") and name != "mis_id"]
    return replace(
        place,
        urn="999997",
        worker="worker-999997",
        upn=make_upn(332, 9999, 2020, 999),
        mis_id="9",
        class_code="9Z",
        **{name: str(uuid4()) for name in ids},
    )


async def _introduce_everybody(platform: Platform, place: Place) -> None:
    for person in PEOPLE:
        await platform.add_client(person.name, **person.token_claims(place))


async def _set_up(platform: Platform, place: Place, elsewhere: Any, today: date) -> None:
    """Say what relates whom to the place: MIS, names, care."""
    office, area, responsible, *_ = (
        next(person.name for person in PEOPLE if person.relation == relation)
        for relation in ("staff", "area", "responsible")
    )
    path = f"/v1/schools/{place.urn}"
    await platform.call(area, "PUT", "register", path, json=settings(place))
    await platform.call(office, "POST", "register", f"{path}/roll", json=[roll_line(place)])
    other_child = elsewhere.pupils[0]["child_id"]
    other = care_status(replace(place, child_id=other_child, worker=ELSEWHERE))
    other |= {"surname": "Example"}
    statuses = [care_status(place), other, *allocations(place, today)]
    answer = await platform.call(
        responsible, "POST", "register", "/v1/care-statuses", json=statuses
    )
    assert {line["standing"] for line in answer.json()} == {"in force"}


async def _claim(platform: Platform, place: Place) -> str:
    """Let a stranger claim the child twice: one claim waits for good, the other is refused."""
    stranger = f"authority-{STRANGER}"
    await platform.add_client(
        stranger, sub=stranger, org=f"authority:{STRANGER}", scopes=EVERY_SCOPE
    )
    claims = [
        {"upn": place.upn, "kind": kind, "authority_code": STRANGER, "valid_from": place.day}
        for kind in ("LAC", "CIN")
    ]
    answer = await platform.call(stranger, "POST", "register", "/v1/care-statuses", json=claims)
    _, refused = (str(line["claim_id"]) for line in answer.json())
    area = next(person.name for person in PEOPLE if person.relation == "area")
    path = f"/v1/care-claims/{refused}/decision"
    body = {"decision": "refuse", "reason": "Not their child"}
    await platform.call(area, "POST", "register", path, json=body)
    return refused


async def _claimed_by(third: Any, place: Place) -> Place:
    """Let a third school say that the place's child is one of its own: a link is proposed."""
    line = {"upn": place.upn, "date_of_birth": "2016-11-30", "mis_id": "newcomer"}
    await third.enrol(line | {"forename": "Robin"})
    area = next(person.name for person in PEOPLE if person.relation == "area")
    answer = await third.platform.call(area, "GET", "register", "/v1/link-proposals")
    [proposal] = [
        one
        for one in answer.json()["items"]
        if one["earlier"]["enrolment_id"] == place.enrolment_id
    ]
    return replace(place, proposal_id=proposal["id"])


async def _with_sequels(platform: Platform, place: Place) -> Place | None:
    """Return the place with its episode and its case, once all services have heard of it."""
    office, worker = "the school's office", "the allocated worker"
    reads = [
        await platform.send(office, "GET", "notification", f"/v1/schools/{place.urn}/contacts",
                            params={"date": place.day}),
        await platform.send(worker, "GET", "reporting", f"/v1/caseloads/{place.worker}"),
        await platform.send(office, "GET", "reporting", f"/v1/schools/{place.urn}/today"),
        await platform.send(
            office, "POST", "escalation", "/v1/cases",
            json={"enrolment_id": place.enrolment_id, "reason": "Asked for"},
            headers={"Idempotency-Key": "the-case"},
        ),
    ]  # fmt: skip
    if not all(answer.is_success for answer in reads):
        return None
    contacts, caseload, _, case = (answer.json() for answer in reads)
    if not contacts["episodes"] or not caseload["children"]:
        return None
    return replace(
        place,
        episode_id=contacts["episodes"][0]["id"],
        case_id=case["id"],
        decision_id=case["decision_id"],
    )
