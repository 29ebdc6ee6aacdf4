"""Which enrolments are one child's: what links by itself, and what a person is asked."""

from dataclasses import replace
from datetime import date
from uuid import UUID, uuid4

import pytest
from uuid_utils.compat import uuid7

from register_service.links.domain import (
    FirstWord,
    Proposal,
    are_side_by_side,
    child_meant,
    differing,
    proposals,
)
from register_service.roll.domain import Enrolled, Enrolment, Facts, Identity, compared

SCHOOLS = [uuid7() for _ in range(4)]
BORN = date(2017, 5, 4)
PLACE = Enrolment(
    id=uuid7(),
    child_id=uuid4(),
    school_id=SCHOOLS[0],
    starts_on=date(2026, 9, 2),
    ends_on=None,
    year_group="4",
    class_code="4A",
    status="main",
    version=1,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Example", "EXAMPLE"),
        ("O'Brien", "O\u2019Brien"),
        ("O'Brien", "OBrien"),
        ("Smith-Jones", "Smith Jones"),
        ("Smith-Jones", "Smith\u2010Jones"),
        ("García", "Garcia"),
        ("Łuczak", "Luczak"),
        ("Sørensen", "Sorensen"),
        ("Weiß", "WEISS"),
        ("Ægir", "Aegir"),
        ("D\u00edaz", "Di\u0301az"),
        ("van der Berg", "Vanderberg"),
    ],
)
def test_what_people_type_differently_is_one_surname(one: str, other: str) -> None:
    assert compared(one) == compared(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Example", "Exampel"),
        ("Brown", "Browne"),
        ("Li", "Lee"),
        ("Jones", "Smith-Jones"),
        ("म", "मी"),
    ],
)
def test_other_surnames_are_others(one: str, other: str) -> None:
    assert compared(one) != compared(other)


def said(born: date = BORN, surname: str = "Example") -> Facts:
    return Facts.of(born, surname)


def enrolled(
    child: UUID,
    *,
    school: UUID = SCHOOLS[0],
    starts: date = date(2026, 9, 2),
    says: Facts | None = None,
) -> Enrolled:
    facts = says or said()
    return Enrolled(
        enrolment=Enrolment(
            id=uuid7(),
            child_id=child,
            school_id=school,
            starts_on=starts,
            ends_on=None,
            year_group="4",
            class_code="4A",
            status="main",
            version=1,
        ),
        identity=Identity(
            forename="Avery",
            surname=facts.surname,
            date_of_birth=facts.date_of_birth,
            sex=None,
            confidential_by=None,
            revision=1,
        ),
        authority_code="332",
    )


OTHER_DATE, OTHER_NAME = said(born=date(2016, 5, 4)), said(surname="Sample")


@pytest.mark.parametrize(
    ("newcomer", "linked"),
    [(said(), True), (OTHER_DATE, False), (OTHER_NAME, False), (said(surname="EX-ample"), True)],
)
def test_a_newcomer_is_a_known_child_where_all_facts_agree(
    newcomer: Facts, *, linked: bool
) -> None:
    child = uuid4()
    assert child_meant(newcomer, [FirstWord(child, said())]) == (child if linked else None)


def test_a_upn_on_no_other_roll_is_a_new_child() -> None:
    assert child_meant(said(), []) is None


def test_a_newcomer_who_may_be_two_known_children_is_asked_about() -> None:
    here, there = uuid4(), uuid4()
    both = [enrolled(here), enrolled(there, school=SCHOOLS[1])]
    words = [FirstWord(here, said()), FirstWord(there, said())]
    assert child_meant(said(), words) is None
    assert len(proposals(uuid7(), said(), both)) == 2


def test_a_link_is_proposed_where_the_child_was_on_roll_last() -> None:
    child, newcomer = uuid4(), uuid7()
    first = enrolled(child, starts=date(2026, 9, 2), says=OTHER_NAME)
    earlier = enrolled(child, school=SCHOOLS[1], starts=date(2025, 9, 1))
    assert proposals(newcomer, said(), [first, earlier]) == [
        Proposal(
            newcomer_enrolment=newcomer,
            earlier_enrolment=first.enrolment.id,
            differing=("surname",),
        )
    ]


@pytest.mark.parametrize(
    ("one", "other", "names"),
    [
        (said(), said(), ()),
        (said(), OTHER_DATE, ("date_of_birth",)),
        (said(), OTHER_NAME, ("surname",)),
        (OTHER_NAME, OTHER_DATE, ("date_of_birth", "surname")),
    ],
)
def test_a_proposal_names_the_facts_that_differ(
    one: Facts, other: Facts, names: tuple[str, ...]
) -> None:
    assert differing(one, other) == differing(other, one) == names


@pytest.mark.parametrize(
    ("first", "second", "school", "side_by_side"),
    [
        ((date(2026, 9, 2), None), (date(2026, 9, 2), None), SCHOOLS[0], True),
        ((date(2026, 9, 2), None), (date(2027, 1, 4), None), SCHOOLS[0], True),
        ((date(2026, 9, 2), date(2026, 10, 2)), (date(2026, 10, 2), None), SCHOOLS[0], True),
        ((date(2026, 9, 2), date(2026, 10, 2)), (date(2026, 10, 3), None), SCHOOLS[0], False),
        ((date(2026, 9, 2), None), (date(2026, 9, 2), None), SCHOOLS[1], False),
    ],
    ids=["from one day", "from two", "on one day", "one after the other", "at two schools"],
)
def test_whom_a_school_has_side_by_side_are_two_children(
    first: tuple[date, date | None],
    second: tuple[date, date | None],
    school: UUID,
    *,
    side_by_side: bool,
) -> None:
    places = [
        replace(PLACE, id=uuid7(), starts_on=first[0], ends_on=first[1]),
        replace(PLACE, id=uuid7(), school_id=school, starts_on=second[0], ends_on=second[1]),
    ]
    assert are_side_by_side(places) is side_by_side
