"""Whom a school may tell: one to three people a family, on every enrolment of its children.

Mobiles are the thousand numbers reserved for drama, less those the message provider treats as
simulators. So many families share so few numbers, but never at one school: a number is handed
out where no school of the family has used it, and a family left without one is reached by e-mail.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

from demo_authority.authority.model import Child, Contact, Enrolment
from demo_authority.authority.names import forename, surname

_SIMULATORS = {0, 1, 2, 3, 111, 222}
_NUMBERS = tuple(f"07700900{n:03d}" for n in range(1000) if n not in _SIMULATORS)
_TRIES = 25
_NO_MOBILE = 0.12
_HAS_EMAIL = 0.7
_OTHER_SURNAME = 0.35
_BARRED_BY_COURT = 0.03
_LANGUAGES = ("en", "pl", "ur", "pa", "ro", "ar", "bn", "uk")
_LANGUAGE_WEIGHTS = (82, 4, 4, 3, 3, 2, 1, 1)
_PEOPLE_A_FAMILY = ((1, 2, 3), (40, 45, 15))
_RELATIONSHIPS = (
    ("mother", "father"),
    ("father", "mother", "step-parent"),
    ("grandparent", "aunt"),
)


@dataclass(frozen=True, slots=True)
class _Person:
    number: int
    name: str
    relationship: str
    priority: int
    parental_responsibility: bool
    court_order: bool
    language: str
    wants_mobile: bool
    mobile: str | None
    email: str | None


def build_contacts(
    children: Sequence[Child], enrolments: Sequence[Enrolment], rng: Random
) -> tuple[Contact, ...]:
    """Return the contact rows of every enrolment; siblings' rows name the same people."""
    of_family: dict[int, Child] = {}
    for child in children:
        of_family.setdefault(child.family, child)
    schools: dict[int, set[str]] = {}
    for enrolment in enrolments:
        family = children[enrolment.child].family
        schools.setdefault(family, set()).add(enrolment.school_urn)
    people = _people(of_family, rng)
    people = _with_mobiles(people, schools, rng)
    return tuple(
        _row(enrolment, person)
        for enrolment in enrolments
        for person in people[children[enrolment.child].family]
    )


def _people(of_family: dict[int, Child], rng: Random) -> dict[int, list[_Person]]:
    number = 0
    people: dict[int, list[_Person]] = {}
    for family, child in of_family.items():
        count = rng.choices(*_PEOPLE_A_FAMILY)[0]
        language = rng.choices(_LANGUAGES, _LANGUAGE_WEIGHTS)[0]
        people[family] = []
        for priority in range(1, count + 1):
            number += 1
            person = _person(child, number, priority, rng)
            people[family].append(replace(person, language=language))
    return people


def _person(child: Child, number: int, priority: int, rng: Random) -> _Person:
    looked_after = any(status.kind == "LAC" for status in child.care)
    carer = looked_after and priority == 1
    relationship = "foster carer" if carer else rng.choice(_RELATIONSHIPS[priority - 1])
    last = surname(rng) if carer or rng.random() < _OTHER_SURNAME else child.surname
    first = forename(rng)
    parent = relationship in {"mother", "father"}
    # Only a second contact is ever barred, so every child keeps somebody who may be told.
    barred = priority > 1 and parent and rng.random() < _BARRED_BY_COURT * (1 + 4 * looked_after)
    wants_mobile = rng.random() >= _NO_MOBILE
    has_email = not wants_mobile or rng.random() < _HAS_EMAIL
    return _Person(
        number=number,
        name=f"{first} {last}",
        relationship=relationship,
        priority=priority,
        parental_responsibility=parent,
        court_order=barred,
        language="en",
        wants_mobile=wants_mobile,
        mobile=None,
        email=_email(first, last, number) if has_email else None,
    )


def _email(first: str, last: str, number: int) -> str:
    return f"{first}.{last}.{number}@example.org".lower()


def _with_mobiles(
    people: dict[int, list[_Person]], schools: dict[int, set[str]], rng: Random
) -> dict[int, list[_Person]]:
    """Give out numbers, first contacts first; whoever gets none has an e-mail address."""
    used: dict[str, set[str]] = {}
    given: dict[int, str | None] = {}
    everyone = sorted(
        ((person, family) for family, members in people.items() for person in members),
        key=lambda pair: pair[0].priority,
    )
    for person, family in everyone:
        taken = [used.setdefault(urn, set()) for urn in sorted(schools[family])]
        mobile = _free_number(taken, rng) if person.wants_mobile else None
        given[person.number] = mobile
        if mobile:
            for numbers in taken:
                numbers.add(mobile)
    return {
        family: [_reachable(person, given[person.number]) for person in members]
        for family, members in people.items()
    }


def _free_number(taken: Sequence[set[str]], rng: Random) -> str | None:
    for number in _candidates(rng):
        if not any(number in numbers for numbers in taken):
            return number
    return None


def _candidates(rng: Random) -> Iterator[str]:
    for _ in range(_TRIES):
        yield rng.choice(_NUMBERS)


def _reachable(person: _Person, mobile: str | None) -> _Person:
    if mobile or person.email:
        return replace(person, mobile=mobile)
    first, last = person.name.split(" ")
    return replace(person, email=_email(first, last, person.number))


def _row(enrolment: Enrolment, person: _Person) -> Contact:
    return Contact(
        enrolment=enrolment.key,
        person=person.number,
        name=person.name,
        relationship=person.relationship,
        priority=person.priority,
        parental_responsibility=person.parental_responsibility,
        court_order=person.court_order,
        language=person.language,
        mobile=person.mobile,
        email=person.email,
    )
