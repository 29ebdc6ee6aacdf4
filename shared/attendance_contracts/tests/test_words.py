"""Which words are kept, and which names may stand in a message."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendance_contracts.words import (
    check_person_name,
    check_school_name,
    check_text,
    is_blank,
    tidy_words,
)

CHECKS = [check_person_name, check_school_name]

PERSONS = [
    "O'Brien",
    "O’Brien",  # noqa: RUF001  as word processors write it
    "d'Souza",
    "Anne-Marie",
    "Nguyễn Thị",
    "Nguye\u0302\u0303n",  # the same letters, taken apart
    "St. John",
    "St.John-Smith",
    "J.R. Smith",
    "J.R.Smith",
    "J.Kim",
    "Md.Rahman",
    "Mary Jo",
    "Ng",
    "Łukasz",
    "Zoë",
    "محمد",
    "王小明",
    "किरण",
    "Sammy (Sam) Davis, Jr.",
    "Rajan s/o Kumar",
    "Abd al-Rahman ibn Khalid",
    "M" * 60,
]
SCHOOLS = [
    "Heron Way Primary School",
    "St. Mary's C.E. (V.A.) Primary School",
    "St.Peter and St.Paul Catholic Primary School",
    "All Saints' C.of E. Infant & Nursery School",
    "UTC@Harbourside",
    "No.1 High Street School",
    "Area 51 Free School, Ages 4-18",
    "S" * 100,
]
ADDRESSES = [
    "http://example.org",
    "Ann https://example.org/x",
    "HTTPS://EXAMPLE.ORG",
    "ftp://x",
    "www.example.org",
    "Www.Ann",
    "Call example.org now",
    "example.org",
    "Example.Org.",
    "(example.org)",
    "example.org/path",
    "example.co.uk",
    "bit.ly/abc",
    "t.co",
    "x.com",
    "q.ng/abc",
    "ann@example.org",
    "sub-domain.example.museum",
    "пример.рф",
    "example\u3002org",
    "\uff45xample\uff0eorg",
    "\uff48ttp\uff1a\uff0f\uff0fx",
]
UNSEEN = {
    "line feed": "Ann\nPay here",
    "tab": "Ann\tLee",
    "null": "Ann\0",
    "delete": "Ann\x7f",
    "next line": "Ann\x85Lee",
    "line separator": "Ann\u2028Lee",
    "right to left override": "Ann\u202eeeL",
    "isolate": "\u2066Ann\u2069",
    "zero width space": "exam\u200bple",
    "zero width joiner": "A\u200dnn",
    "byte order mark": "\ufeffAnn",
    "soft hyphen": "An\u00adn",
    "tag": "Ann\U000e0041",
    "private use": "Ann\ue000",
    "half a pair": "Ann\ud800",
    "no character": "Ann\uffff",
}
DIGITS = [
    "Ann 2",
    "07700900123",
    "Ann\u0662",
    "Ann\u096b",
    "Ann\uff15",
    "Ann\u00b2",
    "Henry \u2167",
]


@pytest.mark.parametrize("name", PERSONS)
def test_a_real_name_passes(name: str) -> None:
    assert check_person_name(name) is None


@pytest.mark.parametrize("name", PERSONS + SCHOOLS)
def test_a_school_is_called_what_it_is_called(name: str) -> None:
    assert check_school_name(name) is None


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("name", ADDRESSES)
def test_an_address_is_no_name(check: Callable[[str], str | None], name: str) -> None:
    assert "address" in str(check(name))


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("name", UNSEEN.values(), ids=UNSEEN)
def test_what_cannot_be_seen_is_no_part_of_a_name(
    check: Callable[[str], str | None], name: str
) -> None:
    assert "cannot be seen" in str(check(name))


@pytest.mark.parametrize("name", DIGITS)
def test_a_person_has_no_digits_of_any_script(name: str) -> None:
    assert "digits" in str(check_person_name(name))
    assert check_school_name(name) is None


def test_a_name_has_an_end() -> None:
    assert "60 characters" in str(check_person_name("M" * 61))
    assert "100 characters" in str(check_school_name("S" * 101))


@given(st.text("abc", min_size=2), st.text("abc", min_size=2), st.text(" '-Łx", max_size=9))
def test_words_joined_by_a_full_stop_are_an_address_wherever_they_stand(
    label: str, ending: str, around: str
) -> None:
    name = f"{around} {label}.{ending} {around}"
    assert check_school_name(name) is not None


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Zoe\u0308", "Zo\u00eb"),
        ("\u00a04A ", "4A"),
        ("Nguye\u0302\u0303n  Thi\u0323", "Nguy\u1ec5n Th\u1ecb"),
        ("Mary\tJo", "Mary Jo"),
        ("O'Brien", "O'Brien"),
        (" ", ""),
    ],
)
def test_a_name_is_kept_composed_and_without_needless_space(written: str, kept: str) -> None:
    assert tidy_words(written) == kept


@given(st.text())
def test_what_is_tidy_stays_as_it_is(text: str) -> None:
    assert tidy_words(tidy_words(text)) == tidy_words(text)


BLANKS = [
    "",
    " ",
    "\t\r\n",
    "\u00a0",  # no-break space
    "\u2003\u3000",  # em space, ideographic space
    "\u200b\u200c\u200d\u2060\ufeff",  # zero width
    "\u202e\u2066",  # turned direction
    "\u00ad",  # soft hyphen
    "\x00\x1b\x7f",
    "\u2028\u2029",
    "\u2800",  # Braille without a dot
    "\u3164\u115f\u1160\uffa0",  # fillers of Hangul
    " \u0301",  # an accent without a letter
    "\ue000",
]


@pytest.mark.parametrize("blank", BLANKS, ids=ascii)
def test_a_blank_is_no_text(blank: str) -> None:
    assert is_blank(blank)
    assert check_text(blank, at_most=500) is not None


@pytest.mark.parametrize(
    "text", ["I", "?", "-", " ill ", "\u200bill", "e\u0301", "病", "🤒", "٣"], ids=ascii
)
def test_what_can_be_seen_is_a_text(text: str) -> None:
    assert check_text(text, at_most=500) is None


@pytest.mark.parametrize(
    ("text", "is_kept"),
    [("a" * 500, True), ("a" * 501, False), ("a\x00b", False), ("ill\n\tsince Monday", True)],
    ids=["long", "too long", "a null", "two lines"],
)
def test_a_text_is_kept_as_it_is_or_not_at_all(text: str, is_kept: bool) -> None:
    assert (check_text(text, at_most=500) is None) is is_kept
