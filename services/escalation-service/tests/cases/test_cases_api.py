"""Cases over HTTP: read, opened by hand, given to somebody, closed."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from uuid_utils.compat import uuid7

from attendance_contracts.events import CaseAssigned, CaseClosed, CaseOpened
from attendance_runtime.database import Database
from attendance_testing.answers import next_page
from escalation_testing.facts import AChild, ASchool, Caller, announced, consume

Json = dict[str, Any]  # an answer's body, whatever it is


async def events_about(database: Database, child: UUID) -> list[object]:
    async with database.transaction() as db:
        return await announced(db, child)


async def test_a_schools_open_cases_are_listed(officer: Caller, child: AChild, case: Json) -> None:
    assert case["enrolment_id"] == str(child.id)
    assert (case["policy"], case["state"], case["assigned_to"]) == ("dudley", "open", "lead-7")
    closed = await officer.get(f"/v1/schools/{child.school.urn}/cases?state=closed")
    assert closed.json() == {"cases": [], "next": None}


async def test_a_long_list_comes_in_pages(officer: Caller, database: Database) -> None:
    school = ASchool()
    children = [uuid7() for _ in range(5)]
    async with database.transaction() as db:
        roll = [school.enrols(child) for child in children]
        marks = [mark for child in children for mark in school.absences(child, 20)]
        await consume(db, [school.changed(), school.calendar(), *roll, *marks])

    seen: list[str] = []
    path: str | None = f"/v1/schools/{school.urn}/cases?state=open&limit=2"
    while path:
        answer = await officer.get(path)
        seen += [case["enrolment_id"] for case in answer.json()["cases"]]
        path = next_page(answer)
    assert sorted(seen) == sorted(map(str, children))
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize("limit", [1, 2])
async def test_a_page_that_ends_the_list_leads_to_no_other(
    officer: Caller, child: AChild, case: Json, limit: int
) -> None:
    """A full last page once led to an empty one elsewhere."""
    answer = await officer.get(f"/v1/schools/{child.school.urn}/cases?limit={limit}")
    assert [each["id"] for each in answer.json()["cases"]] == [case["id"]]
    assert answer.json()["next"] is None
    assert "Link" not in answer.headers


@pytest.mark.parametrize("cursor", ["nowhere", "WyJ4Il0"])
async def test_a_cursor_that_was_never_given_out_is_pointed_at(
    officer: Caller, child: AChild, cursor: str
) -> None:
    answer = await officer.get(f"/v1/schools/{child.school.urn}/cases?after={cursor}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "query:after"


async def test_a_case_is_read_with_its_steps_and_its_etag(officer: Caller, case: Json) -> None:
    answer = await officer.get(f"/v1/cases/{case['id']}")
    assert answer.headers["ETag"] == '"r2"'
    steps = answer.json()["steps"]
    assert [(step["kind"], step["by"]) for step in steps] == [("opened", None), ("assigned", None)]


async def test_a_case_is_given_to_another_person(
    officer: Caller, child: AChild, case: Json, database: Database
) -> None:
    path = f"/v1/cases/{case['id']}/assignment"
    answer = await officer.post(path, {"assigned_to": "ewo-3"}, if_match='"r2"')
    assert answer.status_code == 200
    assert answer.headers["ETag"] == '"r3"'
    assert answer.json()["assigned_to"] == "ewo-3"
    assert answer.json()["steps"][-1]["by"] == "officer-1"
    assigned = (await events_about(database, child.id))[-1]
    assert isinstance(assigned, CaseAssigned)
    assert assigned.assigned_to == "ewo-3"


async def test_giving_a_case_to_whoever_has_it_changes_nothing(officer: Caller, case: Json) -> None:
    path = f"/v1/cases/{case['id']}/assignment"
    answer = await officer.post(path, {"assigned_to": "lead-7"}, if_match='"r2"')
    assert answer.headers["ETag"] == '"r2"'


@pytest.mark.parametrize("name", ["A. Officer", "officer@example.org", "", "x" * 101])
async def test_a_case_is_given_to_an_id_and_never_to_a_name_or_an_address(
    officer: Caller, case: Json, name: str
) -> None:
    path = f"/v1/cases/{case['id']}/assignment"
    answer = await officer.post(path, {"assigned_to": name}, if_match='"r2"')
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "#/assigned_to"


async def test_a_case_is_closed_with_an_outcome_and_a_note_that_stays_here(
    officer: Caller, child: AChild, case: Json, database: Database
) -> None:
    body = {"outcome": "resolved", "note": "Settled since the meeting"}
    answer = await officer.post(f"/v1/cases/{case['id']}/closure", body, if_match='"r2"')
    assert answer.status_code == 200
    assert (answer.json()["state"], answer.json()["outcome"]) == ("closed", "resolved")
    assert answer.json()["steps"][-1]["note"] == "Settled since the meeting"
    closed = (await events_about(database, child.id))[-1]
    assert isinstance(closed, CaseClosed)
    assert "Settled" not in repr(closed)


async def test_a_closed_case_is_not_changed_any_more(officer: Caller, case: Json) -> None:
    path = f"/v1/cases/{case['id']}"
    await officer.post(f"{path}/closure", {"outcome": "referred"}, if_match='"r2"')
    for action, body in (
        ("closure", {"outcome": "resolved"}),
        ("assignment", {"assigned_to": "ewo-3"}),
    ):
        answer = await officer.post(f"{path}/{action}", body, if_match='"r3"')
        assert answer.status_code == 409


@pytest.mark.parametrize("outcome", ["threshold-withdrawn", "all well"])
async def test_a_person_closes_with_an_outcome_of_a_persons(
    officer: Caller, case: Json, outcome: str
) -> None:
    path = f"/v1/cases/{case['id']}/closure"
    answer = await officer.post(path, {"outcome": outcome}, if_match='"r2"')
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"].startswith("#/outcome")


@pytest.mark.parametrize(
    ("headers", "status"), [({}, 428), ({"if_match": '"r1"'}, 412), ({"if_match": "*"}, 412)]
)
@pytest.mark.parametrize(
    ("action", "body"),
    [("assignment", {"assigned_to": "ewo-3"}), ("closure", {"outcome": "resolved"})],
)
async def test_a_change_names_the_version_that_was_read(
    officer: Caller, case: Json, headers: dict[str, str], status: int, *, action: str, body: Json
) -> None:
    answer = await officer.post(f"/v1/cases/{case['id']}/{action}", body, **headers)
    assert answer.status_code == status


async def test_a_case_is_opened_by_hand_for_the_lead_with_a_decision_behind_it(
    officer: Caller, child: AChild, database: Database
) -> None:
    body = {"enrolment_id": str(child.id), "reason": "The family asked for help"}
    answer = await officer.post("/v1/cases", body, idempotency_key=f'"{uuid4()}"')
    assert answer.status_code == 201
    case = answer.json()
    assert (case["policy"], case["assigned_to"]) == ("by-hand", "lead-7")
    assert answer.url.join(answer.headers["Location"]).path == f"/v1/cases/{case['id']}"
    assert answer.headers["ETag"] == '"r2"'
    assert case["steps"][0]["note"] == "The family asked for help"
    decision = (await officer.get(f"/v1/decisions/{case['decision_id']}")).json()
    assert (decision["kind"], decision["decided_by"], decision["sessions"]) == (
        "by-hand",
        "officer-1",
        20,
    )
    opened, assigned = (await events_about(database, child.id))[-2:]
    assert isinstance(opened, CaseOpened)
    assert isinstance(assigned, CaseAssigned)
    assert "asked for help" not in repr(opened)


async def test_a_case_opened_by_hand_outlives_its_threshold(
    officer: Caller, child: AChild, database: Database
) -> None:
    body = {"enrolment_id": str(child.id), "reason": "The family asked for help"}
    case = (await officer.post("/v1/cases", body, idempotency_key=str(uuid4()))).json()
    day, half = next(iter(child.school.marks))[1:]
    async with database.transaction() as db:
        await consume(db, [child.school.records(day, half, {child.id: "/"})])
    assert (await officer.get(f"/v1/cases/{case['id']}")).json()["state"] == "open"


async def test_the_same_request_sent_twice_opens_one_case(officer: Caller, child: AChild) -> None:
    body = {"enrolment_id": str(child.id), "reason": "The family asked for help"}
    key = str(uuid4())
    first = await officer.post("/v1/cases", body, idempotency_key=key)
    second = await officer.post("/v1/cases", body, idempotency_key=key)
    assert first.json() == second.json()
    other = await officer.post("/v1/cases", body | {"reason": "Else"}, idempotency_key=key)
    assert other.status_code == 422


async def test_a_case_needs_a_reason_and_a_key(officer: Caller, child: AChild) -> None:
    body = {"enrolment_id": str(child.id), "reason": ""}
    empty = await officer.post("/v1/cases", body, idempotency_key=str(uuid4()))
    assert empty.json()["errors"][0]["pointer"] == "#/reason"
    without_key = await officer.post("/v1/cases", body | {"reason": "A reason"})
    assert without_key.status_code == 422
