"""Which version of which policy applies."""

from dataclasses import replace
from datetime import date

import pytest

from escalation_service.measures.domain import Sessions
from escalation_service.policies.domain import Policies, Policy, Rule, clashes

RULE = Rule(name="ten-days", title="Ten days", measure=Sessions(count=("O",), sessions=20))


def a_policy(version: int, since: date, authority: str = "332") -> Policy:
    return Policy(
        name=f"policy-{authority}",
        version=version,
        authority=authority,
        in_force_from=since,
        source="A guide",
        rules=(RULE,),
    )


POLICIES = Policies(
    (
        a_policy(2, date(2026, 1, 1)),
        a_policy(1, date(2024, 9, 1)),
        a_policy(1, date(2025, 9, 1), authority="822"),
    )
)


def version_of(in_force: tuple[Policy, ...]) -> int | None:
    """The version of the one policy in force, None where none is."""
    assert len(in_force) <= 1
    return in_force[0].version if in_force else None


@pytest.mark.parametrize(
    ("authority", "day", "version"),
    [
        ("332", date(2024, 8, 31), None),
        ("332", date(2024, 9, 1), 1),
        ("332", date(2025, 12, 31), 1),
        ("332", date(2026, 1, 1), 2),
        ("822", date(2025, 8, 31), None),
        ("822", date(2026, 1, 1), 1),
        ("926", date(2026, 1, 1), None),
    ],
)
def test_the_newest_version_that_has_begun_is_in_force(
    authority: str, day: date, version: int | None
) -> None:
    assert version_of(POLICIES.in_force(authority, day)) == version


@pytest.mark.parametrize(
    ("year", "today", "version"),
    [
        (2025, date(2025, 11, 3), 1),
        (2025, date(2026, 2, 3), 2),
        (2024, date(2026, 2, 3), 1),
        (2026, date(2026, 2, 3), 2),
        (2023, date(2026, 2, 3), None),
    ],
)
def test_an_earlier_year_is_judged_by_the_policy_of_its_own_time(
    year: int, today: date, version: int | None
) -> None:
    assert version_of(POLICIES.for_year("332", year, today)) == version


def test_all_codes_that_any_rule_counts_are_known() -> None:
    assert POLICIES.codes == {"O"}
    assert POLICIES.authorities == ("332", "822")


def test_a_framework_stands_beside_the_council_s_own_policy() -> None:
    """Each by its newest version, whatever the other's number."""
    framework = [
        replace(a_policy(number, date(year, 9, 1)), name="framework")
        for number, year in ((7, 2023), (8, 2027))
    ]
    beside = Policies((*framework, *POLICIES.versions))
    assert clashes(beside.versions) == []
    in_force = beside.in_force("332", date(2026, 1, 1))
    assert [(policy.name, policy.version) for policy in in_force] == [
        ("framework", 7),
        ("policy-332", 2),
    ]


def test_versions_in_their_order_and_other_authorities_do_not_clash() -> None:
    assert clashes(POLICIES.versions) == []
