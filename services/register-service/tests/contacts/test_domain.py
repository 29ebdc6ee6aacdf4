"""Who may be told, as a table of cases."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

import pytest

from attendance_contracts.calendar import Session, slot
from attendance_contracts.counting import OnRoll, SchoolHours
from register_service.absences.domain import Entry, Standing
from register_service.contacts.domain import Candidate, ChildToday, eligible_contacts

AM, PM = Session

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


FRIDAY = date(2026, 11, 20)
MORNING, AFTERNOON = slot(FRIDAY, AM), slot(FRIDAY, PM)
ROBIN = ChildToday(
    day=FRIDAY,
    enrolment_id=UUID(int=8),
    child_name="Robin",
    school_name="Amber School",
    contact_codes=frozenset("N"),
    on_roll=OnRoll(date(2026, 9, 2)),
    held=frozenset({MORNING, AFTERNOON}),
    hours=SchoolHours(time(8, 45), time(13)),
    said={AM: [Entry("N")]},
    quiet_from=time(20),
    quiet_until=time(8),
    next_school_day=None,
    looked_after=False,
    contacts=[],
)


@pytest.mark.parametrize(
    ("changes", "open_sessions"),
    [
        ({}, [AM]),
        ({"said": {}}, []),
        ({"said": {AM: [Entry("N")], PM: [Entry("N")]}}, [AM, PM]),
        ({"said": {AM: [Entry("N"), Entry("O")]}}, [AM]),
        ({"said": {AM: [Entry("N"), Entry("O", by_name=True)]}}, []),
        ({"said": {AM: [Entry("N"), Entry(None)]}}, []),
        ({"said": {AM: [Entry("N"), Entry("I")], PM: [Entry("N")]}}, [PM]),
        ({"on_roll": OnRoll(FRIDAY, FRIDAY)}, [AM]),
        ({"on_roll": OnRoll(date(2026, 9, 2), date(2026, 11, 19))}, []),
        ({"on_roll": OnRoll(date(2026, 11, 21))}, []),
        ({"held": frozenset()}, []),
        ({"held": frozenset({AFTERNOON})}, []),
        ({"held": frozenset({AFTERNOON}), "said": {AM: [Entry("N")], PM: [Entry("N")]}}, [PM]),
    ],
    ids=[
        "a mark that nobody explained",
        "no mark",
        "morning and afternoon",
        "an O after the N explains nothing",
        "an O by name settles it",
        "the mark was taken back",
        "the morning has a reason, the afternoon none",
        "the child's last day",
        "the child has left since",
        "the child starts later after all",
        "the day turns out to be no school day",
        "the morning was not held",
        "the afternoon was",
    ],
)
def test_in_which_sessions_nobody_knows_where_a_child_is(
    changes: dict[str, Any], open_sessions: list[Session]
) -> None:
    evening = datetime(2026, 11, 20, 18, tzinfo=UTC)

    assert list(replace(ROBIN, **changes).open_sessions(evening)) == open_sessions


def test_an_absence_entered_beforehand_is_open_once_its_session_has_begun() -> None:
    planned = replace(ROBIN, said={PM: [Entry("N")]})
    before, after = (datetime(2026, 11, 20, hour, tzinfo=UTC) for hour in (12, 13))

    assert planned.stands(before) == planned.stands(after) == {PM: Standing.UNEXPLAINED}
    assert (list(planned.open_sessions(before)), list(planned.open_sessions(after))) == ([], [PM])
