"""What is refused passes through every step, and keeps its place among the drafts."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Final, NamedTuple
from uuid import UUID

import pytest

from attendance_contracts.calendar import Session
from attendance_contracts.faults import NOT_ACCEPTED, NOT_FOUND, Refusal
from attendance_runtime.errors import Invalid, NotFound, error_of
from register_service.calendar.domain import SchoolSession, SessionAt
from register_service.registers import domain
from register_service.registers.domain import (
    ChangedMark,
    Draft,
    Order,
    SentMark,
    TakenBack,
    Unmarked,
)
from register_service.roll.domain import Pupil, Roll, RollName

MONDAY = date(2026, 9, 7)
NOW = datetime(2026, 9, 7, 8, 0, tzinfo=UTC)
SCHOOL = SchoolSession(UUID(int=1), UUID(int=2), frozenset("N"), taught=True)
AVERY = Pupil("a", UUID(int=11), UUID(int=21), MONDAY, None)
BLAKE = Pupil("b", UUID(int=12), UUID(int=22), MONDAY, None)
NO_CALENDAR = SchoolSession(UUID(int=1), UUID(int=2), frozenset("N"), taught=None)
NO_SUCH_SESSION = SchoolSession(UUID(int=1), UUID(int=2), frozenset("N"), taught=False)


class Mis(NamedTuple):
    subject: str = "demo-mis"


def an_order(codes: Mapping[str, str], *, class_code: str = "", keep_good: bool = False) -> Order:
    """Give pupils, by MIS id, a code each; an empty one is no mark."""
    pairs = list(enumerate(codes.items()))
    return Order(
        at=SessionAt("100001", MONDAY, Session.AM),
        class_code=class_code,
        marks=[SentMark(place, "MIS_ID", key, code) for place, (key, code) in pairs if code],
        unmarked=[Unmarked(place, "MIS_ID", key) for place, (key, code) in pairs if not code],
        sender=Mis(),
        keep_good=keep_good,
        traceparent=class_code or None,
    )


ROLLS: Final[Mapping[RollName, Roll]] = MappingProxyType(
    {
        RollName(SCHOOL.roll_version, SCHOOL.school_id, "", "MIS_ID"): [AVERY, BLAKE],
        RollName(SCHOOL.roll_version, SCHOOL.school_id, "4A", "MIS_ID"): [AVERY],
    }
)


def drafted(*orders: Order, school: SchoolSession | None = SCHOOL) -> list[Draft | Refusal]:
    """Take orders through the steps that come before the writing."""
    drafts = domain.check(orders, [school for _ in orders], today=MONDAY)
    assert domain.class_rolls(drafts) <= ROLLS.keys()
    drafts = domain.name_by_class(drafts, ROLLS)
    assert domain.school_rolls(drafts) <= ROLLS.keys()
    return domain.accept(domain.name_strays(drafts, ROLLS), {})


def test_a_refused_order_keeps_its_place_and_its_neighbours_go_on() -> None:
    first, refused, last = drafted(
        an_order({"a": "/"}), an_order({"a": "!", "b": "/"}), an_order({"b": "N"}, class_code="4A")
    )
    assert isinstance(first, Draft)
    assert isinstance(refused, Refusal)
    assert [fault.pointer for fault in refused.faults] == ["#/marks/0/code"]
    assert isinstance(last, Draft)
    assert [pupil for _, pupil in last.named] == [BLAKE]  # who is not in 4A is looked for beyond


def test_where_the_good_are_kept_the_others_are_pointed_at() -> None:
    [draft] = drafted(an_order({"a": "!", "b": "/", "nobody": "/"}, keep_good=True))
    assert isinstance(draft, Draft)
    assert [pupil for _, pupil in draft.named] == [BLAKE]
    assert [fault.position for fault in draft.wrong] == [0, 2]


def test_only_the_rolls_that_are_needed_are_asked_for() -> None:
    drafts = domain.check([an_order({"a": "/"}, class_code="4A")], [SCHOOL], today=MONDAY)
    assert [name.class_code for name in domain.class_rolls(drafts)] == ["4A"]
    assert domain.school_rolls(domain.name_by_class(drafts, ROLLS)) == set()


def test_what_is_told_carries_the_trace_of_its_own_order() -> None:
    drafts = drafted(an_order({"a": "N", "b": ""}, class_code="4A"), an_order({"a": "!"}))
    [draft] = domain.not_refused(drafts)
    was = ChangedMark(BLAKE.enrolment_id, BLAKE.child_id, "/", None)
    new = ChangedMark(AVERY.enrolment_id, AVERY.child_id, None, "N")
    drafts = domain.written(
        drafts, {draft.register: [new]}, {draft.register: TakenBack([was], standing=[])}
    )
    assert {trace for _, trace in domain.news_with_traces(drafts, now=NOW)} == {"4A"}
    [draft] = domain.not_refused(drafts)
    outcome = domain.outcome(draft)
    assert (outcome.new, outcome.changed, outcome.unchanged, outcome.missing) == (1, 1, 0, [])


@pytest.mark.parametrize(
    ("school", "title"),
    [(None, NOT_FOUND), (NO_CALENDAR, NOT_ACCEPTED), (NO_SUCH_SESSION, NOT_ACCEPTED)],
)
def test_a_session_that_cannot_be_marked_refuses_its_order(
    school: SchoolSession | None, title: str
) -> None:
    [refusal] = drafted(an_order({"a": "/"}), school=school)
    assert isinstance(refusal, Refusal)
    assert refusal.title == title


def test_a_refusal_becomes_the_error_of_its_kind() -> None:
    assert isinstance(error_of(Refusal(NOT_FOUND, "Nothing here.")), NotFound)
    refused = error_of(Refusal(NOT_ACCEPTED, "Correct it."))
    assert isinstance(refused, Invalid)
    assert refused.title == NOT_ACCEPTED
