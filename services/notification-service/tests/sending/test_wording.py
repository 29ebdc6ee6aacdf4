"""What a message says, to one family or of brothers and sisters together."""

from collections.abc import Sequence

import pytest

from attendance_contracts.calendar import Session
from notification_service.contacts.domain import Kind
from notification_service.messages.domain import Addressed
from notification_service.purposes import rules_of
from notification_service.sending.domain import values

from .test_addressing import addressed, claimed


def words(*messages: Addressed) -> dict[str, str]:
    return dict(values(rules_of(messages[0].claimed), messages))


def test_a_text_names_the_child_the_school_the_day_and_the_part_of_it() -> None:
    assert words(addressed(claimed(), "Robin")) == {
        "child": "Robin",
        "school": "Amber School",
        "date": "Monday 7 September",
        "session": "in the morning",
    }


def test_a_shared_text_names_every_child() -> None:
    pair = [addressed(claimed(), name) for name in ("Robin", "Alex")]
    three = [*pair, addressed(claimed(), "Kim")]

    assert words(*pair)["children"] == "Alex and Robin"
    assert words(*three)["children"] == "Alex, Kim and Robin"
    assert "child" not in words(*pair)


def test_a_correction_says_nothing_of_the_part_of_the_day() -> None:
    assert "session" not in words(addressed(claimed(kind=Kind.CORRECTION), "Robin"))


@pytest.mark.parametrize(
    ("sessions", "part"),
    [
        ([(Session.AM,)], "in the morning"),
        ([(Session.PM,)], "in the afternoon"),
        ([(Session.AM, Session.PM)], "all day"),
        ([(Session.AM,), (Session.AM,)], "in the morning"),
        ([(Session.AM,), (Session.AM, Session.PM)], "for at least one session"),
    ],
)
def test_the_part_of_the_day_is_true_of_every_child_named(
    sessions: Sequence[tuple[Session, ...]], part: str
) -> None:
    messages = [addressed(claimed(), "Robin", missed=each) for each in sessions]

    assert words(*messages)["session"] == part
