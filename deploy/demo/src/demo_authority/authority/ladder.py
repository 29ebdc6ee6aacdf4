"""What an authority's policy file says, as plain data: whom to bring near, and what to count.

Only what the file states is taken from it. How escalation-service reads the same file is what the
demo proves.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files

import yaml


@dataclass(frozen=True, slots=True)
class CountRule:
    """So many sessions of these codes within the school year."""

    sessions: int
    codes: frozenset[str]


@cache
def rule_of(authority: str) -> CountRule | None:
    """Return the rule of a three-digit authority's newest policy; None where it has no policy."""
    with as_file(files("escalation_service") / "policies" / "packs") as packs:
        policies = [yaml.safe_load(path.read_text("utf-8")) for path in packs.rglob("*.yaml")]
    own = [policy for policy in policies if policy["authority"] == authority]
    if not own:
        return None
    (rule,) = max(own, key=lambda policy: policy["version"])["rules"]
    if rule["within"] != "school-year":
        raise NotImplementedError(f"The demo counts within a school year, not {rule['within']}.")
    return CountRule(rule["sessions"], frozenset(rule["count"]))
