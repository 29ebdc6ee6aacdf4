"""A council's escalation ladder as values: policies, their versions and their rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from operator import attrgetter

from escalation_service.measures.domain import Measure, judged_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One step of a ladder: a measure and the threshold it is held against.

    Attributes:
        name: stays the same through the versions of a policy; a threshold is met once for each
            rule, enrolment and school year.
        title: the step in the council's own words.
    """

    name: str
    title: str
    measure: Measure


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One version of an authority's policy.

    Attributes:
        name: the same in all versions.
        authority: three digits; the policy applies to the schools in this authority's area.
        in_force_from: the first day of this version; the day before is the last of its predecessor.
        source: the document that the policy follows.
    """

    name: str
    version: int
    authority: str
    in_force_from: date
    source: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Policies:
    """Every policy on file; an authority's stand beside one another, each under its own name.

    A school whose authority has none is under none: nothing is decided. A ladder is a council's own
    choice, so there is no national one to fall back on.
    """

    versions: tuple[Policy, ...]

    @cached_property
    def authorities(self) -> tuple[str, ...]:
        """The authorities that have a policy."""
        return tuple(sorted({policy.authority for policy in self.versions}))

    @cached_property
    def codes(self) -> frozenset[str]:
        """Every code that any rule asks about; marks of other codes cannot change a decision."""
        return frozenset(
            code
            for policy in self.versions
            for rule in policy.rules
            for code in rule.measure.wide_question().codes
        )

    def in_force(self, authority: str, day: date) -> tuple[Policy, ...]:
        """Return what applies to an authority's schools on a day: each policy's newest version."""
        begun = {
            policy.name: policy
            for policy in sorted(self.versions, key=attrgetter("name", "version"))
            if policy.authority == authority and policy.in_force_from <= day
        }
        return tuple(begun.values())

    def for_year(self, authority: str, school_year: int, today: date) -> tuple[Policy, ...]:
        """Return the versions by which a school year's marks are judged today.

        This year by those in force today; an earlier year by those in force at its end, so that a
        correction in September does not bring a new rule to old absences.
        """
        return self.in_force(authority, judged_on(school_year, today))


def clashes(policies: Sequence[Policy]) -> list[tuple[Policy, str]]:
    """Find the policies that contradict another one on file, each with a sentence that says how."""
    found = []
    for position, policy in enumerate(policies):
        for other in policies[:position]:
            clash = _clash(policy, other)
            if clash:
                found.append((policy, clash))
    return found


def _clash(policy: Policy, other: Policy) -> str | None:
    if policy.name != other.name:
        return None
    if policy.authority != other.authority:
        return f"Policy `{policy.name}` is already the policy of authority {other.authority}."
    if policy.version == other.version:
        return f"Version {policy.version} of `{policy.name}` is already on file."
    if (policy.version < other.version) != (policy.in_force_from < other.in_force_from):
        return (
            f"Version {max(policy.version, other.version)} must come into force after "
            f"version {min(policy.version, other.version)}."
        )
    return None
