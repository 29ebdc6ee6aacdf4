"""Every statement behind "who may be told now?"."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import text

from attendance_contracts.calendar import Session
from attendance_runtime.database import SqlSession
from register_service.contacts.domain import Contact


@dataclass(frozen=True, slots=True)
class ChildToday:
    """A child at a school on a day: what a message needs, and whether an absence is open."""

    date: date
    enrolment_id: UUID
    child_name: str
    school_name: str
    open_sessions: Sequence[Session]
    looked_after: bool

    @property
    def absence_open(self) -> bool:
        """Whether a session asks for contact."""
        return bool(self.open_sessions)


# The days are named a second time where marks are looked for: the planner then passes over the other
# years' partitions, which halves what the question costs.
_CHILDREN_ON = text("""
    SELECT asked.day, enrolments.id, children.forename, schools.name,
           ARRAY (SELECT session FROM marks
                  WHERE enrolment_id = enrolments.id
                    AND date = asked.day AND date = ANY(CAST(:days AS date[]))
                    AND code = ANY(schools.contact_codes)
                  ORDER BY session) AS open_sessions,
           EXISTS (SELECT FROM care_statuses care
                   WHERE care.child_id = children.id AND kind = 'LAC'
                     AND valid_from <= asked.day
                     AND (valid_to IS NULL OR valid_to >= asked.day)) AS looked_after
    FROM unnest(CAST(:enrolment_ids AS uuid[]), CAST(:days AS date[]))
         AS asked (enrolment_id, day)
    JOIN enrolments ON enrolments.id = asked.enrolment_id
    JOIN children ON children.id = enrolments.child_id
    JOIN schools ON schools.id = enrolments.school_id
""")

_CONTACTS_OF = text("""
    SELECT enrolment_id, id, name, relationship, mobile, email, priority,
           parental_responsibility, court_order, language
    FROM contacts WHERE enrolment_id = ANY(CAST(:enrolment_ids AS uuid[]))
""")


async def children_on(
    session: SqlSession, enrolment_ids: Sequence[UUID], days: Sequence[date]
) -> dict[tuple[UUID, date], ChildToday]:
    """Which sessions of their day ask for contact about these children, and who are they?"""
    found = await session.execute(
        _CHILDREN_ON, {"enrolment_ids": list(enrolment_ids), "days": list(days)}
    )
    return {
        (enrolment_id, day): ChildToday(
            day, enrolment_id, forename, school, [Session(half) for half in halves], looked_after
        )
        for day, enrolment_id, forename, school, halves, looked_after in found
    }


async def contacts_of(
    session: SqlSession, enrolment_ids: Sequence[UUID]
) -> dict[UUID, list[Contact]]:
    """Whom did each enrolment's school name as contacts?"""
    found = await session.execute(_CONTACTS_OF, {"enrolment_ids": list(enrolment_ids)})
    contacts: dict[UUID, list[Contact]] = {}
    for enrolment_id, *person in found:
        contacts.setdefault(enrolment_id, []).append(Contact(*person))
    return contacts
