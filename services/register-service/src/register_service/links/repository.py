"""Every statement on proposed links, each named for the question it answers."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import RowMapping, text
from uuid_utils.compat import uuid7

from attendance_runtime.access import Principal
from attendance_runtime.database import SqlSession
from attendance_runtime.errors import Unavailable
from register_service.links.domain import Decide, Proposal, Question, Side
from register_service.roll.domain import Enrolment, Facts, Identity


def _side(side: str) -> str:
    """Return the columns of one side, each under the side's name."""
    names = [
        *(f"{side}.{name} AS {side}_{name}" for name in Enrolment.__slots__),
        *(f"{side}_said.{name} AS {side}_{name}" for name in Identity.__slots__),
        f"{side}_at.urn AS {side}_urn",
        f"{side}_at.name AS {side}_school_name",
    ]
    return ", ".join(names)


def _joined(side: str) -> str:
    return f"""
        JOIN enrolments AS {side} ON {side}.id = proposal.{side}_enrolment
        JOIN identities AS {side}_said ON {side}_said.enrolment_id = {side}.id
        JOIN schools AS {side}_at ON {side}_at.id = {side}.school_id
    """


_OWN: Final = "differing, state, proposed_at, decided_at, decided_by, reason"
_QUESTIONS: Final = f"""
    SELECT proposal.id AS proposal_id, proposal.version AS own_version, {_OWN},
           {_side("newcomer")}, {_side("earlier")}
    FROM link_proposals AS proposal {_joined("newcomer")} {_joined("earlier")}
"""  # noqa: S608 - our own columns


async def find_question(db: SqlSession, proposal_id: UUID) -> Question | None:
    """Which link is proposed under this id, and what do both schools say now?"""
    found = await db.execute(text(f"{_QUESTIONS} WHERE proposal.id = :id"), {"id": proposal_id})
    row = found.mappings().one_or_none()
    return None if row is None else _question(row)


async def questions_at(
    db: SqlSession, schools: Collection[UUID], state: str, *, after: UUID, limit: int
) -> list[Question]:
    """Which links to children whom these schools knew earlier come next, oldest first?"""
    found = await db.execute(
        text(f"""
            {_QUESTIONS}
            WHERE earlier.school_id = ANY(CAST(:schools AS uuid[])) AND state = :state
              AND proposal.id > :after
            ORDER BY proposal.id LIMIT :limit
        """),
        {"schools": list(schools), "state": state, "after": after, "limit": limit},
    )
    return [_question(row) for row in found.mappings()]


def _question(row: RowMapping) -> Question:
    def side(name: str) -> Side:
        return Side(
            enrolment=Enrolment(**{key: row[f"{name}_{key}"] for key in Enrolment.__slots__}),
            identity=Identity(**{key: row[f"{name}_{key}"] for key in Identity.__slots__}),
            urn=row[f"{name}_urn"],
            school_name=row[f"{name}_school_name"],
        )

    return Question(
        id=row["proposal_id"],
        newcomer=side("newcomer"),
        earlier=side("earlier"),
        differing=tuple(row["differing"]),
        state=row["state"],
        own_version=row["own_version"],
        proposed_at=row["proposed_at"],
        decided_at=row["decided_at"],
        decided_by=row["decided_by"],
        reason=row["reason"],
    )


async def lock_schools(db: SqlSession, question: Question) -> list[str]:
    """Lock the schools that have the two children, then their UPNs; which are these?

    Raises `Unavailable` when a school brings one of the children at this very moment.
    """
    both = {"ids": list(question.children)}
    locked = await db.scalars(
        text("""
            SELECT id FROM schools WHERE id IN (
                SELECT school_id FROM enrolments WHERE child_id = ANY(CAST(:ids AS uuid[])))
            ORDER BY urn FOR NO KEY UPDATE
        """),
        both,
    )
    upns = await db.scalars(
        text("""
            SELECT upn FROM upns WHERE upn IN (
                SELECT value FROM enrolment_keys JOIN enrolments ON enrolments.id = enrolment_id
                WHERE scheme IN ('UPN', 'FORMER_UPN')
                  AND child_id = ANY(CAST(:ids AS uuid[])))
            ORDER BY upn FOR NO KEY UPDATE
        """),
        both,
    )
    schools = await db.scalars(
        text("""
            SELECT DISTINCT school_id FROM enrolments WHERE child_id = ANY(CAST(:ids AS uuid[]))
        """),
        both,
    )
    if not set(schools) <= set(locked):
        raise Unavailable("A school enters this child just now; send the decision again.")
    return list(upns)


async def lock_children(db: SqlSession, question: Question) -> None:
    """Keep everybody from the two children until the transaction ends."""
    await db.execute(
        text("""
            SELECT FROM children WHERE id = ANY(CAST(:ids AS uuid[]))
            ORDER BY id FOR NO KEY UPDATE
        """),
        {"ids": list(question.children)},
    )


async def save_decision(
    db: SqlSession, command: Decide, sender: Principal, *, now: datetime
) -> None:
    """Keep what a person has decided, when, by whom and why."""
    await db.execute(
        text("""
            UPDATE link_proposals
            SET state = :state, version = version + 1, decided_at = :now,
                decided_by = :organisation, decided_by_subject = :subject, reason = :reason
            WHERE id = :id
        """),
        {
            "id": command.proposal_id,
            "state": command.decision,
            "now": now,
            "organisation": sender.organisation,
            "subject": sender.subject,
            "reason": command.reason,
        },
    )


async def overtake_proposals(db: SqlSession, child_id: UUID) -> None:
    """Ask no more whether two enrolments are one child's which are this child's both by now."""
    await db.execute(
        text("""
            UPDATE link_proposals SET state = 'overtaken', version = link_proposals.version + 1
            FROM enrolments AS newcomer, enrolments AS earlier
            WHERE newcomer.id = newcomer_enrolment AND earlier.id = earlier_enrolment
              AND newcomer.child_id = :child_id AND earlier.child_id = :child_id
              AND state = 'proposed'
        """),
        {"child_id": child_id},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two enrolments that a person has said are not one child's, and what their schools say now."""

    newcomer_enrolment: UUID
    newcomer: Facts
    earlier_enrolment: UUID
    earlier: Facts


async def refused_pairs(db: SqlSession, child_ids: Sequence[UUID]) -> list[Pair]:
    """Which links of these children were refused, and stand proposed no more?"""
    found = await db.execute(
        text("""
            SELECT DISTINCT ON (newcomer_enrolment, earlier_enrolment)
                   newcomer_enrolment, one.date_of_birth, one.surname,
                   earlier_enrolment, other.date_of_birth, other.surname
            FROM link_proposals AS refused
            JOIN enrolments AS newcomer ON newcomer.id = newcomer_enrolment
            JOIN enrolments AS earlier ON earlier.id = earlier_enrolment
            JOIN identities AS one ON one.enrolment_id = newcomer_enrolment
            JOIN identities AS other ON other.enrolment_id = earlier_enrolment
            WHERE state = 'refused' AND newcomer.child_id <> earlier.child_id
              AND (newcomer.child_id = ANY(CAST(:child_ids AS uuid[]))
                   OR earlier.child_id = ANY(CAST(:child_ids AS uuid[])))
              AND NOT EXISTS (
                  SELECT FROM link_proposals AS standing
                  WHERE standing.newcomer_enrolment = refused.newcomer_enrolment
                    AND standing.earlier_enrolment = refused.earlier_enrolment
                    AND standing.state = 'proposed')
        """),
        {"child_ids": list(child_ids)},
    )
    return [
        Pair(
            newcomer_enrolment=row[0],
            newcomer=Facts.of(row[1], row[2]),
            earlier_enrolment=row[3],
            earlier=Facts.of(row[4], row[5]),
        )
        for row in found
    ]


async def add_proposals(db: SqlSession, proposals: Sequence[Proposal], *, now: datetime) -> None:
    """Keep questions for a person to answer."""
    await db.execute(
        _ADD,
        {
            "ids": [uuid7() for _ in proposals],
            "newcomers": [one.newcomer_enrolment for one in proposals],
            "earlier": [one.earlier_enrolment for one in proposals],
            # An array of arrays cannot be unnested to one array a row.
            "differing": [",".join(one.differing) for one in proposals],
            "now": now,
        },
    )


_ADD: Final = text("""
    INSERT INTO link_proposals
           (id, newcomer_enrolment, earlier_enrolment, differing, state, version, proposed_at)
    SELECT id, newcomer, earlier, string_to_array(differing, ','), 'proposed', 1, :now
    FROM unnest(CAST(:ids AS uuid[]), CAST(:newcomers AS uuid[]), CAST(:earlier AS uuid[]),
                CAST(:differing AS text[])) AS sent (id, newcomer, earlier, differing)
    ON CONFLICT (newcomer_enrolment, earlier_enrolment) WHERE state = 'proposed' DO NOTHING
""")
