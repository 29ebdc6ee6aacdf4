"""Another authority claims a child with a worker of its own, as an ordinary token lets it.

The story ended with the worker reading the child and the family told of nothing.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx

Json = dict[str, Any]
FIRST = "first-contact"
CLAIMANT, WORKER = "authority-801", "worker-of-801"
SCOPES = "care.write care.read care.confirm child.read case.read caseload.read"


def claim(school: Any, **of: object) -> Json:
    """A claim on the school's first pupil, looked after since September."""
    return {
        "upn": school.upns[0],
        "kind": "LAC",
        "authority_code": "801",
        "worker": WORKER,
        "valid_from": "2026-09-01",
    } | of


async def test_a_strangers_claim_opens_no_service_and_the_family_is_told(
    platform: Any, a_school: Callable[..., Awaitable[Any]]
) -> None:
    school = await a_school(pupils=1)
    await platform.add_client(CLAIMANT, sub=CLAIMANT, org="authority:801", scopes=SCOPES)
    await platform.add_client(WORKER, sub=WORKER, org="social-care:801", scopes=SCOPES)
    lines = [
        claim(school),
        claim(school, kind="CP", surname="Example", date_of_birth="2017-05-05"),
        claim(school, kind="CIN", upn=None, child_id=school.pupils[0]["child_id"]),
    ]
    answer = await platform.call(CLAIMANT, "POST", "register", "/v1/care-statuses", json=lines)
    assert {line["standing"] for line in answer.json()} == {"pending"}

    await school.at("08:50")
    await school.send("N")
    await school.at("09:25")
    await school.told_at_last(0, FIRST)

    enrolment, child = (school.pupils[0][name] for name in ("enrolment_id", "child_id"))
    for client in (CLAIMANT, WORKER):
        for service, path in (
            ("register", f"/v1/children/{child}/care-statuses"),
            ("escalation", f"/v1/enrolments/{enrolment}/decisions"),
        ):
            seen = await platform.send(client, "GET", service, path)
            assert seen.status_code == httpx.codes.NOT_FOUND
        names = {"enrolment_ids": [enrolment]}
        named = await platform.send(client, "POST", "register", "/v1/children/names", json=names)
        assert named.json() == {"children": []}
    caseload = await platform.send(WORKER, "GET", "reporting", f"/v1/caseloads/{WORKER}")
    assert not caseload.is_success or caseload.json()["children"] == []
