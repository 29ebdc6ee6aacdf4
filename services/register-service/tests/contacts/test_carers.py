"""Who looks after a looked-after child, by the words that schools' systems have for them."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from register_service.contacts.domain import Candidate, eligible_contacts
from register_service.contacts.domain.carers import is_carers_title

TITLES = (
    "foster carer",
    "foster parent",
    "foster mother",
    "foster father",
    "foster family",
    "residential carer",
    "residential worker",
    "special guardian",
    "kinship carer",
    "social worker",
)


@pytest.mark.parametrize(
    "title",
    [
        *TITLES,
        "Foster Mother",
        "Foster carer ",
        "FOSTER-CARER",
        "Foster Carers",
        "foster\N{NO-BREAK SPACE}carer",
        "Fostercarer",
        "foster_carer",
        "Foster Mum",
        "Foster Dad (main)",
        "Fosterer",
        "Foster families",
        "Foster Mother/Father",
        "Foster carer 2",
        "Family and friends foster carer",
        "Residential Care Worker",
        "Residential key worker",
        "Children's Home",
        "Children\N{RIGHT SINGLE QUOTATION MARK}s home staff",
        "Special Guardians",
        "SGO",
        "Family and friends carer",
        "Foster placement",
        "Grandmother (special guardian)",
        "Kinship",
        "Aunt - kinship carer",
        "Connected Person",
        "Social Worker (allocated)",
        "Supported lodgings host",
        "Carer",
        "Main carers",
    ],
)
def test_whoever_looks_after_the_child_is_known_by_the_title(title: str) -> None:
    assert is_carers_title(title)


@pytest.mark.parametrize(
    "title",
    [
        "",
        "parent",
        "Mother",
        "Step-mother",
        "Parent/Carer",
        "Parent or carer",
        "Guardian",
        "Foster",
        "Foster sister",
        "Foster carer's son",
        "Former foster carer",
        "Ex-foster mother",
        "Previous Foster Carer",
        "Birth mother (see foster carer)",
        "Young carer",
        "Childminder",
        "Resident parent",
        "Neighbour",
    ],
)
def test_nobody_else_is(title: str) -> None:
    assert not is_carers_title(title)


@given(st.sampled_from(TITLES), st.sampled_from([" ", "-", "", " - ", "  ", "_"]), st.data())
def test_case_spaces_hyphens_and_plurals_do_not_matter(
    title: str, gap: str, data: st.DataObject
) -> None:
    spelling = "".join(
        data.draw(st.sampled_from([letter.lower(), letter.upper()]))
        for letter in title.replace(" ", gap)
    )
    ending = data.draw(st.sampled_from(["", "s", " ", "."]))
    assert is_carers_title(f" {spelling}{ending}")


def person(number: int, title: str, *, is_carer: bool | None = None) -> Candidate:
    return Candidate(
        contact_id=UUID(int=number),
        name="Somebody Example",
        relationship=title,
        mobile="07700 900123",
        email=None,
        priority=number,
        parental_responsibility=False,
        court_order=False,
        language="en",
        is_carer=is_carer,
    )


@pytest.mark.parametrize(
    ("contacts", "told"),
    [
        ([person(1, "Mother"), person(2, "Foster Mother")], [2]),
        ([person(1, "Foster mother"), person(2, "Foster father")], [1, 2]),
        ([person(1, "Mother"), person(2, "Nan", is_carer=True)], [2]),
        ([person(1, "Foster carer"), person(2, "Aunt", is_carer=True)], [2]),
        ([person(1, "Foster carer", is_carer=False), person(2, "Foster carer")], [2]),
        ([person(1, "Foster carer", is_carer=False)], []),
        ([person(1, "Mother", is_carer=False), person(2, "Father")], []),
    ],
    ids=[
        "by title",
        "both by title",
        "by mark",
        "a mark stands before a title",
        "marked as none",
        "nobody left",
        "nobody",
    ],
)
def test_a_looked_after_childs_carer_is_told(contacts: list[Candidate], told: list[int]) -> None:
    found = eligible_contacts(contacts, looked_after=True)
    assert [one.contact_id.int for one in found] == told


def test_marks_of_carers_are_for_looked_after_children_alone() -> None:
    contacts = [person(1, "Mother"), person(2, "Nan", is_carer=True)]
    assert eligible_contacts(contacts, looked_after=False) == contacts
