"""Who takes part: the authorities, the schools' supplier and offices, the social workers."""

import asyncio
from dataclasses import dataclass
from typing import Final

from attendance_testing.platform import Platform
from demo_authority.authority.model import Roll
from demo_authority.play.bodies import SUPPLIER

_ADMINISTRATOR: Final = (
    "school.read school.write care.write case.read case.write register.read child.read absence.read"
)
_SUPPLIER: Final = "register.write roll.write calendar.write school.write"
_STAFF: Final = (
    "register.read register.write mark.amend case.read case.write contact.read roll.read child.read"
)
_WORKER: Final = "caseload.read child.read case.read"
_READS_IN_BULK: Final = "reporting-service"


@dataclass(frozen=True, slots=True)
class Participant:
    """A client of the demo: its id at the issuer, the person or system, and for whom it acts."""

    client_id: str
    sub: str
    org: str
    scopes: str


def authority_client(code: str) -> str:
    """Return the client id of an authority's administrator."""
    return f"authority-{code}"


def school_client(urn: str) -> str:
    """Return the client id of a school's office."""
    return f"school-{urn}"


SUPPLIER_CLIENT: Final = SUPPLIER
BULK_CLIENT: Final = _READS_IN_BULK
"""The platform's own service client that may read whole tables."""


def workers_of(roll: Roll) -> list[str]:
    """Return the subject ids of the social workers, who are their own clients."""
    return sorted({status.worker for child in roll.children for status in child.care})


def participants(roll: Roll) -> list[Participant]:
    """Return everybody who sends or reads something in this authority."""
    codes = {roll.figures.code}
    codes |= {status.authority_code for child in roll.children for status in child.care}
    authorities = [
        Participant(
            authority_client(code), f"administrator-{code}", f"authority:{code}", _ADMINISTRATOR
        )
        for code in sorted(codes)
    ]
    offices = [
        Participant(
            school_client(school.urn), f"office-{school.urn}", f"school:{school.urn}", _STAFF
        )
        for school in roll.schools
    ]
    # A worker's organisation opens nothing: what they may see is what is allocated to them.
    workers = [
        Participant(worker, worker, f"social-care:{roll.figures.code}", _WORKER)
        for worker in workers_of(roll)
    ]
    supplier = Participant(SUPPLIER_CLIENT, SUPPLIER, f"supplier:{SUPPLIER}", _SUPPLIER)
    return [*authorities, supplier, *offices, *workers]


async def add_participants(platform: Platform, roll: Roll) -> None:
    """Make all of them known to the stack's token issuer."""
    await asyncio.gather(
        *(
            platform.add_client(one.client_id, sub=one.sub, org=one.org, scopes=one.scopes)
            for one in participants(roll)
        )
    )
