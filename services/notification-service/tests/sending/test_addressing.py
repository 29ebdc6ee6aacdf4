"""Who gets a message, which travel together, and what they say."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import time
from uuid import UUID, uuid4

import pytest

from attendance_contracts.calendar import Session
from notification_service.contacts.domain import Kind
from notification_service.messages.domain import Addressed, Claimed, Failed, NotOpen, PutOff
from notification_service.purposes import rules_of
from notification_service.recipients.domain import (
    Answer,
    Channel,
    CorrectionHours,
    Recipient,
    State,
    fingerprint,
)
from notification_service.sending import domain
from notification_service.sending.domain import merge
from notification_testing.facts import MONDAY, at

SCHOOL = uuid4()
MOBILE, EMAIL = "+447700900123", "parent@example.org"
KEY = b"a key"


def claimed(**changes: object) -> Claimed:
    whole = Claimed(
        id=uuid4(),
        episode_id=uuid4(),
        enrolment_id=uuid4(),
        child_id=uuid4(),
        school_id=SCHOOL,
        date=MONDAY,
        sessions=(Session.AM,),
        kind=Kind.FIRST,
        contact_id=None,
        due_at=at("08:20"),
        version=1,
        attempt=1,
        tried_seconds=0,
    )
    return replace(whole, **changes)  # type: ignore[arg-type] # a test names fields of a message


def address(claimed: Claimed, answer: Answer) -> Addressed | NotOpen | Failed:
    found = domain.answered(rules_of(claimed), claimed, answer, KEY, now=at("09:00"))
    assert not isinstance(found, PutOff)
    return found


def is_true(claimed: Claimed, answer: Answer) -> bool:
    return rules_of(claimed).is_true(claimed, answer)


def failed_at(*addresses: str) -> frozenset[UUID]:
    return frozenset(fingerprint(one, KEY) for one in addresses)


def recipient(
    mobile: str | None = MOBILE, email: str | None = None, priority: int = 1
) -> Recipient:
    return Recipient(contact_id=uuid4(), mobile=mobile, email=email, priority=priority)


def answer(
    *recipients: Recipient, am: State | None = "unexplained", pm: State | None = None
) -> Answer:
    stands = {Session.AM: am, Session.PM: pm}
    return Answer(
        child_name="Robin",
        school_name="Amber School",
        missed=tuple(session for session, state in stands.items() if state == "unexplained"),
        stands={session: state for session, state in stands.items() if state},
        hours=CorrectionHours(time(20), time(8), None),
        recipients=recipients,
    )


def addressed(
    message: Claimed,
    name: str,
    number: str = MOBILE,
    *,
    missed: tuple[Session, ...] = (Session.AM,),
) -> Addressed:
    return Addressed(
        claimed=message,
        missed=missed,
        contact_id=uuid4(),
        channel=Channel.SMS,
        address=number,
        fingerprint=fingerprint(number, KEY),
        child_name=name,
        school_name="Amber School",
    )


def test_a_first_message_goes_to_the_first_by_priority() -> None:
    second, first = recipient(priority=2), recipient(priority=1)

    found = address(claimed(), answer(second, first))

    assert isinstance(found, Addressed)
    assert found.contact_id == first.contact_id


@pytest.mark.parametrize(
    ("who", "channel", "written"),
    [
        (recipient(mobile=MOBILE, email=EMAIL), Channel.SMS, MOBILE),
        (recipient(mobile=None, email=EMAIL), Channel.EMAIL, EMAIL),
        (recipient(mobile="", email=EMAIL), Channel.EMAIL, EMAIL),
    ],
)
def test_a_text_is_sent_and_an_email_where_there_is_no_mobile(
    who: Recipient, channel: Channel, written: str
) -> None:
    found = address(claimed(), answer(who))

    assert isinstance(found, Addressed)
    assert (found.channel, found.address) == (channel, written)


MOTHER, FATHER = recipient(email=EMAIL), recipient("+447700900124", priority=2)


@pytest.mark.parametrize(
    ("failed", "channel", "to"),
    [
        ([], Channel.SMS, MOBILE),
        ([MOBILE], Channel.EMAIL, EMAIL),
        (["+447700900999"], Channel.SMS, MOBILE),
        ([EMAIL], Channel.SMS, MOBILE),
        ([MOBILE, "Parent@Example.ORG"], Channel.SMS, "+447700900124"),
    ],
)
def test_the_turn_passes_to_the_same_persons_address_and_then_to_the_next_person(
    failed: Sequence[str], channel: Channel, to: str
) -> None:
    found = address(claimed(failed_at=failed_at(*failed)), answer(FATHER, MOTHER))

    assert isinstance(found, Addressed)
    assert (found.channel, found.address) == (channel, to)


def test_who_has_the_number_that_failed_is_passed_over_too() -> None:
    aunt = recipient("+447700900125", priority=3)
    father = replace(FATHER, mobile=MOBILE)
    found = address(claimed(failed_at=failed_at(MOBILE, EMAIL)), answer(MOTHER, father, aunt))

    assert isinstance(found, Addressed)
    assert found.contact_id == aunt.contact_id


def test_nobody_is_left_when_every_address_has_failed() -> None:
    every = failed_at(MOBILE, EMAIL, "+447700900124")
    assert address(claimed(failed_at=every), answer(MOTHER, FATHER)) == Failed("nobody-to-tell")


def test_a_correction_goes_the_way_by_which_the_person_was_told() -> None:
    correction = claimed(
        kind=Kind.CORRECTION, contact_id=MOTHER.contact_id, failed_at=failed_at(MOBILE)
    )
    found = address(correction, answer(MOTHER, FATHER, am="withdrawn"))

    assert isinstance(found, Addressed)
    assert (found.channel, found.address) == (Channel.EMAIL, EMAIL)


def test_who_cannot_be_reached_is_passed_over() -> None:
    unreachable, reachable = recipient(mobile=None), recipient(priority=2)

    found = address(claimed(), answer(unreachable, reachable))

    assert isinstance(found, Addressed)
    assert found.contact_id == reachable.contact_id


@pytest.mark.parametrize(
    ("kind", "given", "fate"),
    [
        (Kind.FIRST, answer(recipient(), am="withdrawn"), NotOpen()),
        (Kind.FIRST, answer(), Failed("nobody-to-tell")),
        (Kind.FIRST, answer(recipient(mobile=None)), Failed("nobody-to-tell")),
        (Kind.CORRECTION, answer(am="withdrawn"), Failed("no-longer-allowed")),
        (Kind.CORRECTION, answer(recipient(), am="withdrawn"), Failed("no-longer-allowed")),
    ],
)
def test_a_message_without_anybody_to_go_to_has_its_fate(
    kind: Kind, given: Answer, fate: NotOpen | Failed
) -> None:
    assert address(claimed(kind=kind, contact_id=UUID(int=9)), given) == fate


@pytest.mark.parametrize(
    ("am", "pm", "first", "correction"),
    [
        ("unexplained", None, True, False),
        ("withdrawn", "unexplained", True, False),
        ("explained", None, False, False),
        ("settled", None, False, False),
        ("retracted", None, False, False),
        (None, None, False, False),
        ("withdrawn", None, False, True),
        ("withdrawn", "explained", False, True),  # nobody looked for the child in the afternoon
    ],
)
def test_a_message_goes_only_while_the_register_says_what_it_says(
    am: State | None, pm: State | None, *, first: bool, correction: bool
) -> None:
    now = answer(am=am, pm=pm)

    assert is_true(claimed(), now) is first
    assert is_true(claimed(kind=Kind.CORRECTION), now) is correction


def test_nothing_is_said_of_a_session_that_has_not_begun() -> None:
    """A mark for the afternoon came with the morning's."""
    whole_day = claimed(sessions=(Session.AM, Session.PM))
    before_lunch = replace(answer(recipient(), pm="unexplained"), missed=(Session.AM,))
    only_ahead = replace(answer(recipient(), am="withdrawn", pm="unexplained"), missed=())

    found = address(whole_day, before_lunch)

    assert isinstance(found, Addressed)
    assert found.missed == (Session.AM,)
    assert isinstance(address(whole_day, only_ahead), NotOpen)


def test_a_correction_of_the_whole_day_waits_for_both_sessions() -> None:
    whole_day = claimed(kind=Kind.CORRECTION, sessions=(Session.AM, Session.PM))

    assert not is_true(whole_day, answer(am="withdrawn", pm="explained"))
    assert is_true(whole_day, answer(am="withdrawn", pm="withdrawn"))


def test_a_correction_goes_to_the_one_who_was_told_and_nobody_else() -> None:
    other, told = recipient(priority=1), recipient(priority=2)
    correction = claimed(kind=Kind.CORRECTION, contact_id=told.contact_id)

    found = address(correction, answer(other, told, am="withdrawn"))

    assert isinstance(found, Addressed)
    assert found.contact_id == told.contact_id


def grouped(messages: Sequence[Addressed]) -> list[list[str]]:
    return [[one.child_name for one in group] for group in merge(messages)]


def test_brothers_and_sisters_at_one_school_share_a_text() -> None:
    assert grouped([addressed(claimed(), "Robin"), addressed(claimed(), "Alex")]) == [
        ["Robin", "Alex"]
    ]


@pytest.mark.parametrize(
    "difference",
    [{"school_id": uuid4()}, {"date": MONDAY.replace(day=8)}, {"kind": Kind.CORRECTION}],
)
def test_messages_of_another_school_day_or_kind_travel_alone(difference: dict[str, object]) -> None:
    pair = [addressed(claimed(), "Robin"), addressed(claimed(**difference), "Alex")]

    assert len(grouped(pair)) == 2


def test_messages_to_another_number_travel_alone() -> None:
    pair = [addressed(claimed(), "Robin"), addressed(claimed(), "Alex", "+447700900124")]

    assert len(grouped(pair)) == 2


def test_neither_a_number_nor_a_name_shows_when_a_value_is_printed() -> None:
    shown = repr([addressed(claimed(), "Robin"), answer(recipient(email=EMAIL))])

    assert not any(value in shown for value in ("Robin", MOBILE, EMAIL))
