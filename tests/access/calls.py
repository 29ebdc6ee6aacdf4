"""How each way in is called: the matrix fails for one that nobody has said this of.

A call is made of a `Place`, the ids of one school, child, case and so on. Made once of a place that
exists and once of one that does not, it must look the same to whoever may see neither.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final
from uuid import UUID

from attendance_runtime.documents.access import WayIn
from attendance_testing import bodies

Json = Any  # a JSON document


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The ids of one school, one of its children, and what became of an absence."""

    urn: str
    authority: str
    responsible: str
    supplier: str
    trust: str
    lead: str
    worker: str
    upn: str
    mis_id: str
    day: str
    enrolment_id: str
    child_id: str
    case_id: str
    decision_id: str
    episode_id: str
    proposal_id: str
    claim_id: str
    session_name: str = "AM"
    class_code: str = "1A"
    school_year: str = "2026"


@dataclass(frozen=True, slots=True)
class Call:
    """One request, without a token."""

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Json = None


def call_of(way: WayIn, place: Place) -> Call:
    """Return the request that takes a way in; `KeyError` if nobody has said how."""
    name = f"{way.method} {way.path}"
    body = None if way.method == "GET" else _BODIES[name](place)
    return Call(
        method=way.method,
        path=way.path.format_map(asdict(place)),
        params={"date": place.day} if name == "GET /v1/schools/{urn}/contacts" else {},
        headers=_HEADERS.get(name, {}),
        json=body,
    )


def listed(place: Place) -> Json:
    """Return a school as the list of establishments has it."""
    return {
        "urn": place.urn,
        "authority_code": place.authority,
        "name": f"Example School {place.urn}",
    }


def settings(place: Place) -> Json:
    """Return a school's settings as they were first sent."""
    return bodies.school_settings(
        place.urn,
        authority_code=place.authority,
        trust=place.trust,
        mis_supplier=place.supplier,
        attendance_lead=place.lead,
    )


def care_status(place: Place) -> Json:
    """Return the care status of a place's child as its authority first sent it.

    It says who the child is, since none of the authority's own schools has it.
    """
    return {
        "child_id": place.child_id,
        "surname": "Secretsurname",
        "date_of_birth": "2017-05-04",
        "kind": "CIN",
        "authority_code": place.responsible,
        "worker": place.worker,
        "valid_from": "2026-09-01",
    }


def roll_line(place: Place) -> Json:
    """Return the line of a school's roll that enrols a place's child."""
    return bodies.roll_line(
        upn=place.upn,
        mis_id=place.mis_id,
        forename="Secretforename",
        surname="Secretsurname",
        class_code=place.class_code,
    )


def _register(place: Place) -> Json:
    return {"marks": [{"enrolment_id": place.enrolment_id, "code": "N"}]}


YEAR: Final = bodies.school_year()
# An older version than any: who may change the thing learns that it has moved on, and changes
# nothing for those who come after.
_STALE: Final = {"If-Match": '"r0"'}
_HEADERS: Final[Mapping[str, Mapping[str, str]]] = {
    "PATCH /v1/enrolments/{enrolment_id}": _STALE,
    "PATCH /v1/schools/{urn}/marks/{enrolment_id}/{day}/{session_name}": _STALE,
    "POST /v1/link-proposals/{proposal_id}/decision": _STALE,
    "POST /v1/episodes/{episode_id}/call": _STALE,
    "POST /v1/cases/{case_id}/assignment": _STALE,
    "POST /v1/cases/{case_id}/closure": _STALE,
    "POST /v1/cases": {"Idempotency-Key": str(UUID(int=1))},
}
_BODIES: Final[Mapping[str, Callable[[Place], Json]]] = {
    "PUT /v1/schools/{urn}": settings,
    "POST /v1/establishments": lambda place: [listed(place)],
    "POST /v1/schools": lambda place: [settings(place) | {"urn": place.urn}],
    "PUT /v1/schools/{urn}/calendars/{school_year}": lambda _: YEAR,
    "POST /v1/calendars": lambda place: [YEAR | {"urn": place.urn, "school_year": 2026}],
    "PATCH /v1/enrolments/{enrolment_id}": lambda _: {"class_code": "1B"},
    "POST /v1/schools/{urn}/roll": lambda place: [roll_line(place)],
    "POST /v1/link-proposals/{proposal_id}/decision": lambda _: {
        "decision": "refuse",
        "reason": "Two children",
    },
    "POST /v1/children/names": lambda place: {"enrolment_ids": [place.enrolment_id]},
    "POST /v1/care-statuses": lambda place: [care_status(place)],
    # It was refused before: whoever may decide it may say so again, and changes nothing.
    "POST /v1/care-claims/{claim_id}/decision": lambda _: {
        "decision": "refuse",
        "reason": "Not their child",
    },
    "PUT /v1/schools/{urn}/registers/{day}/{session_name}": _register,
    "PUT /v1/schools/{urn}/classes/{class_code}/registers/{day}/{session_name}": _register,
    "PATCH /v1/schools/{urn}/marks/{enrolment_id}/{day}/{session_name}": lambda _: {
        "code": "I",
        "reason": "Parent telephoned",
        "amender_name": "A. Officer",
        "amender_title": "Attendance officer",
    },
    "POST /v1/contacts/eligible": lambda place: {
        "checks": [
            {"enrolment_id": place.enrolment_id, "date": place.day, "purpose": "first-contact"}
        ]
    },
    "POST /v1/episodes/{episode_id}/call": lambda _: {"outcome": "told"},
    "POST /v1/cases": lambda place: {"enrolment_id": place.enrolment_id, "reason": "Asked for"},
    "POST /v1/cases/{case_id}/assignment": lambda _: {"assigned_to": "lead-7"},
    "POST /v1/cases/{case_id}/closure": lambda _: {"outcome": "resolved"},
    "POST /v1/notify/receipts": lambda place: {"id": place.case_id, "status": "delivered"},
}
