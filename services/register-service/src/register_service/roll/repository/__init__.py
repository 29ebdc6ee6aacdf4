"""Every statement on the admission register, each named for the question it answers."""

from register_service.roll.repository.enrolments import (
    Only,
    enrolments_after,
    enrolments_of,
    find_enrolment,
    find_enrolments,
    keep_last_sent,
    move_enrolments,
    require_all,
    save_enrolments,
)
from register_service.roll.repository.identities import (
    Name,
    Revision,
    birth_dates,
    find_identities,
    find_identities_of,
    find_identity,
    names_of,
    revisions_after,
)
from register_service.roll.repository.memory import read_rolls

__all__ = [
    "Name",
    "Only",
    "Revision",
    "birth_dates",
    "enrolments_after",
    "enrolments_of",
    "find_enrolment",
    "find_enrolments",
    "find_identities",
    "find_identities_of",
    "find_identity",
    "keep_last_sent",
    "move_enrolments",
    "names_of",
    "read_rolls",
    "require_all",
    "revisions_after",
    "save_enrolments",
]
