"""The register routes over HTTP: who gets in, what a problem looks like, what an answer says."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from attendance_runtime.clock import FixedClock
from attendance_runtime.database import Database
from attendance_testing.answers import without_trace
from attendance_testing.serving import client_for
from attendance_testing.tokens import TokenIssuer
from register_service.main import SERVICE

REGISTER = "/v1/schools/100001/registers/2026-09-07/AM"
CLASS_REGISTER = "/v1/schools/100001/classes/4A/registers/2026-09-07/AM"
SCOPES = "register.write register.read mark.amend"
FULL = {"marks": [{"mis_id": str(number), "code": "/"} for number in (1, 2, 3)]}


@pytest.fixture
async def client(
    database: Database, issuer: TokenIssuer, clean_tables: None
) -> AsyncIterator[httpx.AsyncClient]:
    clock = FixedClock("2026-09-07T08:00:00+00:00")
    async with client_for(SERVICE, database, clock, issuer) as opened:
        yield opened


@pytest.fixture
async def school(database: Database, a_school: Callable[..., Awaitable[Any]]) -> Any:
    async with database.transaction() as db:
        built = await a_school(db)
        for holder, relation in (("school:100001", "staff"), ("supplier:mis-one", "supplier")):
            await db.execute(
                text("INSERT INTO reach VALUES (:holder, :relation, :id, '-infinity', NULL)"),
                {"holder": holder, "relation": relation, "id": built.id},
            )
    return built


@pytest.fixture
def office(issuer: TokenIssuer) -> dict[str, str]:
    return issuer.headers(subject="office-1", organisation="school:100001", scopes=SCOPES)


MARK = "marks/0199f0d2-7c3e-7b6a-9d57-6a3d8f2c1b40/{day}/AM/history"


async def test_a_register_is_recorded_and_then_unchanged(
    client: httpx.AsyncClient, school: Any, office: dict[str, str]
) -> None:
    first = await client.put(CLASS_REGISTER, json=FULL, headers=office)
    again = await client.put(CLASS_REGISTER, json=FULL, headers=office)
    assert (first.status_code, first.json()["state"], first.json()["new"]) == (200, "recorded", 3)
    assert (again.status_code, again.json()["state"]) == (200, "unchanged")


@pytest.mark.parametrize("path", [REGISTER, CLASS_REGISTER, CLASS_REGISTER.replace("4A", "%204A ")])
@pytest.mark.parametrize("spelled", [" {}", "{}\N{NO-BREAK SPACE}", "\N{ZERO WIDTH SPACE}{}"])
async def test_a_register_finds_its_pupils_by_any_spelling_of_their_ids(
    client: httpx.AsyncClient, school: Any, office: dict[str, str], path: str, *, spelled: str
) -> None:
    marks = [{"mis_id": spelled.format(number), "code": "/"} for number in (1, 2)]
    own = spelled.format(str(school.enrolments[2]).upper())
    body = {"marks": [*marks, {"enrolment_id": own, "code": "/"}]}
    answer = await client.put(path, json=body, headers=office)
    assert (answer.status_code, answer.json()["new"]) == (200, 3)


async def test_not_taken_is_a_state_of_its_own(
    client: httpx.AsyncClient, school: Any, office: dict[str, str]
) -> None:
    states = []
    for marks in ([], FULL["marks"][:1], FULL["marks"]):
        await client.put(REGISTER, json={"marks": marks}, headers=office)
        states.append((await client.get(REGISTER, headers=office)).json()["state"])
    assert states == ["not-taken", "partly-taken", "taken"]


async def test_a_mark_without_a_code_yet_is_a_missing_mark(
    client: httpx.AsyncClient, school: Any, office: dict[str, str]
) -> None:
    marks = [
        {"mis_id": "1", "code": "-"},
        {"mis_id": "2", "code": None},
        {"mis_id": "3", "code": "N"},
    ]
    answer = await client.put(REGISTER, json={"marks": marks}, headers=office)
    assert len(answer.json()["missing"]) == 2


async def test_each_bad_mark_is_pointed_at_and_nothing_is_kept(
    client: httpx.AsyncClient, school: Any, office: dict[str, str]
) -> None:
    marks = [
        {"mis_id": "1", "code": "/"},
        {"mis_id": "2", "code": "ZZ"},
        {"mis_id": "9", "code": "/"},
    ]
    answer = await client.put(REGISTER, json={"marks": marks[:2]}, headers=office)
    unknown = await client.put(REGISTER, json={"marks": marks[::2]}, headers=office)
    assert answer.status_code == unknown.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["#/marks/1/code"]
    assert [fault["pointer"] for fault in unknown.json()["errors"]] == ["#/marks/1/mis_id"]
    assert (await client.get(REGISTER, headers=office)).json()["state"] == "not-taken"


async def test_good_marks_are_kept_on_request(
    client: httpx.AsyncClient, school: Any, office: dict[str, str]
) -> None:
    marks = [{"mis_id": "1", "code": "/"}, {"mis_id": "2", "code": "ZZ"}]
    answer = await client.put(f"{REGISTER}?partial=accept", json={"marks": marks}, headers=office)
    assert answer.status_code == 200
    assert [fault["pointer"] for fault in answer.json()["refused"]] == ["#/marks/1/code"]
    assert answer.json()["new"] == 1


@pytest.mark.parametrize(
    "mark",
    [{"code": "/"}, {"code": "/", "mis_id": "1", "upn": "A"}, {"code": "/", "mis_id": 1}, {"x": 1}],
    ids=["no pupil", "two keys", "a number for a key", "an unknown field"],
)
async def test_a_mark_that_cannot_be_read_is_pointed_at(
    client: httpx.AsyncClient, school: Any, office: dict[str, str], mark: dict[str, object]
) -> None:
    answer = await client.put(REGISTER, json={"marks": [mark]}, headers=office)
    assert answer.status_code == 422
    assert all(fault["pointer"].startswith("#/marks/0") for fault in answer.json()["errors"])


@pytest.mark.parametrize(
    ("mark", "pointer"),
    [
        ({"mis_id": "1", "code": "/", "Late": 5}, "#/marks/0/Late"),
        ({"mis_id": "1", "mark": "/"}, "#/marks/0/mark"),
        ({"mis_id": "1"}, "#/marks/0/code"),
        ({"mis_id": "1", "code": "/", "Avery Example": 5}, "#/marks/0"),
    ],
)
async def test_a_field_that_is_unknown_or_missing_is_pointed_at_by_name(
    client: httpx.AsyncClient, school: Any, office: dict[str, str], mark: Any, *, pointer: str
) -> None:
    answer = await client.put(REGISTER, json={"marks": [mark]}, headers=office)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]
    assert "Avery" not in answer.text


@pytest.mark.parametrize("day", ["0001-01-01", "1999-12-31"])
@pytest.mark.parametrize("of", ["registers/{day}/AM", "classes/7A/registers/{day}/AM", MARK])
async def test_a_day_before_anything_was_recorded_is_refused(
    client: httpx.AsyncClient, school: Any, office: dict[str, str], day: str, of: str
) -> None:
    """No school year begins before the first September there is."""
    answer = await client.get(f"/v1/schools/100001/{of.format(day=day)}", headers=office)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "path:day"


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        (REGISTER.replace("AM", "XM"), "path:session_name"),
        (REGISTER.replace("2026-", "year-"), "path:day"),
        (REGISTER + "?partial=perhaps", "query:partial"),
    ],
)
async def test_what_a_path_or_query_says_wrong_is_pointed_at(
    client: httpx.AsyncClient, school: Any, office: dict[str, str], path: str, pointer: str
) -> None:
    answer = await client.put(path, json={"marks": []}, headers=office)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]
    assert "XM" not in answer.text


async def test_a_class_code_longer_than_any_is_refused(
    client: httpx.AsyncClient, school: Any, office: dict[str, str]
) -> None:
    path = REGISTER.replace("registers", f"classes/{'a' * 51}/registers")
    answer = await client.put(path, json={"marks": []}, headers=office)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["path:class_code"]


async def test_more_marks_than_any_school_has_pupils_are_refused(
    client: httpx.AsyncClient, school: Any, office: dict[str, str]
) -> None:
    marks = [{"code": "/", "mis_id": "1"}] * 5001
    answer = await client.put(REGISTER, json={"marks": marks}, headers=office)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["#/marks"]


@pytest.mark.parametrize(
    ("mark", "field"),
    [
        ({"mis_id": "1\x1f2", "code": "N"}, "mis_id"),
        ({"mis_id": "1\x00", "code": "N"}, "mis_id"),
        ({"mis_id": "1", "code": "N", "reason": "\x00"}, "reason"),
    ],
    ids=["a separator", "a null", "a null in a reason"],
)
async def test_a_control_character_never_gives_a_child_another_childs_mark(
    client: httpx.AsyncClient,
    school: Any,
    office: dict[str, str],
    *,
    mark: dict[str, str],
    field: str,
) -> None:
    """Marks travel to the statement as joined text: a separator in a key would shift the others."""
    marks = [mark, {"mis_id": "2", "code": "/"}, {"mis_id": "3", "code": "I"}]
    refused = await client.put(REGISTER, json={"marks": marks}, headers=office)
    assert refused.status_code == 422
    assert [fault["pointer"] for fault in refused.json()["errors"]] == [f"#/marks/0/{field}"]
    await client.put(f"{REGISTER}?partial=accept", json={"marks": marks}, headers=office)
    entries = (await client.get(REGISTER, headers=office)).json()["entries"]
    codes = {entry["enrolment_id"]: entry["code"] for entry in entries}
    assert [codes[str(pupil)] for pupil in school.enrolments] == [None, "/", "I"]


async def test_an_amendment_names_the_revision_and_shows_in_the_history(
    client: httpx.AsyncClient, school: Any, office: dict[str, str]
) -> None:
    await client.put(REGISTER, json={"marks": [{"mis_id": "1", "code": "N"}]}, headers=office)
    mark = f"/v1/schools/100001/marks/{school.enrolments[0]}/2026-09-07/AM"
    tag = (await client.get(f"{mark}/history", headers=office)).headers["etag"]
    body = {
        "code": "I",
        "reason": "Parent telephoned",
        "amender_name": "A. Officer",
        "amender_title": "Attendance officer",
    }
    amended = await client.patch(mark, json=body, headers=office | {"If-Match": tag})
    stale = await client.patch(mark, json=body, headers=office | {"If-Match": tag})
    blind = await client.patch(mark, json=body, headers=office)
    history = (await client.get(f"{mark}/history", headers=office)).json()
    assert (amended.status_code, stale.status_code, blind.status_code) == (200, 412, 428)
    assert amended.headers["etag"] == '"r2"'
    assert [(one["previous_code"], one["code"]) for one in history["amendments"]] == [("N", "I")]


STRANGERS = [
    ("another school", {"subject": "x", "organisation": "school:100009"}, 404),
    ("another authority", {"subject": "x", "organisation": "authority:894"}, 404),
    ("another supplier", {"subject": "x", "organisation": "supplier:other"}, 404),
    ("an unallocated worker", {"subject": "worker-9", "organisation": "authority:332"}, 404),
]


@pytest.mark.parametrize(
    ("who", "status"),
    [(who, status) for _, who, status in STRANGERS],
    ids=[name for name, _, _ in STRANGERS],
)
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", REGISTER, FULL),
        ("PUT", CLASS_REGISTER, FULL),
        ("GET", REGISTER, None),
        ("GET", CLASS_REGISTER, None),
    ],
)
async def test_a_stranger_learns_nothing(
    client: httpx.AsyncClient,
    school: Any,
    issuer: TokenIssuer,
    *,
    who: dict[str, str],
    status: int,
    method: str,
    path: str,
    body: object,
) -> None:
    headers = issuer.headers(**who, scopes=SCOPES)
    answer = await client.request(method, path, json=body, headers=headers)
    unknown = await client.request(
        method, path.replace("100001", "999999"), json=body, headers=headers
    )
    assert answer.status_code == unknown.status_code == status
    assert without_trace(answer) == without_trace(unknown)


@pytest.mark.parametrize(("method", "path"), [("PUT", REGISTER), ("GET", REGISTER)])
async def test_nobody_gets_in_without_a_token(
    client: httpx.AsyncClient, school: Any, method: str, path: str
) -> None:
    assert (await client.request(method, path, json=FULL)).status_code == 401
