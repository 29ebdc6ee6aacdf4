"""What may stand in an address: ids that mean nothing elsewhere, days, codes and cursors.

An address is written down by every proxy on its way. A parameter of another kind is thought about
here before it is added.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from attendance_runtime.process import Service
from attendance_runtime.web.edge import document
from escalation_service.main import SERVICE as ESCALATION
from notification_service.main import SERVICE as NOTIFICATION
from register_service.main import SERVICE as REGISTER
from reporting_service.main import SERVICE as REPORTING

IN_ADDRESSES = {
    "urn": "a school's public number",
    "authority": "an authority's public code",
    "class_code": "a class's name at its school",
    "school_id": "opaque",
    "enrolment_id": "opaque",
    "child_id": "opaque",
    "case_id": "opaque",
    "decision_id": "opaque",
    "episode_id": "opaque",
    "proposal_id": "opaque",
    "claim_id": "opaque",
    "worker": "the reader's own subject id, opaque",
    "school_year": "a year",
    "day": "a day",
    "date": "a day",
    "session_name": "AM or PM",
    "state": "what became of a case or a proposed link, in one word",
    "partial": "reject or accept",
    "after": "a cursor, made of opaque ids",
    "limit": "a number",
}


def parameters(service: Service) -> Iterator[str]:
    paths: dict[str, Any] = document(service.name, service.routers).openapi()["paths"]
    for operations in paths.values():
        for operation in operations.values():
            for parameter in operation.get("parameters", ()):
                if parameter["in"] in {"path", "query"}:
                    yield parameter["name"]


@pytest.mark.parametrize(
    "service", [REGISTER, NOTIFICATION, ESCALATION, REPORTING], ids=lambda service: service.name
)
def test_every_part_of_an_address_is_one_that_names_nobody(service: Service) -> None:
    assert set(parameters(service)) - set(IN_ADDRESSES) == set()
