"""Whom a school names as a child's contacts, how they are reached, and who of them may be told."""

from register_service.contacts.domain.child import ChildToday, Question
from register_service.contacts.domain.eligible import Candidate, eligible_contacts
from register_service.contacts.domain.sent import (
    Contact,
    check_contacts,
    contacts_changed,
    newly_reached,
    tidy_contacts,
)

__all__ = [
    "Candidate",
    "ChildToday",
    "Contact",
    "Question",
    "check_contacts",
    "contacts_changed",
    "eligible_contacts",
    "newly_reached",
    "tidy_contacts",
]
