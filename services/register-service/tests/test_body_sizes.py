"""The largest request that a route's own rules allow is not refused for its size."""

import json
from collections.abc import Iterator

import pytest
from fastapi.routing import APIRoute, iter_route_contexts

from attendance_runtime.web.guarded import ORDINARY_BODY_BYTES
from register_service.main import SERVICE

_ID = "0199f0d2-7c3e-7b6a-9d57-6a3d8f2c1b40"
_MARK = {
    "enrolment_id": _ID,
    "code": "L",
    "minutes_late": 125,
    "reason": "The bus from the villages was late again; its driver rang the office at 8:50",
    "amender_name": "An Officer With a Name of Some Length",
    "amender_title": "Attendance and admissions officer, lower school",
}
_CHECK = {"enrolment_id": _ID, "date": "2026-09-07", "purpose": "first-contact"}
_CLOSURE = {"date": "2026-10-26", "session": "AM", "reason": "bank-holiday"}
_TERM = {"from": "2026-09-02", "to": "2026-12-18"}
_LARGEST = {
    "PUT /v1/schools/{urn}/registers/{day}/{session_name}": {"marks": [_MARK] * 3000},
    "PUT /v1/schools/{urn}/classes/{class_code}/registers/{day}/{session_name}": {
        "marks": [_MARK] * 3000
    },
    "POST /v1/contacts/eligible": {"checks": [_CHECK] * 1000},
    "PUT /v1/schools/{urn}/calendars/{school_year}": {
        "terms": [_TERM] * 50,
        "closures": [_CLOSURE] * 800,
    },
    "POST /v1/children/names": {"enrolment_ids": [_ID] * 500},
}


def limits() -> Iterator[tuple[str, int]]:
    for router in SERVICE.routers:
        for context in iter_route_contexts(router.routes):
            route = context.original_route
            if isinstance(route, APIRoute):
                for method in route.methods or ():
                    yield f"{method} {route.path}", route.max_body_size or ORDINARY_BODY_BYTES


@pytest.mark.parametrize("route", _LARGEST)
def test_the_largest_request_is_not_refused_for_its_size(route: str) -> None:
    assert len(json.dumps(_LARGEST[route], indent=1)) <= dict(limits())[route]
