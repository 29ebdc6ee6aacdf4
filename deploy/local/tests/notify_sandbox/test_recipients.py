"""Which numbers and addresses Notify takes."""

import pytest

from notify_sandbox.errors import NotifyError
from notify_sandbox.recipients import normal_email_address, normal_phone_number, normalised


def test_every_number_set_aside_for_stories_is_taken() -> None:
    for last in range(1000):
        assert normal_phone_number(f"07700 900{last:03d}") == f"447700900{last:03d}"


@pytest.mark.parametrize(
    "written",
    [
        "07700900123",
        "07700 900 123",
        "(07700) 900-123",
        "+447700900123",
        "+44 (0)7700 900123",
        "00447700900123",
        "447700900123",
        "7700900123",
    ],
)
def test_a_uk_mobile_may_be_written_in_many_ways(written: str) -> None:
    assert normal_phone_number(written) == "447700900123"


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("07700 90012", "phone_number Not enough digits"),
        ("07700 9001234", "phone_number Too many digits"),
        ("0121 496 0000", "phone_number Not a UK mobile number"),
        ("", "phone_number Must not contain letters or symbols"),
        ("07700 90012x", "phone_number Must not contain letters or symbols"),
        ("07700/900123", "phone_number Must not contain letters or symbols"),
        ("+33", "phone_number Not enough digits"),
        ("+33612345678901234", "phone_number Too many digits"),
        ("+33 6 12 34 56 78", "Cannot send to international mobile numbers"),
    ],
)
def test_any_other_number_is_refused(written: str, message: str) -> None:
    with pytest.raises(NotifyError) as refused:
        normal_phone_number(written)
    assert refused.value.messages == (message,)


@pytest.mark.parametrize(
    "written", ["parent@example.org", " Parent@Example.ORG ", "a.b+c'd@sub.example.org"]
)
def test_an_ordinary_address_is_taken(written: str) -> None:
    assert normal_email_address(written) == written.strip().lower()


@pytest.mark.parametrize(
    "written",
    [
        "parent",
        "parent@example",
        "@example.org",
        "a b@example.org",
        "a..b@example.org",
        "a@.org",
        "a@-example.org",
        "a@b@example.org",
        "a" * 320 + "@example.org",
        "a@example.org\n.uk",
    ],
)
def test_a_broken_address_is_refused(written: str) -> None:
    with pytest.raises(NotifyError) as refused:
        normal_email_address(written)
    assert refused.value.messages == ("email_address Not a valid email address",)


def test_what_cannot_be_normalised_is_searched_for_as_it_is() -> None:
    assert normalised("07700 900123") == "447700900123"
    assert normalised("Parent@example.org") == "parent@example.org"
    assert normalised("somebody") == "somebody"
