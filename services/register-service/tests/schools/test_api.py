import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

Json = dict[str, Any]
Headers = dict[str, str]
Told = Callable[[], Awaitable[list[Json]]]
Sign = Callable[..., Headers]

PATH = "/v1/schools/100001"


async def test_an_authority_creates_its_school_once(
    client: httpx.AsyncClient, authority: Headers, school_body: Json, told: Told
) -> None:
    first = await client.put(PATH, json=school_body, headers=authority)
    again = await client.put(PATH, json=school_body, headers=authority)
    assert (first.status_code, first.json()["state"]) == (201, "created")
    assert (again.status_code, again.json()["state"]) == (200, "unchanged")
    assert [(event["type"], event["version"]) for event in await told()] == [
        ("school.changed.v1", 1)
    ]


async def test_what_is_left_out_has_its_documented_default(school: Json) -> None:
    assert school["contact_grace_minutes"] == 5
    assert school["register_missing_after_minutes"] is None
    assert school["contact_codes"] == ["N"]
    assert school["hours_per_day"] == 6.5
    assert (school["quiet_from"], school["quiet_until"]) == ("20:00:00", "08:00:00")


async def test_a_changed_setting_is_told_with_a_new_version(
    client: httpx.AsyncClient, school: Json, school_body: Json, authority: Headers, told: Told
) -> None:
    await told()
    answer = await client.put(
        PATH, json=school_body | {"contact_grace_minutes": 0}, headers=authority
    )
    assert answer.json()["state"] == "changed"
    assert answer.headers["etag"] == '"r2"'
    [event] = await told()
    assert (event["school_id"], event["contact_grace_minutes"]) == (event["school_id"], 0)
    assert event["urn"] == school["urn"]


@pytest.mark.usefixtures("school")
async def test_a_school_sets_a_later_time_for_being_asked_and_goes_back_to_the_grace(
    client: httpx.AsyncClient, school_body: Json, authority: Headers, told: Told
) -> None:
    await told()
    field = "register_missing_after_minutes"
    for sent in ({field: 45}, {field: None}):
        answer = await client.put(PATH, json=school_body | sent, headers=authority)
        assert (answer.json()["state"], answer.json()[field]) == ("changed", sent[field])
    assert (await client.get(PATH, headers=authority)).json()[field] is None
    assert [event[field] for event in await told()] == [45, None]


@pytest.mark.usefixtures("school")
async def test_no_school_is_asked_sooner_than_its_families_are_told(
    client: httpx.AsyncClient, school_body: Json, authority: Headers, told: Told
) -> None:
    await told()
    sooner = school_body | {"contact_grace_minutes": 20, "register_missing_after_minutes": 19}
    answer = await client.put(PATH, json=sooner, headers=authority)
    assert answer.status_code == 422
    [fault] = answer.json()["errors"]
    assert fault["pointer"] == "#/register_missing_after_minutes"
    assert await told() == []


async def test_an_opening_of_more_than_thirty_minutes_is_refused_with_a_pointer(
    client: httpx.AsyncClient, authority: Headers, school_body: Json, told: Told
) -> None:
    answer = await client.put(
        PATH, json=school_body | {"register_open_minutes": 31}, headers=authority
    )
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["#/register_open_minutes"]
    assert await told() == []


@pytest.mark.parametrize(
    ("field", "value"),
    [("am_starts_at", "08:50:00Z"), ("attendance_lead", "A. Teacher"), ("name", "a" * 201)],
    ids=["a time elsewhere", "a name for an id", "a long name"],
)
async def test_what_no_school_says_of_itself_is_pointed_at(
    client: httpx.AsyncClient, authority: Headers, school_body: Json, field: str, value: str
) -> None:
    answer = await client.put(PATH, json=school_body | {field: value}, headers=authority)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [f"#/{field}"]
    assert value not in answer.text


async def test_a_field_we_do_not_know_is_pointed_at(
    client: httpx.AsyncClient, authority: Headers, school_body: Json
) -> None:
    answer = await client.put(PATH, json=school_body | {"grace": 1}, headers=authority)
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["#/grace"]


@pytest.mark.usefixtures("school")
async def test_staff_supplier_and_authority_read_a_school_and_nobody_else(
    client: httpx.AsyncClient, sign: Sign
) -> None:
    for organisation, expected in (
        ("school:100001", 200),
        ("supplier:example-mis", 200),
        ("authority:332", 200),
        ("school:100002", 404),
        ("supplier:another-mis", 404),
        ("authority:333", 404),
    ):
        answer = await client.get(PATH, headers=sign(organisation))
        assert (organisation, answer.status_code) == (organisation, expected)


async def test_an_unknown_school_looks_like_a_forbidden_one(
    client: httpx.AsyncClient, authority: Headers
) -> None:
    answer = await client.get(PATH, headers=authority)
    assert answer.status_code == 404


@pytest.mark.usefixtures("school")
async def test_only_the_schools_authority_changes_it(
    client: httpx.AsyncClient, school_body: Json, sign: Sign
) -> None:
    for organisation in ("authority:333", "school:100001", "supplier:example-mis"):
        answer = await client.put(PATH, json=school_body, headers=sign(organisation))
        assert answer.status_code == 404


async def test_no_authority_creates_a_school_for_another(
    client: httpx.AsyncClient, school_body: Json, sign: Sign
) -> None:
    answer = await client.put(PATH, json=school_body, headers=sign("authority:333"))
    assert answer.status_code == 404


async def test_a_token_without_the_scope_is_forbidden_and_none_at_all_unauthenticated(
    client: httpx.AsyncClient, school_body: Json, sign: Sign
) -> None:
    reader = sign("authority:332", scopes="school.read")
    assert (await client.put(PATH, json=school_body, headers=reader)).status_code == 403
    assert (await client.put(PATH, json=school_body)).status_code == 401


@pytest.mark.usefixtures("school")
async def test_many_schools_get_an_answer_each_and_the_good_ones_are_kept(
    client: httpx.AsyncClient, school_body: Json, authority: Headers, told: Told
) -> None:
    await told()
    lines = [
        school_body | {"urn": "100001"},
        school_body | {"urn": "100002"},
        school_body | {"urn": "wrong"},
        school_body | {"urn": "100003", "phase": "tertiary"},
        school_body | {"urn": "100004", "authority_code": "333"},
        school_body | {"urn": "200000"},
    ]
    body = "\n".join(json.dumps(line) for line in lines)
    answer = await client.post(
        "/v1/schools", content=body, headers=authority | {"content-type": "application/x-ndjson"}
    )
    answers = [json.loads(line) for line in answer.text.splitlines()]
    assert [(one["line"], one["state"]) for one in answers] == [
        (1, "unchanged"),
        (2, "created"),
        (3, "refused"),
        (4, "refused"),
        (5, "refused"),
        (6, "refused"),
    ]
    pointers = [one["errors"][0]["pointer"] for one in answers[2:]]
    assert pointers == ["#/urn", "#/phase", "#/authority_code", "#/urn"]
    assert "tertiary" not in answer.text
    assert [event["urn"] for event in await told()] == ["100002"]


@pytest.mark.usefixtures("school")
async def test_no_setting_moves_a_school_to_another_area(
    client: httpx.AsyncClient, school_body: Json, authority: Headers, told: Told
) -> None:
    await told()
    handed_over = school_body | {"authority_code": "333"}
    answer = await client.put(PATH, json=handed_over, headers=authority)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["#/authority_code"]
    assert await told() == []


@pytest.mark.parametrize("urn", ["100001", "999999", "wrong"], ids=["another's", "nobody's", "no"])
async def test_a_school_that_is_not_given_looks_like_none_at_all(
    client: httpx.AsyncClient, school_body: Json, sign: Sign, urn: str
) -> None:
    body = school_body | {"authority_code": "333"}
    stranger = sign("authority:333")
    alone = await client.put(f"/v1/schools/{urn}", json=body, headers=stranger)
    together = await client.post("/v1/schools", json=[body | {"urn": urn}], headers=stranger)
    assert alone.status_code == 404
    assert alone.json()["detail"] == "There is nothing here that this token may see."
    [line] = together.json()
    assert line["state"] == "refused"
    assert [fault["detail"] for fault in line["errors"]] == [
        "This school is not in your authority's area."
    ]


async def test_a_name_that_is_an_address_does_not_get_into_messages(
    client: httpx.AsyncClient, school_body: Json, authority: Headers
) -> None:
    for name in ("Pay at example.org", "Heron\u202eWay", "H" * 101):
        answer = await client.put(PATH, json=school_body | {"name": name}, headers=authority)
        assert answer.status_code == 422
        assert [fault["pointer"] for fault in answer.json()["errors"]] == ["#/name"]
        assert name not in answer.text


async def test_a_body_that_is_neither_lines_nor_an_array_is_refused(
    client: httpx.AsyncClient, authority: Headers
) -> None:
    answer = await client.post("/v1/schools", content=b"urn,name", headers=authority)
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"detail": "This is not a JSON array.", "pointer": "#"}]
