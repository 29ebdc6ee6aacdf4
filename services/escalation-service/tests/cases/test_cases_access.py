"""Who may read a case and work on it, and what everybody else is told."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from attendance_contracts.events import CareChanged, CareStatus
from attendance_runtime.database import Database
from attendance_testing.answers import without_trace
from attendance_testing.facts import allocated
from attendance_testing.tokens import TokenIssuer
from escalation_testing.facts import AChild, Caller, consume

Json = dict[str, Any]  # an answer's body, whatever it is

ORGANISATIONS = {
    "another school": ("school:100000", "officer-1"),
    "another authority": ("authority:822", "officer-1"),
    "the MIS supplier": ("supplier:sample-mis", "officer-1"),
    "a worker without this child": ("authority:822", "worker-of-another-child"),
}


@pytest.mark.parametrize("who", ORGANISATIONS)
async def test_who_holds_no_relation_sees_nothing_there(
    client: httpx.AsyncClient,
    issuer: TokenIssuer,
    officer: Caller,
    child: AChild,
    case: Json,
    *,
    who: str,
) -> None:
    organisation, subject = ORGANISATIONS[who]
    stranger = Caller.of(client, issuer, organisation, subject=subject)
    new = {"enrolment_id": str(child.id), "reason": "Curious"}
    answers = [
        await stranger.get(f"/v1/schools/{child.school.urn}/cases"),
        await stranger.get(f"/v1/cases/{case['id']}"),
        await stranger.get(f"/v1/decisions/{case['decision_id']}"),
        await stranger.get(f"/v1/enrolments/{child.id}/decisions"),
        await stranger.post("/v1/cases", new, idempotency_key=str(uuid4())),
        await stranger.post(
            f"/v1/cases/{case['id']}/assignment", {"assigned_to": "x"}, if_match='"r2"'
        ),
        await stranger.post(
            f"/v1/cases/{case['id']}/closure", {"outcome": "resolved"}, if_match='"r2"'
        ),
    ]
    assert {answer.status_code for answer in answers} == {404}
    unknown = await officer.get(f"/v1/cases/{uuid4()}")
    assert without_trace(answers[1]) == without_trace(unknown)


@pytest.mark.parametrize("path", ["cases", "decisions"])
async def test_what_does_not_exist_looks_like_what_is_hidden(officer: Caller, path: str) -> None:
    answer = await officer.get(f"/v1/{path}/{uuid4()}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


async def test_an_unknown_school_and_enrolment_are_not_found(officer: Caller) -> None:
    body = {"enrolment_id": str(uuid4()), "reason": "A reason"}
    answers = [
        await officer.get("/v1/schools/999999/cases"),
        await officer.get(f"/v1/enrolments/{uuid4()}/decisions"),
        await officer.post("/v1/cases", body, idempotency_key=str(uuid4())),
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 404]


@pytest.mark.parametrize(
    ("headers", "status"), [({}, 401), ({"Authorization": "Bearer nonsense"}, 401)]
)
async def test_without_a_token_nothing_is_told(
    client: httpx.AsyncClient, child: AChild, headers: dict[str, str], status: int
) -> None:
    stranger = Caller(client, headers)
    answers = [
        await stranger.get(f"/v1/schools/{child.school.urn}/cases"),
        await stranger.get(f"/v1/cases/{uuid4()}"),
        await stranger.get(f"/v1/decisions/{uuid4()}"),
        await stranger.get(f"/v1/enrolments/{child.id}/decisions"),
        await stranger.post("/v1/cases", {}),
        await stranger.post(f"/v1/cases/{uuid4()}/assignment", {}),
        await stranger.post(f"/v1/cases/{uuid4()}/closure", {}),
    ]
    assert {answer.status_code for answer in answers} == {status}


async def test_reading_does_not_allow_writing(
    client: httpx.AsyncClient, issuer: TokenIssuer, case: Json
) -> None:
    reader = Caller.of(client, issuer, "authority:332", scopes="case.read")
    body = {"outcome": "resolved"}
    answer = await reader.post(f"/v1/cases/{case['id']}/closure", body, if_match='"r2"')
    assert answer.status_code == 403


async def test_the_allocated_worker_reads_a_case_until_the_allocation_ends(
    client: httpx.AsyncClient, issuer: TokenIssuer, child: AChild, case: Json, database: Database
) -> None:
    worker = Caller.of(client, issuer, "authority:822", subject=child.worker)
    assert (await worker.get(f"/v1/cases/{case['id']}")).status_code == 200
    assert (await worker.get(f"/v1/schools/{child.school.urn}/cases")).status_code == 404
    closing = {"outcome": "resolved"}
    refused = await worker.post(f"/v1/cases/{case['id']}/closure", closing, if_match='"r2"')
    assert refused.status_code == 404

    ended = CareStatus(
        kind="child-in-need",
        authority_code="332",
        worker=child.worker,
        team=None,
        valid_from=date(2026, 1, 1),
        valid_to=date(2026, 11, 19),
    )
    async with database.transaction() as db:
        await consume(db, [CareChanged(child_id=child.id, statuses=(ended,), version=2)])
    assert (await worker.get(f"/v1/cases/{case['id']}")).status_code == 404

    older = allocated(child.id, child.worker)
    async with database.transaction() as db:
        await consume(db, [older])
    assert (await worker.get(f"/v1/cases/{case['id']}")).status_code == 404


async def test_a_case_goes_with_its_enrolment_to_the_child_whom_a_link_has_made_of_two(
    client: httpx.AsyncClient, issuer: TokenIssuer, child: AChild, case: Json, database: Database
) -> None:
    """The worker of the other record reaches it, the one of the empty record no longer."""
    other, new_worker = uuid4(), f"worker-{uuid4()}"
    moved = child.school.enrols(child.id, other, version=2)
    emptied = CareChanged(child_id=child.id, statuses=(), version=2)
    async with database.transaction() as db:
        await consume(db, [moved, allocated(other, new_worker), emptied])
    answers = [
        await Caller.of(client, issuer, "-", subject=worker).get(path)
        for worker in (new_worker, child.worker)
        for path in (f"/v1/cases/{case['id']}", f"/v1/enrolments/{child.id}/decisions")
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 404, 404]


async def test_a_school_that_has_left_the_area_is_not_given_back_by_older_news(
    officer: Caller, child: AChild, database: Database
) -> None:
    """A dead letter is settled by what is true now, and the messages before it come after."""
    cases = f"/v1/schools/{child.school.urn}/cases"
    assert (await officer.get(cases)).status_code == 200
    async with database.transaction() as db:
        moved = replace(child.school, authority="822")
        await consume(db, [moved.changed(version=3)])
        await consume(db, [child.school.changed(version=2)])
    assert (await officer.get(cases)).status_code == 404


async def test_reading_about_a_child_is_written_to_the_access_log(
    client: httpx.AsyncClient, issuer: TokenIssuer, child: AChild, case: Json, database: Database
) -> None:
    subject = f"reader-{uuid4()}"
    reader = Caller.of(client, issuer, f"school:{child.school.urn}", subject=subject)
    await reader.get(f"/v1/schools/{child.school.urn}/cases")
    await reader.get(f"/v1/cases/{case['id']}")
    await reader.get(f"/v1/decisions/{case['decision_id']}")
    await reader.get(f"/v1/enrolments/{child.id}/decisions")
    async with database.transaction() as db:
        logged = await db.execute(
            text("SELECT action, child_ids FROM access_log WHERE subject = :subject"),
            {"subject": subject},
        )
        assert [tuple(row) for row in logged] == [("case.read", [child.id])] * 4
