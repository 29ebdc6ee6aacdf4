"""Enrolments and statuses as rules of care see them."""

from datetime import date
from uuid import UUID

from uuid_utils.compat import uuid7

from attendance_contracts.events import CareStatus
from attendance_contracts.identifiers import make_upn
from register_service.roll.domain import Enrolled, Enrolment, Identity

TODAY = date(2026, 11, 20)
BORN = date(2017, 5, 4)
UPN = make_upn(332, 2000, 21, 1)
CHILD, OTHER_CHILD = sorted(uuid7() for _ in range(2))


def enrolled(
    *,
    child: UUID = CHILD,
    area: str = "332",
    born: date = BORN,
    surname: str = "Example",
    ends_on: date | None = None,
) -> Enrolled:
    """A child on a school's roll since September."""
    return Enrolled(
        enrolment=Enrolment(
            id=uuid7(),
            child_id=child,
            school_id=uuid7(),
            starts_on=date(2026, 9, 1),
            ends_on=ends_on,
            year_group="4",
            class_code="4A",
            status="main",
            version=1,
        ),
        identity=Identity(
            forename="Avery",
            surname=surname,
            date_of_birth=born,
            sex=None,
            confidential_by=None,
            revision=1,
        ),
        authority_code=area,
    )


def status(
    authority: str = "332",
    *,
    kind: str = "CIN",
    since: date = date(2026, 1, 5),
    until: date | None = None,
    worker: str | None = "worker-1",
) -> CareStatus:
    """A status, open unless it is said until when."""
    return CareStatus(
        kind=kind,
        authority_code=authority,
        worker=worker,
        team=None,
        valid_from=since,
        valid_to=until,
    )
