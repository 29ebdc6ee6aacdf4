"""Who may be told about an absence now.

Court orders, care status and confidential flags are applied here and nowhere else. Sources: Working
together to improve school attendance, August 2024 (contact the parent on the first day; where a
child is looked after, foster carer and social worker take the parent's place); Dudley, Supporting
Social Workers to Improve the Attendance of Children with a Social Worker.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from attendance_contracts.telephones import number_to_text
from register_service.contacts.domain.carers import is_carers_title


@dataclass(frozen=True, slots=True)
class Candidate:
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
    is_carer: bool | None = None

    @property
    def text_to(self) -> str | None:
        """The number that a text goes to, in E.164; None where no text can.

        Read from what was sent, and not from the E.164 kept beside it: while a release is rolled
        out, processes of the one before still write the first without the second.
        """
        return number_to_text(self.mobile)


def eligible_contacts(contacts: Sequence[Candidate], *, looked_after: bool) -> list[Candidate]:
    """Return who may be told, first choice first.

    Nobody under a court order, nobody who cannot be reached. For a looked-after child only those
    who care for them; otherwise those with parental responsibility before others.
    """
    allowed = [
        contact
        for contact in (_carers(contacts) if looked_after else contacts)
        if not contact.court_order and (contact.text_to or contact.email)
    ]
    return sorted(
        allowed,
        key=lambda contact: (
            contact.priority,
            not contact.parental_responsibility,
            contact.contact_id,
        ),
    )


def _carers(contacts: Sequence[Candidate]) -> list[Candidate]:
    """Return who looks after the child: whoever is marked so, else whose title says so.

    Marks stand before titles: the carers of before may still be on the list under theirs.
    """
    marked = [contact for contact in contacts if contact.is_carer]
    return marked or [
        contact
        for contact in contacts
        if contact.is_carer is None and is_carers_title(contact.relationship)
    ]
