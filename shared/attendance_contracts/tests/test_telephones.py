"""Telephone numbers as schools' systems and people write them.

Numbers are of the ranges that Ofcom keeps for stories, or of services known to everybody.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendance_contracts.telephones import can_be_texted, number_to_text, read_telephone

MOBILE, OTHER_MOBILE, LANDLINE = "+447700900123", "+447700900124", "+441632960001"


@pytest.mark.parametrize(
    "written",
    [
        "07700900123",
        "07700 900123",
        "07700\N{NO-BREAK SPACE}900123",
        "07700\N{THIN SPACE}900\N{HAIR SPACE}123",
        "07700\N{NARROW NO-BREAK SPACE}900 123",
        "07700\t900123",
        "07700.900123",
        "07700_900_123",
        "07700/900123",
        "07700-900-123",
        "07700\N{EN DASH}900\N{NON-BREAKING HYPHEN}123",
        "07700\N{MINUS SIGN}900123",
        "(07700) 900 123",
        "[07700] 900 123",
        "+44 7700 900123",
        "+44 (0)7700 900123",
        "+44(0) 7700-900-123",
        "0044 7700 900123",
        "00 44 (0) 7700 900123",
        "447700900123",
        "7700900123",
        "tel:+447700900123",
        "7700900123.0",
        "\N{LEFT-TO-RIGHT EMBEDDING}+44 7700 900123\N{POP DIRECTIONAL FORMATTING}",
        "\N{ZERO WIDTH NO-BREAK SPACE}07700900123\N{ZERO WIDTH SPACE}",
    ],
)
def test_one_mobile_in_many_spellings(written: str) -> None:
    assert read_telephone(written) == MOBILE


@pytest.mark.parametrize("zero", ["\N{FULLWIDTH DIGIT ZERO}", "\N{ARABIC-INDIC DIGIT ZERO}"])
def test_digits_of_other_scripts_are_digits(zero: str) -> None:
    written = "".join(chr(ord(zero) + int(digit)) for digit in "07700900123")
    assert read_telephone(written) == MOBILE


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Mum 07700 900123", MOBILE),
        ("07700900123 (work)", MOBILE),
        ("Mam's mobile: 07700 900123, after 5", MOBILE),
        ("1. 07700 900123", MOBILE),
        ("07700 900123 (2nd)", MOBILE),
        ("07700 900123 from 01/09/2026", MOBILE),
        ("07700 900123 / 07700 900124", MOBILE),
        ("07700 900123 07700 900124", MOBILE),
        ("07700900123  +447700900124", MOBILE),
        ("H 01632 960001 M 07700 900124", OTHER_MOBILE),
        ("01632 960001 ext 12", LANDLINE),
        ("01632 960001 or 020 7946 0000", LANDLINE),
    ],
)
def test_words_and_other_numbers_beside_it_are_passed_over(written: str, read: str) -> None:
    assert read_telephone(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("01632 960001", LANDLINE),
        ("(01632) 960 001", LANDLINE),
        ("020 7946 0000", "+442079460000"),
        ("0800 1111", "+448001111"),
        ("0909 8790000", "+449098790000"),
        ("070 1234 5678", "+447012345678"),
        ("076 1234 5678", "+447612345678"),
        ("+33 6 12 34 56 78", "+33612345678"),
        ("00 353 87 123 4567", "+353871234567"),
    ],
    ids=[
        "story",
        "brackets",
        "London",
        "free",
        "premium",
        "personal",
        "pager",
        "France",
        "Ireland",
    ],
)
def test_what_no_text_can_reach_is_read_all_the_same(written: str, read: str) -> None:
    assert (read_telephone(written), can_be_texted(read)) == (read, False)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "ask at reception",
        "07700 90012",
        "07700 9001234",
        "07700 900123 4",
        "1 07700 900123",
        "07700 9OO123",
        "7.7009E+09",
        "+33 6 12",
        "999",
        "0" * 200,
        "parent@example.org",
    ],
)
def test_what_is_no_whole_number_is_not_guessed_at(written: str) -> None:
    assert read_telephone(written) is None


@pytest.mark.parametrize(
    ("e164", "can"),
    [
        (MOBILE, True),
        ("+447911123456", True),
        ("+447624123456", True),
        ("+447797700123", True),
        ("+447555000000", True),
        (LANDLINE, False),
        ("+447012345678", False),
        ("+447612345678", False),
        ("+449098790000", False),
        ("+353871234567", False),
        ("+4477009001234", False),
    ],
)
def test_texts_go_to_mobiles_of_the_uk(e164: str, *, can: bool) -> None:
    assert can_be_texted(e164) is can


@pytest.mark.parametrize(
    ("written", "to"),
    [("07700 900123", MOBILE), ("01632 960001", None), ("none", None), ("", None), (None, None)],
)
def test_a_text_goes_to_a_mobile_that_can_be_read(written: str | None, to: str | None) -> None:
    assert number_to_text(written) == to


def test_every_mobile_kept_for_stories_is_read_and_texted() -> None:
    read = [read_telephone(f"07700 900{last:03}") for last in range(1000)]
    assert read == [f"+447700900{last:03}" for last in range(1000)]
    assert all(can_be_texted(one) for one in read if one)


mobiles = st.from_regex(r"7[1-57-9][0-9]{8}", fullmatch=True)
beginnings = st.sampled_from(["0", "+44", "0044", "+44 (0)", "44", "0044 (0)", ""])
fillings = st.sampled_from(
    [" ", "", "-", ".", "\N{NO-BREAK SPACE}", "\N{EN DASH}", "\N{THIN SPACE}"]
)
beside = st.sampled_from(["", "Mum ", "work: ", " (Dad)", ", not at night", " / "])


@given(mobiles, beginnings, fillings, beside, beside)
def test_a_mobile_is_read_however_it_is_written(
    national: str, beginning: str, filling: str, before: str, after: str
) -> None:
    """The plain spelling has a way of its own; here both ways must agree."""
    groups = filling.join((national[:4], national[4:7], national[7:]))
    assert read_telephone(f"{before}{beginning}{groups}{after}") == f"+44{national}"


@given(st.text(max_size=60))
def test_whatever_is_written_is_read_or_not_and_never_an_error(written: str) -> None:
    read = read_telephone(written)
    assert read is None or read == read_telephone(read)
