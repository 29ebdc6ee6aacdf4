"""Who may be told about an absence now.

Court orders, care status and confidential flags are applied here and nowhere else. Sources: Working
together to improve school attendance, August 2024 (contact the parent on the first day; where a
child is looked after, foster carer and social worker take the parent's place); Dudley, Supporting
Social Workers to Improve the Attendance of Children with a Social Worker.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

# Whoever looks after a looked-after child stands where a parent otherwise would.
CARERS = frozenset({"foster carer", "social worker", "residential worker", "kinship carer"})


@dataclass(frozen=True, slots=True)
class Contact:
    """One person a school may reach about a child, as the enrolment that supplied it knows them."""

    contact_id: UUID
    name: str
    relationship: str
    mobile: str | None
    email: str | None
    priority: int
    parental_responsibility: bool
    court_order: bool
    language: str


def eligible_contacts(contacts: Sequence[Contact], *, looked_after: bool) -> list[Contact]:
    """Return who may be told, first choice first.

    Nobody under a court order, nobody who cannot be reached. For a looked-after child only those
    who care for them; otherwise those with parental responsibility before others.
    """
    allowed = [
        contact
        for contact in contacts
        if not contact.court_order
        and (contact.mobile or contact.email)
        and (not looked_after or contact.relationship.lower() in CARERS)
    ]
    return sorted(
        allowed,
        key=lambda contact: (
            contact.priority,
            not contact.parental_responsibility,
            contact.contact_id,
        ),
    )
