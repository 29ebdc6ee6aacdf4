"""Schools, children, families and contacts of a generated authority."""

import re
from collections import Counter, defaultdict
from datetime import date

from attendance_contracts.identifiers import is_upn
from demo_authority.authority.figures import figures_of
from demo_authority.authority.generator import DemoAuthority
from demo_authority.authority.roll import build_roll

MOBILE = re.compile(r"07700900[0-9]{3}")


def test_every_child_has_a_upn_of_the_authority_and_no_two_share_one(
    authority: DemoAuthority,
) -> None:
    upns = [child.upn for child in authority.roll.children]
    assert len(set(upns)) == len(upns) == 5000
    assert all(is_upn(upn) and upn[1:4] == "332" for upn in upns)


def test_schools_come_in_the_authoritys_proportions_and_sizes(authority: DemoAuthority) -> None:
    schools = authority.roll.schools
    phases = Counter(school.phase for school in schools)
    assert phases == {"primary": 9, "secondary": 2, "special": 1}
    assert sum(school.planned_pupils for school in schools) == 5000
    assert all(200 < s.planned_pupils < 400 for s in schools if s.phase == "primary")
    assert all(800 < s.planned_pupils < 1300 for s in schools if s.phase == "secondary")
    assert len({school.urn for school in schools}) == len(schools)
    assert all(re.fullmatch(r"[1-9][0-9]{5}", school.urn) for school in schools)


def test_phases_are_mixed_by_their_enrolments_and_not_by_the_schools_that_reported(
    authority: DemoAuthority,
) -> None:
    phases = figures_of("332").phases
    pupils: Counter[str] = Counter()
    for school in authority.roll.schools:
        pupils[school.phase] += school.planned_pupils
    everybody = sum(figures.enrolments for figures in phases.values())
    for phase, figures in phases.items():
        assert abs(pupils[phase] - 5000 * figures.enrolments / everybody) < 1


def test_classes_hold_about_thirty_and_special_classes_about_nine(
    authority: DemoAuthority,
) -> None:
    roll = authority.roll
    for (urn, _), members in roll.enrolments_of_class.items():
        on_roll = [member for member in members if member.ends_on is None]
        special = roll.school_by_urn[urn].phase == "special"
        assert (4 if special else 20) <= len(on_roll) <= (20 if special else 38)


def test_phones_and_mails_are_reserved_ones(authority: DemoAuthority) -> None:
    for contact in authority.roll.contacts:
        assert contact.mobile or contact.email
        assert contact.mobile is None or MOBILE.fullmatch(contact.mobile)
        assert contact.email is None or contact.email.endswith("@example.org")


def test_no_contact_has_a_number_the_provider_simulates_with(authority: DemoAuthority) -> None:
    simulators = {f"07700900{n:03d}" for n in (0, 1, 2, 3, 111, 222)}
    assert not simulators & {contact.mobile for contact in authority.roll.contacts}


def test_at_one_school_a_number_means_one_person() -> None:
    roll = build_roll(figures_of("332"), 9000, 2026, seed=1, moves_before=date(2026, 11, 23))
    person_of: dict[tuple[str, str], set[int]] = defaultdict(set)
    for contact in roll.contacts:
        if contact.mobile:
            urn = roll.enrolments[contact.enrolment].school_urn
            person_of[urn, contact.mobile].add(contact.person)
    assert all(len(people) == 1 for people in person_of.values())


def test_siblings_share_their_contacts(authority: DemoAuthority) -> None:
    roll = authority.roll
    people: dict[int, set[frozenset[int]]] = defaultdict(set)
    by_enrolment: dict[int, set[int]] = defaultdict(set)
    for contact in roll.contacts:
        by_enrolment[contact.enrolment].add(contact.person)
    for enrolment in roll.enrolments:
        family = roll.children[enrolment.child].family
        people[family].add(frozenset(by_enrolment[enrolment.key]))
    assert all(len(sets) == 1 for sets in people.values())
    sizes = Counter(child.family for child in roll.children)
    with_siblings = sum(size for size in sizes.values() if size > 1)
    assert 0.3 < with_siblings / len(roll.children) < 0.7
    assert max(sizes.values()) <= 4


def test_every_enrolment_has_one_to_three_contacts_in_order_and_one_who_may_be_told(
    authority: DemoAuthority,
) -> None:
    roll = authority.roll
    contacts: dict[int, list[tuple[int, bool]]] = defaultdict(list)
    for contact in roll.contacts:
        contacts[contact.enrolment].append((contact.priority, contact.court_order))
    assert set(contacts) == {enrolment.key for enrolment in roll.enrolments}
    for rows in contacts.values():
        assert [priority for priority, _ in rows] == list(range(1, len(rows) + 1))
        assert not all(barred for _, barred in rows)
    assert any(barred for rows in contacts.values() for _, barred in rows)
    assert any(c.mobile is None for c in roll.contacts if c.priority == 1)
    assert len({contact.language for contact in roll.contacts}) > 3


def test_three_or_four_children_in_a_hundred_have_a_social_worker(
    authority: DemoAuthority,
) -> None:
    children = authority.roll.children
    known = [child for child in children if child.care]
    assert 0.025 < len(known) / len(children) < 0.045
    assert {child.care[0].kind for child in known} == {"CIN", "CP", "LAC"}
    caseloads = Counter(child.care[0].worker for child in known)
    assert all(size <= 18 for size in caseloads.values())
    assert all(size >= 12 for size in sorted(caseloads.values())[1:])  # one still fills up


def test_some_children_move_and_are_never_on_roll_twice_at_a_time(
    authority: DemoAuthority,
) -> None:
    roll = authority.roll
    left = {e.child: e for e in roll.enrolments if e.ends_on is not None}
    joined = [e for e in roll.enrolments if e.child in left and e.ends_on is None]
    assert 20 < len(left) < 150
    assert len(joined) == len(left)
    for enrolment in joined:
        before = left[enrolment.child]
        assert before.ends_on is not None
        assert before.ends_on < enrolment.starts_on <= authority.marks.play_from
        assert before.school_urn != enrolment.school_urn


def test_two_schools_of_one_child_share_out_the_week(authority: DemoAuthority) -> None:
    enrolments = authority.roll.enrolments
    subsidiaries = [e for e in enrolments if e.status == "subsidiary"]
    assert 10 < len(subsidiaries) < 100
    for subsidiary in subsidiaries:
        (main,) = (e for e in enrolments if e.child == subsidiary.child and e.status == "main")
        assert main.weekdays | subsidiary.weekdays == frozenset(range(5))
        assert not main.weekdays & subsidiary.weekdays
