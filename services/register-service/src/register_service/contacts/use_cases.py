"""Answering "who may be told now?" for a batch of children."""

from collections.abc import Sequence
from dataclasses import dataclass

from attendance_runtime.database import SqlSession
from register_service.contacts import domain, repository
from register_service.contacts.domain import Candidate, ChildToday, Question


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Who may be told about one child now; nobody, unless an absence is open or was told before."""

    child: ChildToday
    recipients: Sequence[Candidate]


async def find_eligible(db: SqlSession, questions: Sequence[Question]) -> list[Eligibility]:
    """Say who may be told about each child, on its day, in the order they should be tried."""
    children = await repository.children_on(db, questions)
    return [
        Eligibility(
            child, domain.eligible_contacts(child.contacts, looked_after=child.looked_after)
        )
        for child in children
    ]
