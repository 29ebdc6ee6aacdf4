"""Every statement behind "who may be told now?"."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import text

from attendance_contracts.calendar import Session
from attendance_runtime.database import SqlSession
from register_service.contacts.domain import Candidate


@dataclass(frozen=True, slots=True)
class ChildToday:
    """A child at a school on a day: what a message needs, and whether an absence is open."""

    date: date
    enrolment_id: UUID
    child_name: str
    school_name: str
    open_sessions: Sequence[Session]
    looked_after: bool
    contacts: list[Candidate]

    @property
    def absence_open(self) -> bool:
        """Whether a session asks for contact."""
        return bool(self.open_sessions)


# One statement, one snapshot: a court order that comes meanwhile counts for all of the answer or for
# none. The days are named a second time where marks are looked for: the planner then passes over the
# other years' partitions, which halves what it costs.
_CHILDREN_ON = text("""
    WITH child AS MATERIALIZED (
        SELECT asked.day, enrolments.id, identities.forename, schools.name AS school,
               ARRAY (SELECT session FROM marks
                      WHERE enrolment_id = enrolments.id
                        AND date = asked.day AND date = ANY(CAST(:days AS date[]))
                        AND code = ANY(schools.contact_codes)
                      ORDER BY session) AS open_sessions,
               EXISTS (SELECT FROM care_statuses care
                       WHERE care.child_id = enrolments.child_id AND kind = 'LAC'
                         AND valid_from <= asked.day
                         AND (valid_to IS NULL OR valid_to >= asked.day)) AS looked_after
        FROM (SELECT DISTINCT * FROM unnest(CAST(:enrolment_ids AS uuid[]), CAST(:days AS date[])))
             AS asked (enrolment_id, day)
        JOIN enrolments ON enrolments.id = asked.enrolment_id
        JOIN identities ON identities.enrolment_id = enrolments.id
        JOIN schools ON schools.id = enrolments.school_id
    )
    SELECT day, child.id, forename, school, open_sessions, looked_after,
           contacts.id AS contact_id, name, relationship, mobile, email, priority,
           parental_responsibility, court_order, language, is_carer
    FROM child LEFT JOIN contacts ON contacts.enrolment_id = child.id
""")


async def children_on(
    session: SqlSession, enrolment_ids: Sequence[UUID], days: Sequence[date]
) -> list[ChildToday]:
    """Who are these children, on their days, and whom did each enrolment's school name?"""
    rows = await session.execute(
        _CHILDREN_ON, {"enrolment_ids": list(enrolment_ids), "days": list(days)}
    )
    children: dict[tuple[UUID, date], ChildToday] = {}
    for day, enrolment_id, forename, school, halves, looked_after, contact_id, *person in rows:
        key = (enrolment_id, day)
        if key not in children:
            open_sessions = [Session(half) for half in halves]
            children[key] = ChildToday(
                day, enrolment_id, forename, school, open_sessions, looked_after, []
            )
        if contact_id is not None:
            children[key].contacts.append(Candidate(contact_id, *person))
    return list(children.values())
