"""What "unexplained" means: one table of everything that a mark may have said."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendance_contracts.codes import NUMBER_OF
from register_service.absences.domain import (
    NOT_GIVEN,
    Entry,
    Revision,
    Standing,
    entries,
    standing,
    standings,
)

MONDAY = date(2026, 9, 7)
N_ONLY, N_AND_O, N_AND_U = frozenset("N"), frozenset("NO"), frozenset("NU")
HERE, UNEXPLAINED, EXPLAINED, SETTLED, RETRACTED = Standing


def said(*codes: str | None, by_name: bool = False) -> tuple[Entry, ...]:
    """All that a mark has said; the last word by name, if so."""
    return (*(Entry(code) for code in codes[:-1]), *(Entry(code, by_name) for code in codes[-1:]))


@pytest.mark.parametrize(
    ("codes", "means"),
    [
        ([], HERE),
        (["/"], HERE),
        (["V"], HERE),
        (["#"], HERE),
        (["Y4"], HERE),
        (["N"], UNEXPLAINED),
        (["I"], EXPLAINED),
        (["Q"], EXPLAINED),
        (["N", "/"], HERE),
        (["N", "L"], HERE),
        (["N", "U"], HERE),
        (["N", "D"], HERE),
        (["N", "Y4"], HERE),
        (["N", "I"], EXPLAINED),
        (["N", "G"], EXPLAINED),
        (["I", "N"], UNEXPLAINED),
        # An O explains nothing that was unexplained before it, however long ago that began.
        (["O"], EXPLAINED),
        (["/", "O"], EXPLAINED),
        (["I", "O"], EXPLAINED),
        (["N", "O"], UNEXPLAINED),
        (["/", "N", "O"], UNEXPLAINED),
        (["N", "O", "N", "O"], UNEXPLAINED),
        (["N", "/", "O"], EXPLAINED),
        (["N", "O", "I"], EXPLAINED),
        (["N", "O", "/"], HERE),
        # A mark that was taken back says nothing, and nothing is forgotten.
        ([None], RETRACTED),
        (["N", None], RETRACTED),
        (["/", None], RETRACTED),
        (["N", None, "/"], HERE),
        (["N", None, "N"], UNEXPLAINED),
        (["N", None, "O"], UNEXPLAINED),
        (["/", None, "O"], EXPLAINED),
    ],
)
def test_what_a_mark_means_by_all_that_it_has_said(
    codes: list[str | None], means: Standing
) -> None:
    assert standing(said(*codes), N_ONLY, MONDAY) is means


@pytest.mark.parametrize(
    ("codes", "contact_codes", "means"),
    [
        (["N", "O"], N_ONLY, SETTLED),
        (["/", "N", "O"], N_ONLY, SETTLED),
        (["N", None, "O"], N_ONLY, SETTLED),
        (["O"], N_ONLY, EXPLAINED),
        (["N", "O"], N_AND_O, UNEXPLAINED),
        (["N", "O"], N_AND_U, UNEXPLAINED),
        (["N", "I"], N_ONLY, EXPLAINED),
        (["/", "N"], N_ONLY, UNEXPLAINED),
    ],
)
def test_an_o_by_name_settles_an_absence_where_the_school_asks_for_contact_about_n_alone(
    codes: list[str | None], contact_codes: frozenset[str], means: Standing
) -> None:
    assert standing(said(*codes, by_name=True), contact_codes, MONDAY) is means


def test_an_absence_that_was_settled_is_open_again_with_the_next_n() -> None:
    settled = (Entry("N"), Entry("O", by_name=True))

    assert standing((*settled, Entry("N")), N_ONLY, MONDAY) is UNEXPLAINED
    assert standing((*settled, Entry("I")), N_ONLY, MONDAY) is EXPLAINED
    assert standing((*settled, Entry("/")), N_ONLY, MONDAY) is HERE


@pytest.mark.parametrize(
    ("code", "contact_codes", "means"),
    [
        ("O", N_AND_O, UNEXPLAINED),
        ("U", N_AND_U, UNEXPLAINED),
        ("U", N_ONLY, HERE),
        ("O", N_AND_U, EXPLAINED),
    ],
)
def test_a_school_may_ask_for_contact_about_more_codes(
    code: str, contact_codes: frozenset[str], means: Standing
) -> None:
    assert standing([Entry(code)], contact_codes, MONDAY) is means


def test_after_n_every_code_says_whether_the_family_is_owed_a_correction() -> None:
    """The codes by what they make of an N: only HERE is a child who was not absent after all."""
    after_n = {
        code: standing(said("N", code), N_ONLY, MONDAY) for code in standings(N_ONLY, MONDAY)
    }

    by_standing = {
        means: {code for code, stands in after_n.items() if stands is means} for means in Standing
    }
    assert by_standing == {
        HERE: set("/\\LKVPWBDXUZ#J") | {"Y3", "Y4"},
        UNEXPLAINED: {"N", "O"},
        EXPLAINED: set("CMSRITEQGHY") | {"C1", "C2", "J1", "Y1", "Y2", "Y5", "Y6", "Y7", "F"},
        SETTLED: set(),
        RETRACTED: set(),
    }


CODES = st.sampled_from([*sorted(NUMBER_OF), None])
ENTRIES = st.lists(st.builds(Entry, CODES, st.booleans()), max_size=8)


@given(ENTRIES, ENTRIES)
def test_a_mark_that_shows_where_the_child_is_forgets_all_that_was_said_before(
    before: list[Entry], after: list[Entry]
) -> None:
    here = Entry("/")

    assert standing([*before, here, *after], N_ONLY, MONDAY) is standing(
        [here, *after], N_ONLY, MONDAY
    )


def test_entries_are_read_from_revisions_the_original_first() -> None:
    revisions = [Revision("/", "N", NOT_GIVEN), Revision("N", "O", "A. Officer")]

    assert entries(revisions) == (Entry("/"), Entry("N"), Entry("O", by_name=True))
    assert entries([]) == ()
