"""The roll of a generated authority: children in classes, families, movers, dual registration."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from attendance_contracts.identifiers import make_upn
from demo_authority.authority.care import with_care
from demo_authority.authority.contacts import build_contacts
from demo_authority.authority.figures import AuthorityFigures, Phase
from demo_authority.authority.model import WHOLE_WEEK, Child, Enrolment, Roll, School
from demo_authority.authority.names import forename, surname
from demo_authority.authority.schools import build_schools, shared_out

YEARS: dict[Phase, tuple[str, ...]] = {
    "primary": ("R", "1", "2", "3", "4", "5", "6"),
    "secondary": ("7", "8", "9", "10", "11"),
    "special": ("R", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"),
}
_CLASS_SIZE: dict[Phase, int] = {"primary": 30, "secondary": 30, "special": 9}
_SIBLING_AT_SCHOOL = 0.27
_SIBLING_IN_OTHER_PHASE = 0.3
_TWINS = 0.03
_LARGEST_FAMILY = 4
_FREE_SCHOOL_MEALS = 0.257
_SEN_SUPPORT, _EHCP_IN_MAINSTREAM = 0.14, 0.03
_MOVER_SHARE = 0.012
_DUAL_SHARE = 0.008
_SCHOOL_DAYS_BEFORE_A_MOVE = 10
_SUBSIDIARY_DAYS = (frozenset({0, 1}), frozenset({2, 3, 4}), frozenset({4}))


@dataclass(frozen=True, slots=True)
class _Place:
    """A child's place in a class, before there is a child."""

    school: School
    year_group: str
    class_code: str


def build_roll(
    figures: AuthorityFigures, pupils: int, school_year: int, *, seed: int, moves_before: date
) -> Roll:
    """Return ``pupils`` children with their enrolments; movers have moved by ``moves_before``."""
    rng = Random(f"{seed}:{figures.code}:{pupils}:roll")  # noqa: S311 - repeatable on purpose
    schools = build_schools(figures, pupils, school_year, rng)
    places = [place for school in schools for place in _places(school)]
    families = _families(places, rng)
    children = with_care(
        tuple(_children(places, families, school_year, rng)), figures.code, school_year, rng
    )
    enrolments = tuple(
        _enrolments(children, places, rng, school_year=school_year, moves_before=moves_before)
    )
    contacts = build_contacts(children, enrolments, rng)
    return Roll(figures, school_year, schools, children, enrolments, contacts)


def _places(school: School) -> Iterator[_Place]:
    """Yield a place per planned pupil: year groups of equal size, in classes of about thirty.

    Secondary tutor groups keep to one year group; in the other phases a class may take in the
    end of one year and the start of the next, as smaller schools do.
    """
    years = YEARS[school.phase]
    per_year = shared_out(school.planned_pupils, [1.0] * len(years))
    year_groups = [year for year, count in zip(years, per_year, strict=True) for _ in range(count)]
    parts = per_year if school.phase == "secondary" else [len(year_groups)]
    letters: dict[str, int] = {}
    start = 0
    for part in parts:
        for size in shared_out(part, [1.0] * max(1, round(part / _CLASS_SIZE[school.phase]))):
            members = year_groups[start : start + size]
            start += size
            if members:
                letters[members[0]] = letters.get(members[0], -1) + 1
                class_code = f"{members[0]}{chr(ord('A') + letters[members[0]])}"
                yield from (_Place(school, year_group, class_code) for year_group in members)


def _families(places: Sequence[_Place], rng: Random) -> list[int]:
    """Return a family number per place: some siblings at one school, some across phases."""
    by_school: dict[str, list[int]] = {}
    for n, place in enumerate(places):
        by_school.setdefault(place.school.urn, []).append(n)
    family_of = [-1] * len(places)
    size: dict[int, int] = {}
    younger: list[int] = []  # families of primary schools that may have an older sibling
    for members in by_school.values():
        older = places[members[0]].school.phase == "secondary"
        rng.shuffle(members)
        rng.shuffle(younger)
        last = -1
        for n in members:
            if last >= 0 and _are_siblings(places[last], places[n], rng):
                family = family_of[last]
            elif older and younger and rng.random() < _SIBLING_IN_OTHER_PHASE:
                family = younger.pop()
            else:
                family = len(size)
                younger.extend([family] * (not older))
            size[family] = size.get(family, 0) + 1
            family_of[n] = family
            last = n if size[family] < _LARGEST_FAMILY else -1
        younger = [family for family in younger if size[family] < _LARGEST_FAMILY]
    return family_of


def _are_siblings(one: _Place, other: _Place, rng: Random) -> bool:
    """Draw whether two children of a school are siblings; in one year group they'd be twins."""
    twins = one.year_group == other.year_group
    return rng.random() < (_TWINS if twins else _SIBLING_AT_SCHOOL)


def _children(
    places: Sequence[_Place], families: Sequence[int], school_year: int, rng: Random
) -> Iterator[Child]:
    surnames: dict[int, str] = {}
    poor: dict[int, bool] = {}
    serials: dict[tuple[int, int], int] = {}
    feeders = [place.school for place in places if place.school.phase == "primary"]
    for key, (place, family) in enumerate(zip(places, families, strict=True)):
        age = YEARS["special"].index(place.year_group)
        first = place.school
        if first.phase == "secondary" and feeders:
            first = rng.choice(feeders)  # the number is issued where a child first starts school
        issued = (first.establishment, (school_year - age) % 100)
        serials[issued] = serials.get(issued, 0) + 1
        yield Child(
            key=key,
            upn=make_upn(int(place.school.authority_code), *issued, serials[issued]),
            forename=forename(rng),
            surname=surnames.setdefault(family, surname(rng)),
            born_on=date(school_year - age - 5, 9, 1) + timedelta(days=rng.randrange(365)),
            sex=rng.choice(("F", "M")),
            free_school_meals=poor.setdefault(family, rng.random() < _FREE_SCHOOL_MEALS),
            sen=_sen(place.school, rng),
            family=family,
        )


def _sen(school: School, rng: Random) -> str:
    if school.phase == "special":
        return "ehcp"
    draw = rng.random()
    if draw < _EHCP_IN_MAINSTREAM:
        return "ehcp"
    return "support" if draw < _EHCP_IN_MAINSTREAM + _SEN_SUPPORT else "none"


def _enrolments(
    children: Sequence[Child],
    places: Sequence[_Place],
    rng: Random,
    *,
    school_year: int,
    moves_before: date,
) -> Iterator[Enrolment]:
    """Yield one enrolment a child, two for movers and children registered at two schools."""
    by_year: dict[tuple[Phase, str], list[_Place]] = {}
    for place in places:
        by_year.setdefault((place.school.phase, place.year_group), []).append(place)
    key = 0
    for child, place in zip(children, places, strict=True):
        here = _enrolment(child, place, place.school.calendar.school_days[0])
        pair = [here]
        draw = rng.random()
        if place.school.phase != "special" and draw < _MOVER_SHARE:
            pair = _move(
                here, child, by_year[place.school.phase, place.year_group], moves_before, rng
            )
        elif place.school.phase != "special" and draw < _MOVER_SHARE + _DUAL_SHARE:
            pair = _dual(here, child, by_year.get(("special", place.year_group), []), rng)
        for enrolment in pair:
            mis_id = f"{enrolment.school_urn[-3:]}-{school_year % 100}{key:06d}"
            yield replace(enrolment, key=key, mis_id=mis_id)
            key += 1


def _enrolment(child: Child, place: _Place, starts_on: date) -> Enrolment:
    return Enrolment(
        key=-1,
        child=child.key,
        school_urn=place.school.urn,
        mis_id="",
        year_group=place.year_group,
        class_code=place.class_code,
        starts_on=starts_on,
        ends_on=None,
    )


def _move(
    here: Enrolment, child: Child, elsewhere: Sequence[_Place], before: date, rng: Random
) -> list[Enrolment]:
    """Return the enrolment ended and a second one from the new school's next school day."""
    others = [place for place in elsewhere if place.school.urn != here.school_urn]
    if not others:
        return [here]
    new = rng.choice(others)
    days = [day for day in new.school.calendar.school_days if day < before]
    if len(days) <= _SCHOOL_DAYS_BEFORE_A_MOVE:
        return [here]
    starts_on = rng.choice(days[_SCHOOL_DAYS_BEFORE_A_MOVE:])
    ended = replace(here, ends_on=starts_on - timedelta(days=1))
    return [ended, _enrolment(child, new, starts_on)]


def _dual(here: Enrolment, child: Child, special: Sequence[_Place], rng: Random) -> list[Enrolment]:
    """Return a main and a subsidiary enrolment that share out the weekdays between them."""
    if not special:
        return [here]
    there = rng.choice(special)
    weekdays = rng.choice(_SUBSIDIARY_DAYS)
    # Both rolls start together: D at one school needs the other school's register to exist.
    starts_on = max(here.starts_on, there.school.calendar.school_days[0])
    subsidiary = replace(
        _enrolment(child, there, starts_on), status="subsidiary", weekdays=weekdays
    )
    return [replace(here, weekdays=WHOLE_WEEK - weekdays), subsidiary]
