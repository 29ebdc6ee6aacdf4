"""Every statement on care statuses and claims, each named for the question it answers."""

from register_service.care.repository.claims import (
    claims_after,
    facts_stated_lately,
    find_claims,
    lock_claim,
    pending_claims_about,
    save_claims,
    save_decision,
    save_stated_facts,
)
from register_service.care.repository.statuses import (
    find_statuses,
    lock_children,
    move_statuses,
    save_statuses,
    versions_after,
)

__all__ = [
    "claims_after",
    "facts_stated_lately",
    "find_claims",
    "find_statuses",
    "lock_children",
    "lock_claim",
    "move_statuses",
    "pending_claims_about",
    "save_claims",
    "save_decision",
    "save_stated_facts",
    "save_statuses",
    "versions_after",
]
