"""Pupil and school numbers."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from attendance_contracts.identifiers import (
    UPN_ALPHABET,
    IdentifierError,
    LAESTABError,
    Scheme,
    UPNCheckLetterError,
    UPNError,
    UPNShapeError,
    URNError,
    is_temporary_upn,
    is_upn,
    make_upn,
    parse_laestab,
    parse_upn,
    parse_urn,
    read_identifier,
    upn_check_letter,
)

PERMANENT = [
    "H801200001001",
    "B801200005001",
    "N332200024001",
    "Y894201523014",
    "A926400122157",
    "C822200119003",
    "P393210525042",
]
TEMPORARY = ["Z33220002400A", "M92640012215Z"]
BODIES = st.from_regex(rf"[0-9]{{11}}[0-9{UPN_ALPHABET}]", fullmatch=True)


@pytest.mark.parametrize("upn", PERMANENT)
def test_a_permanent_upn_is_accepted(upn: str) -> None:
    assert parse_upn(upn) == upn
    assert not is_temporary_upn(upn)


@pytest.mark.parametrize("upn", TEMPORARY)
def test_a_temporary_upn_ends_in_a_letter(upn: str) -> None:
    assert parse_upn(upn) == upn
    assert is_temporary_upn(upn)


@pytest.mark.parametrize(
    "spelling",
    [
        "N332200024001",
        " n332200024001\n",
        "N332 2000 24001",
        "N332\N{NO-BREAK SPACE}2000\N{THIN SPACE}24001",
        "\N{ZERO WIDTH NO-BREAK SPACE}N332200024001",
        "\N{FULLWIDTH LATIN SMALL LETTER N}\N{FULLWIDTH DIGIT THREE}32200024001",
    ],
)
def test_a_upn_is_one_upn_however_it_is_spelled(spelling: str) -> None:
    assert parse_upn(spelling) == "N332200024001"


@pytest.mark.parametrize(
    ("spelling", "same"),
    [
        ("4711", " 4711 "),
        ("0047", "00\N{NO-BREAK SPACE}47"),
        ("A-12/b", "a-12/B"),
        ("Zo\N{LATIN SMALL LETTER E WITH DIAERESIS}1", "zoe\N{COMBINING DIAERESIS}1"),
    ],
)
def test_an_id_is_one_id_however_it_is_spelled(spelling: str, same: str) -> None:
    assert read_identifier(spelling) == read_identifier(same)


@pytest.mark.parametrize(("one", "other"), [("0047", "47"), ("A1", "A2"), ("1-2", "12")])
def test_ids_that_differ_in_more_are_two(one: str, other: str) -> None:
    assert read_identifier(one) != read_identifier(other)


@given(st.text())
def test_what_has_been_read_is_read_the_same_again(text: str) -> None:
    assert read_identifier(read_identifier(text)) == read_identifier(text)


@pytest.mark.parametrize("authority", [838, 839, 940, 941, 942, 943])
def test_a_new_authority_needs_no_list(authority: int) -> None:
    assert is_upn(make_upn(authority, 2000, 2024, 1))


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("A801200005001", UPNCheckLetterError),
        ("N332200024010", UPNCheckLetterError),
        ("", UPNShapeError),
        ("N33220002400", UPNShapeError),
        ("N3322000240011", UPNShapeError),
        ("N33220002400I", UPNShapeError),
        ("N3322A0024001", UPNShapeError),
        ("I332200024001", UPNShapeError),
        ("1332200024001", UPNShapeError),
        ("N33220002400١", UPNShapeError),  # noqa: RUF001  a digit, but not of ours
    ],
)
def test_a_wrong_upn_is_refused_without_repeating_it(text: str, error: type[UPNError]) -> None:
    with pytest.raises(error) as refused:
        parse_upn(text)
    assert not text or text not in str(refused.value)
    assert not is_upn(text)


def test_a_made_upn_has_its_parts_in_order() -> None:
    assert make_upn(332, 2000, 2024, 1) == "N332200024001"


def test_a_upn_cannot_be_made_of_numbers_that_do_not_fit() -> None:
    with pytest.raises(UPNShapeError):
        make_upn(332, 2000, 2024, 1000)


@given(st.integers(0, 999), st.integers(0, 9999), st.integers(1990, 2060), st.integers(0, 999))
def test_every_made_upn_is_a_permanent_upn(la: int, establishment: int, year: int, n: int) -> None:
    upn = make_upn(la, establishment, year, n)
    assert parse_upn(upn) == upn
    assert not is_temporary_upn(upn)


@given(BODIES, st.integers(0, 10), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(body: str, place: int, shift: int) -> None:
    wrong = (int(body[place]) + shift) % 10
    mistyped = f"{body[:place]}{wrong}{body[place + 1 :]}"
    assert not is_upn(upn_check_letter(body) + mistyped)


@given(BODIES, st.integers(0, 9))
def test_two_neighbours_swapped_are_always_noticed(body: str, place: int) -> None:
    swapped = body[:place] + body[place + 1] + body[place] + body[place + 2 :]
    assert is_upn(upn_check_letter(body) + swapped) == (swapped == body)


@given(st.text(max_size=16))
def test_any_other_text_is_refused_as_an_identifier(text: str) -> None:
    assume(not is_upn(text))
    with pytest.raises(IdentifierError):
        parse_upn(text)


@given(BODIES)
def test_a_parsed_upn_parses_to_itself(body: str) -> None:
    upn = parse_upn(f" {upn_check_letter(body)}{body.lower()} ")
    assert parse_upn(upn) == upn


@pytest.mark.parametrize(("text", "urn"), [("100000", "100000"), (" 149999 ", "149999")])
def test_a_urn_has_six_digits(text: str, urn: str) -> None:
    assert parse_urn(text) == urn


@pytest.mark.parametrize("text", ["", "10000", "1000000", "012345", "10000A"])
def test_a_wrong_urn_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(URNError) as refused:
        parse_urn(text)
    assert not text or text not in str(refused.value)


@pytest.mark.parametrize("text", ["332/2000", "3322000", " 332/2000 "])
def test_a_laestab_is_written_with_a_stroke(text: str) -> None:
    assert parse_laestab(text) == "332/2000"


@pytest.mark.parametrize("text", ["", "332-2000", "332/200", "33/22000", "332/20000"])
def test_a_wrong_laestab_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(LAESTABError) as refused:
        parse_laestab(text)
    assert not text or text not in str(refused.value)


def test_a_scheme_is_stored_by_its_name() -> None:
    assert [str(scheme) for scheme in Scheme] == [scheme.name for scheme in Scheme]
