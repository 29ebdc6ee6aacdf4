"""Who may be told, as a table of cases."""

from dataclasses import replace
from uuid import UUID

import pytest

from register_service.contacts.domain import Candidate, eligible_contacts

PARENT = Candidate(
    contact_id=UUID(int=1),
    name="Parent One",
    relationship="parent",
    mobile="07700900001",
    email=None,
    priority=1,
    parental_responsibility=True,
    court_order=False,
    language="en",
)
SECOND = replace(PARENT, contact_id=UUID(int=2), priority=2)
BARRED = replace(PARENT, contact_id=UUID(int=3), court_order=True)
SILENT = replace(PARENT, contact_id=UUID(int=4), mobile=None)
LANDLINE = replace(PARENT, contact_id=UUID(int=8), mobile="01632 960001")
BY_MAIL = replace(SILENT, contact_id=UUID(int=5), email="five@example.org")
CARER = replace(PARENT, contact_id=UUID(int=6), relationship="Foster carer", priority=3)
NEIGHBOUR = replace(PARENT, contact_id=UUID(int=7), parental_responsibility=False)


@pytest.mark.parametrize(
    ("contacts", "looked_after", "told"),
    [
        ([SECOND, PARENT], False, [PARENT, SECOND]),
        ([BARRED, SECOND], False, [SECOND]),
        ([SILENT, BY_MAIL], False, [BY_MAIL]),
        ([LANDLINE, SECOND], False, [SECOND]),
        (
            [replace(LANDLINE, email="eight@example.org")],
            False,
            [replace(LANDLINE, email="eight@example.org")],
        ),
        ([NEIGHBOUR, PARENT], False, [PARENT, NEIGHBOUR]),
        ([PARENT, CARER], True, [CARER]),
        ([PARENT], True, []),
        ([], False, []),
    ],
    ids=[
        "by priority",
        "nobody under a court order",
        "only who can be reached",
        "a landline reaches nobody by text",
        "beside an address it does no harm",
        "parental responsibility first",
        "a foster carer instead of the parents",
        "no parent of a looked-after child",
        "nobody known",
    ],
)
def test_who_may_be_told(
    contacts: list[Candidate],
    looked_after: bool,
    told: list[Candidate],
) -> None:
    assert eligible_contacts(contacts, looked_after=looked_after) == told
