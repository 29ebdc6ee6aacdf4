"""Two schools' enrolments that may be one child's: who is asked, who sees what, what follows."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest

from attendance_contracts.identifiers import make_upn
from attendance_testing.answers import next_page, without_trace

from .proposals import CONFIRM, LINKS, REFUSE, decide

Json = dict[str, Any]
Headers = dict[str, str]
Told = Callable[[], Awaitable[list[Json]]]
Sign = Callable[..., Headers]
SendRoll = Callable[..., Awaitable[list[Json]]]

SCOPES = "link.read link.decide care.write care.read care.confirm roll.read child.read"


@pytest.fixture
def earlier_office(sign: Sign) -> Headers:
    return sign("school:100001", scopes=SCOPES)


async def test_the_authority_of_the_earlier_school_sees_both_sides(
    proposal: Json, earlier: Json, newcomer: Json
) -> None:
    assert (proposal["state"], proposal["differing"]) == ("proposed", ["date_of_birth"])
    for side, answer, urn, name, born in (
        ("earlier", earlier, "100001", "Avery", "2017-05-04"),
        ("newcomer", newcomer, "300002", "Robin", "2016-11-30"),
    ):
        told = proposal[side]
        assert (told["enrolment_id"], told["child_id"]) == (
            answer["enrolment_id"],
            answer["child_id"],
        )
        assert (told["urn"], told["forename"], told["date_of_birth"]) == (urn, name, born)


async def test_the_earlier_school_sees_that_there_is_one_and_nothing_of_the_other_side(
    client: httpx.AsyncClient, earlier_office: Headers, proposal: Json, newcomer: Json
) -> None:
    listed = await client.get(LINKS, headers=earlier_office)
    one = await client.get(f"{LINKS}/{proposal['id']}", headers=earlier_office)
    [item] = listed.json()["items"]
    assert item == one.json()
    assert (item["differing"], item["newcomer"]) == (["date_of_birth"], None)
    for secret in ("2016-11-30", "Robin", "300002", "Sample", newcomer["child_id"]):
        assert secret not in listed.text + one.text


async def test_nobody_else_sees_anything_and_nobody_but_the_authority_decides(
    client: httpx.AsyncClient,
    sign: Sign,
    proposal: Json,
    earlier_office: Headers,
) -> None:
    strangers = [
        sign("school:300002", scopes=SCOPES),
        sign("authority:352", scopes=SCOPES),
        sign("supplier:example-mis", scopes=SCOPES),
        sign("school:300003", scopes=SCOPES),
    ]
    for headers in strangers:
        assert (await client.get(LINKS, headers=headers)).json() == {"items": [], "next": None}
        one = await client.get(f"{LINKS}/{proposal['id']}", headers=headers)
        none = await client.get(f"{LINKS}/{uuid4()}", headers=headers)
        assert (one.status_code, without_trace(one)) == (404, without_trace(none))
    for headers in (*strangers, earlier_office):
        assert (await decide(client, proposal, headers, CONFIRM)).status_code == 404


async def test_a_confirmed_link_makes_one_child_of_two_and_tells_everybody(
    client: httpx.AsyncClient,
    area: Headers,
    proposal: Json,
    *,
    earlier: Json,
    newcomer: Json,
    told: Told,
) -> None:
    await told()
    answer = await decide(client, proposal, area, CONFIRM)
    assert (answer.status_code, answer.json()["state"]) == (200, "confirmed")
    assert answer.json()["decided_by"] == "authority:332"
    [event] = await told()
    assert (event["type"], event["enrolment_id"]) == (
        "enrolment.changed.v1",
        newcomer["enrolment_id"],
    )
    assert (event["child_id"], event["version"]) == (earlier["child_id"], 2)


async def test_care_goes_with_a_confirmed_link_and_so_does_who_may_see(
    client: httpx.AsyncClient, area: Headers, sign: Sign, proposal: Json, *, told: Told,
    earlier: Json, newcomer: Json,
) -> None:  # fmt: skip
    other = sign("authority:352", scopes=SCOPES)
    need = {"kind": "CIN", "valid_from": "2026-01-05"}
    for headers, code, child, worker in (
        (area, "332", earlier, "worker-1"),
        (other, "352", newcomer, "worker-2"),
    ):
        line = need | {"authority_code": code, "worker": worker, "child_id": child["child_id"]}
        answer = await client.post("/v1/care-statuses", json=[line], headers=headers)
        assert answer.json()[0]["state"] == "created"
    await told()
    await decide(client, proposal, area, CONFIRM)
    events = {event["child_id"]: event for event in await told() if "statuses" in event}
    workers = [status["worker"] for status in events[earlier["child_id"]]["statuses"]]
    assert sorted(workers) == ["worker-1", "worker-2"]
    assert events[newcomer["child_id"]]["statuses"] == []
    assert events[newcomer["child_id"]]["version"] == 2
    wanted = {"enrolment_ids": [earlier["enrolment_id"], newcomer["enrolment_id"]]}
    for worker in ("worker-1", "worker-2"):
        bearer = sign("social-care:332", subject=worker, scopes=SCOPES)
        names = await client.post("/v1/children/names", json=wanted, headers=bearer)
        assert {one["forename"] for one in names.json()["children"]} == {"Avery", "Robin"}
    ended = line | {"valid_to": "2026-12-31"}  # by the id of before
    [answer] = (await client.post("/v1/care-statuses", json=[ended], headers=other)).json()
    assert (answer["state"], answer["child_id"]) == ("changed", earlier["child_id"])


async def test_a_decision_sent_twice_is_taken_once_and_another_one_is_refused(
    client: httpx.AsyncClient, area: Headers, proposal: Json, told: Told
) -> None:
    await told()
    first, again = [await decide(client, proposal, area, CONFIRM) for _ in range(2)]
    assert first.json() == again.json()
    assert len(await told()) == 1
    assert (await decide(client, proposal, area, REFUSE)).status_code == 409


async def test_two_officers_who_decide_at_one_moment_decide_once(
    client: httpx.AsyncClient, area: Headers, proposal: Json
) -> None:
    answers = await asyncio.gather(
        *(decide(client, proposal, area, body) for body in (CONFIRM, REFUSE))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_who_decides_has_seen_the_words_of_now(
    client: httpx.AsyncClient,
    area: Headers,
    proposal: Json,
    *,
    send_roll: SendRoll,
    born_otherwise: Json,
) -> None:
    without = await client.post(f"{LINKS}/{proposal['id']}/decision", json=CONFIRM, headers=area)
    assert without.status_code == 428
    await send_roll(born_otherwise | {"surname": "Sample"}, urn="300002")
    assert (await decide(client, proposal, area, CONFIRM)).status_code == 412
    [item] = (await client.get(LINKS, headers=area)).json()["items"]
    assert item["newcomer"]["surname"] == "Sample"
    assert item["differing"] == ["date_of_birth"]  # as it was proposed: no way to try names out


async def test_a_correction_tells_the_sender_nothing_and_the_decider_that_all_agrees(
    client: httpx.AsyncClient,
    area: Headers,
    proposal: Json,
    *,
    newcomer: Json,
    send_roll: SendRoll,
    born_otherwise: Json,
) -> None:
    """Were it linked at this moment, the child's id in the answer would say: this date is right."""
    [answer] = await send_roll(born_otherwise | {"date_of_birth": "2017-05-04"}, urn="300002")
    assert answer["child_id"] == newcomer["child_id"]
    seen = (await client.get(f"{LINKS}/{proposal['id']}", headers=area)).json()
    assert seen["newcomer"]["date_of_birth"] == seen["earlier"]["date_of_birth"]


async def test_what_was_refused_is_asked_again_only_on_other_facts(
    client: httpx.AsyncClient,
    area: Headers,
    proposal: Json,
    *,
    send_roll: SendRoll,
    born_otherwise: Json,
) -> None:
    answer = await decide(client, proposal, area, REFUSE)
    assert answer.json()["state"] == "refused"

    async def proposed() -> list[Json]:
        items: list[Json] = (await client.get(LINKS, headers=area)).json()["items"]
        return items

    await send_roll(born_otherwise | {"forename": "Robyn", "surname": "EXAMPLE"}, urn="300002")
    assert await proposed() == []
    await send_roll(born_otherwise | {"date_of_birth": "2017-05-04"}, urn="300002")
    [again] = await proposed()
    assert (again["differing"], again["id"] == proposal["id"]) == ([], False)


async def test_of_two_questions_about_one_pair_an_answer_to_one_settles_both(
    client: httpx.AsyncClient,
    area: Headers,
    proposal: Json,
    *,
    sign: Sign,
    school_body: Json,
    send_roll: SendRoll,
    born_otherwise: Json,
    line: Json,
) -> None:
    """A third school's child is asked about twice; one by one all three become one child."""
    await client.put("/v1/schools/100003", json=school_body, headers=sign("authority:332"))
    third = line | {"surname": "Other", "mis_id": "3"}
    [entered] = await send_roll(third, urn="100003")
    assert entered["state"] == "created"
    await decide(client, proposal, area, CONFIRM)
    items = (await client.get(LINKS, headers=area)).json()["items"]
    [asked] = [item for item in items if item["newcomer"]["urn"] == "100003"]
    etag = (await client.get(f"{LINKS}/{asked['id']}", headers=area)).headers["etag"]
    answer = await decide(client, asked | {"if_match": {"if-match": etag}}, area, CONFIRM)
    assert answer.status_code == 200
    assert (await client.get(LINKS, headers=area)).json()["items"] == []
    children = {
        (await client.get(f"{LINKS}/{proposal['id']}", headers=area)).json()[side]["child_id"]
        for side in ("earlier", "newcomer")
    }
    assert children == {answer.json()["newcomer"]["child_id"]}


async def test_proposals_are_read_page_by_page(
    client: httpx.AsyncClient, area: Headers, proposal: Json, send_roll: SendRoll, line: Json
) -> None:
    upns = [make_upn(332, 2000, 20, number) for number in range(1, 4)]
    lines = [line | {"upn": upn, "mis_id": upn} for upn in upns]
    await send_roll(*lines)
    await send_roll(*(one | {"surname": "Sample"} for one in lines), urn="300002")
    read: list[str] = []
    url: str | None = f"{LINKS}?limit=3"
    while url:
        page = await client.get(url, headers=area)
        read += [item["id"] for item in page.json()["items"]]
        url = next_page(page)
    assert len(read) == 4
    assert read == sorted(read)
    assert proposal["id"] in read
