"""Contacts as schools send them: kept, warned of, refused."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from register_service.contacts.domain import (
    Contact,
    check_contacts,
    newly_reached,
    tidy_contacts,
)

CONTACT = Contact(
    key="1",
    name="Parent Example",
    relationship="parent",
    priority=1,
    parental_responsibility=True,
    court_order=False,
    language="en",
)
REACHED = replace(CONTACT, mobile="07700 900123", email="parent@example.org")


@pytest.mark.parametrize(
    ("contacts", "pointers"),
    [
        ([CONTACT], []),
        ([CONTACT, CONTACT], ["#/contacts/1/key"]),
        ([replace(CONTACT, key="")], ["#/contacts/0/key"]),
        ([replace(CONTACT, priority=0)], ["#/contacts/0/priority"]),
        ([replace(CONTACT, priority=100)], ["#/contacts/0/priority"]),
        ([replace(CONTACT, mobile="ask at reception")], []),
    ],
)
def test_what_is_wrong_with_contacts_is_pointed_at(
    contacts: list[Contact], pointers: list[str]
) -> None:
    assert [fault.pointer for fault in check_contacts(contacts)] == pointers


@pytest.mark.parametrize(
    "sent",
    [
        "07700 900123",
        "+44 (7700) 900-123",
        "07700\N{NO-BREAK SPACE}900123",
        "07700.900123",
        "Mum 07700 900123",
        "07700900123 (work)",
    ],
)
def test_a_mobile_is_kept_as_it_was_sent(sent: str) -> None:
    [contact], warnings = tidy_contacts([replace(CONTACT, mobile=sent)])
    assert (contact.mobile, warnings) == (sent, [])


@pytest.mark.parametrize(
    "sent",
    [
        "01632 960001",
        "0909 8790000",
        "+33 6 12 34 56 78",
        "07700 90012",
        "07700 9001234",
        "0770",
        "ask at reception",
    ],
)
def test_a_number_that_cannot_be_texted_is_kept_and_warned_of(sent: str) -> None:
    [contact], [warning] = tidy_contacts([replace(CONTACT, mobile=sent)])
    assert contact.mobile == sent
    assert warning.pointer == "#/contacts/0/mobile"
    assert sent not in warning.detail


@pytest.mark.parametrize("sent", [None, "", " ", "\N{NO-BREAK SPACE}"])
def test_no_number_is_none_and_no_fault(sent: str | None) -> None:
    [contact], warnings = tidy_contacts([replace(CONTACT, mobile=sent)])
    assert (contact.mobile, warnings) == (None, [])


def test_a_name_is_kept_composed() -> None:
    [kept], _ = tidy_contacts([replace(CONTACT, name="Zoe\u0308  Example ")])
    assert kept.name == "Zo\u00eb Example"


def test_a_number_longer_than_any_is_left_out() -> None:
    [contact], [warning] = tidy_contacts([replace(CONTACT, mobile="0" * 201)])
    assert (contact.mobile, warning.pointer) == (None, "#/contacts/0/mobile")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (" parent@example.org ", "parent@example.org"),
        ("parent@example", None),
        ("none", None),
        (None, None),
    ],
)
def test_an_address_is_kept_or_left_out(sent: str | None, kept: str | None) -> None:
    [contact], warnings = tidy_contacts([replace(CONTACT, email=sent)])
    assert contact.email == kept
    assert bool(warnings) == (kept is None and bool(sent))


@given(st.lists(st.sampled_from("abcdefg"), unique=True))
def test_contacts_come_in_the_order_of_their_keys(keys: list[str]) -> None:
    tidied, _ = tidy_contacts([replace(CONTACT, key=key) for key in keys])
    assert [contact.key for contact in tidied] == sorted(keys)


@pytest.mark.parametrize(
    ("before", "after", "newly"),
    [
        ([], [REACHED], True),
        ([CONTACT], [replace(CONTACT, mobile="07700 900123")], True),
        (
            [replace(CONTACT, mobile="01632 960001")],
            [replace(CONTACT, mobile="07700 900123")],
            True,
        ),
        ([replace(REACHED, court_order=True)], [REACHED], True),
        ([REACHED], [replace(REACHED, is_carer=True)], True),
        ([REACHED], [replace(REACHED, relationship="Foster carer")], True),
        ([REACHED], [], False),
        ([REACHED], [replace(REACHED, mobile="+44 7700 900123")], False),
        ([REACHED], [replace(REACHED, name="Parent Sample", priority=2)], False),
        ([REACHED], [replace(REACHED, mobile="01632 960001")], False),
        ([REACHED], [replace(REACHED, court_order=True)], False),
    ],
)
def test_whether_somebody_is_newly_reached(
    before: Sequence[Contact], after: Sequence[Contact], *, newly: bool
) -> None:
    assert newly_reached(before, after) is newly
