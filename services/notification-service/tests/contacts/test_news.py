"""What became of messages, as it is told."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from attendance_contracts.calendar import Session
from attendance_contracts.events import (
    ContactDelivered,
    ContactExhausted,
    ContactFailed,
    ContactSent,
)
from notification_service.contacts.domain import (
    Episode,
    Fact,
    Kind,
    News,
    NewState,
    exhausted_in,
    news_of,
)
from notification_service.messages.domain import MessageState
from notification_service.recipients.domain import Channel

NOW = datetime(2026, 9, 7, 8, 21, tzinfo=UTC)
SUNDAY, MONDAY, TUESDAY = date(2026, 9, 6), date(2026, 9, 7), date(2026, 9, 8)
SCHOOL, OTHER = UUID(int=1), UUID(int=2)


def an_episode(
    number: int,
    *,
    school: UUID = SCHOOL,
    day: date = MONDAY,
    is_open: bool = False,
    exhausted_in: int | None = None,
) -> Episode:
    return Episode(
        id=UUID(int=100 + number),
        enrolment_id=UUID(int=200 + number),
        child_id=UUID(int=300 + number),
        school_id=school,
        date=day,
        facts={Session.AM: Fact("unexplained" if is_open else "explained", NOW)},
        exhausted_in=exhausted_in,
    )


def new_state(state: MessageState, number: int, **of: object) -> NewState:
    kind, channel = of.pop("kind", Kind.FIRST), of.pop("channel", Channel.SMS)
    reason, at = of.pop("reason", None), of.pop("at", NOW)
    episode = an_episode(number, **of)  # type: ignore[arg-type]
    return NewState(state, UUID(int=number), kind, channel, episode, at, reason)  # type: ignore[arg-type]


def rows_of(event: News) -> list[int]:
    return [enrolment.int for enrolment in event.enrolments]


def test_what_fared_alike_is_one_event_with_a_row_for_each_message() -> None:
    assert news_of([new_state(MessageState.SENT, 1), new_state(MessageState.SENT, 2)], now=NOW) == [
        ContactSent(
            school_id=SCHOOL,
            date=MONDAY,
            kind="first",
            channel="sms",
            recorded_at=NOW,
            messages=(UUID(int=1), UUID(int=2)),
            enrolments=(UUID(int=201), UUID(int=202)),
            children=(UUID(int=301), UUID(int=302)),
        )
    ]


def test_schools_days_kinds_and_channels_are_told_apart() -> None:
    sent = MessageState.SENT
    news = news_of(
        [
            new_state(sent, 1),
            new_state(sent, 2, school=OTHER),
            new_state(sent, 3, day=TUESDAY),
            new_state(sent, 4, kind=Kind.CORRECTION),
            new_state(sent, 5, channel=Channel.EMAIL),
            new_state(MessageState.FAILED, 6),
        ],
        now=NOW,
    )
    assert [rows_of(event) for event in news] == [[201], [202], [203], [204], [205], [206]]
    assert [type(event) for event in news] == [ContactSent] * 5 + [ContactFailed]


def test_a_message_is_told_as_sent_before_it_is_told_as_delivered() -> None:
    news = news_of(
        [
            new_state(MessageState.DELIVERED, 1),
            new_state(MessageState.SENT, 2),
            new_state(MessageState.DELIVERED, 2),
        ],
        now=NOW,
    )
    assert [(type(event), rows_of(event)) for event in news] == [
        (ContactSent, [202]),
        (ContactDelivered, [201, 202]),
    ]


def test_of_what_is_tried_again_or_cancelled_nothing_is_told() -> None:
    assert (
        news_of([new_state(MessageState.DUE, 1), new_state(MessageState.CANCELLED, 2)], now=NOW)
        == []
    )


FAILED = MessageState.FAILED


def test_a_kind_that_the_contract_does_not_name_is_nobody_elses_to_hear_of() -> None:
    """Who hears these events would trip over a word that is none of theirs."""
    assert news_of([new_state(MessageState.SENT, 1, kind="a-new-kind")], now=NOW) == []


def test_families_whom_nobody_could_tell_are_told_of_together() -> None:
    nobody = [new_state(FAILED, number, channel=None, is_open=True) for number in (1, 2)]
    assert news_of(nobody, now=NOW) == [
        ContactExhausted(
            school_id=SCHOOL,
            date=MONDAY,
            recorded_at=NOW,
            enrolments=(UUID(int=201), UUID(int=202)),
            children=(UUID(int=301), UUID(int=302)),
        )
    ]


@pytest.mark.parametrize(
    ("message", "told"),
    [
        (
            new_state(FAILED, 1, is_open=True, reason="provider-away"),
            [ContactFailed, ContactExhausted],
        ),
        (new_state(FAILED, 1, is_open=True, reason="refused"), [ContactFailed]),
        (new_state(FAILED, 1, is_open=True, reason="permanent-failure"), [ContactFailed]),
        (
            new_state(FAILED, 1, is_open=True, reason="permanent-failure", day=SUNDAY),
            [ContactFailed, ContactExhausted],
        ),
        (new_state(FAILED, 1, channel=None, is_open=True, exhausted_in=1), []),
        (new_state(FAILED, 1, channel=None, is_open=True), [ContactExhausted]),
        (new_state(FAILED, 1, channel=None), []),
        (new_state(FAILED, 1, kind=Kind.CORRECTION, is_open=True), [ContactFailed]),
        (new_state(MessageState.CANCELLED, 1, channel=None, is_open=True), []),
        (new_state(MessageState.SENT, 1, is_open=True), [ContactSent]),
    ],
    ids=[
        "the provider was away",
        "refused: the turn passes on",
        "failed for good: the turn passes on",
        "failed when its day was over",
        "said before",
        "nobody to tell",
        "explained",
        "a correction",
        "cancelled",
        "sent",
    ],
)
def test_nobody_is_left_only_when_a_first_message_failed_and_the_absence_is_open(
    message: NewState, told: list[type]
) -> None:
    assert [type(event) for event in news_of([message], now=NOW)] == told


def test_that_nobody_is_left_is_noted_until_somebody_is_told() -> None:
    left, told = new_state(FAILED, 1, is_open=True), MessageState.SENT
    noted = new_state(told, 2, exhausted_in=1)
    assert exhausted_in([left, noted, new_state(told, 3)]) == {
        left.episode.id: 1,
        noted.episode.id: None,
    }
