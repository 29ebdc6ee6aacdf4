"""`python -m escalation_service policies [folder]`: check policy files and show what they say."""

import sys
from argparse import ArgumentParser
from pathlib import Path

from escalation_service.policies.domain import Policies, Policy
from escalation_service.policies.repository import PolicyFilesInvalid, load_policies
from escalation_service.settings import PolicySettings


def show_policies(arguments: list[str]) -> int:
    """Check a folder of policy files, the configured one by default; return the exit status.

    Needs neither a database nor any other setting: a policy is checked where it is written.
    """
    parser = ArgumentParser(
        prog="python -m escalation_service policies",
        description="Check a folder of policy files, and show what each policy asks for.",
    )
    parser.add_argument("folder", nargs="?", type=Path, help="the configured one by default")
    folder = parser.parse_args(arguments).folder or PolicySettings().policy_folder
    try:
        policies = load_policies(folder)
    except PolicyFilesInvalid as invalid:
        sys.stderr.write(f"{invalid}\n")
        return 1
    sys.stdout.write(f"{describe(policies)}\n")
    return 0


def describe(policies: Policies) -> str:
    """Say what every policy on file asks for, a line a rule."""
    return "\n".join(line for policy in policies.versions for line in _lines(policy))


def _lines(policy: Policy) -> list[str]:
    heading = (
        f"{policy.name} version {policy.version}: authority {policy.authority}, "
        f"in force from {policy.in_force_from.isoformat()}"
    )
    rules = [
        f"  {rule.name}: {rule.measure}, a case for the school's attendance lead ({rule.title})"
        for rule in policy.rules
    ]
    return [heading, f"  after: {policy.source}", *rules]
