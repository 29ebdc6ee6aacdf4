"""Which children have a social worker, who that is, and which authority answers for them.

Only the responsible authority says so, never a school's file: it may be another authority than the
school's. What it says is a claim (ADR 20): in force at once only where the register's own facts
bear it out, else once somebody has confirmed it. Kept are kinds, dates and people; reasons and
plans are not ours to know.
"""

from register_service.care.domain.claims import (
    Candidates,
    Claim,
    ClaimKey,
    ClaimState,
    Shown,
    child_meant,
    children_of,
    differing,
    within_reach,
)
from register_service.care.domain.decisions import (
    ClaimStanding,
    Entry,
    Known,
    decide_lines,
    newest,
    newest_claims,
)
from register_service.care.domain.lines import CareLine, Checked, Kind, check_lines
from register_service.care.domain.news import care_changed

__all__ = [
    "Candidates",
    "CareLine",
    "Checked",
    "Claim",
    "ClaimKey",
    "ClaimStanding",
    "ClaimState",
    "Entry",
    "Kind",
    "Known",
    "Shown",
    "care_changed",
    "check_lines",
    "child_meant",
    "children_of",
    "decide_lines",
    "differing",
    "newest",
    "newest_claims",
    "within_reach",
]
