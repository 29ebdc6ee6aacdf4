"""Every statement on cases, each named for the question it answers."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import RowMapping, text

from attendance_runtime.database import SqlSession
from escalation_service.cases.domain import Case, Outcome, Step, StepKind, Transition

_COLUMNS: Final = """
    id, decision_id, enrolment_id, child_id, school_id, policy, rule, opened_at, assigned_to,
    closed_at, outcome, threshold_withdrawn_at, worked_on, version
"""


async def save_transitions(db: SqlSession, transitions: Sequence[Transition]) -> None:
    """Keep cases as they are after these transitions, in their order, and every step."""
    cases = {transition.case.id: transition.case for transition in transitions}
    await db.execute(
        text(f"""
            INSERT INTO cases AS kept ({_COLUMNS})
            SELECT * FROM unnest(
                CAST(:id AS uuid[]), CAST(:decision_id AS uuid[]), CAST(:enrolment_id AS uuid[]),
                CAST(:child_id AS uuid[]), CAST(:school_id AS uuid[]), CAST(:policy AS text[]),
                CAST(:rule AS text[]), CAST(:opened_at AS timestamptz[]),
                CAST(:assigned_to AS text[]), CAST(:closed_at AS timestamptz[]),
                CAST(:outcome AS text[]), CAST(:threshold_withdrawn_at AS timestamptz[]),
                CAST(:worked_on AS boolean[]), CAST(:version AS integer[])
            )
            ORDER BY 1
            ON CONFLICT (id) DO UPDATE
            SET assigned_to = excluded.assigned_to, closed_at = excluded.closed_at,
                outcome = excluded.outcome,
                threshold_withdrawn_at = excluded.threshold_withdrawn_at,
                worked_on = excluded.worked_on, version = excluded.version
        """),  # noqa: S608 - our own columns
        {
            column: [getattr(case, column) for case in cases.values()]
            for column in _COLUMNS.replace(",", " ").split()
        },
    )
    await _save_steps(db, transitions)


async def _save_steps(db: SqlSession, transitions: Sequence[Transition]) -> None:
    """Keep the step that each transition took; a step is never changed afterwards."""
    await db.execute(
        text("""
            INSERT INTO case_steps (case_id, version, kind, at, by, assigned_to, outcome, note)
            SELECT * FROM unnest(
                CAST(:case_id AS uuid[]), CAST(:version AS integer[]), CAST(:kind AS text[]),
                CAST(:at AS timestamptz[]), CAST(:by AS text[]), CAST(:assigned_to AS text[]),
                CAST(:outcome AS text[]), CAST(:note AS text[])
            )
            ORDER BY 1, 2
        """),
        {
            "case_id": [transition.case.id for transition in transitions],
            "version": [transition.step.version for transition in transitions],
            "kind": [transition.step.kind for transition in transitions],
            "at": [transition.step.at for transition in transitions],
            "by": [transition.step.by for transition in transitions],
            "assigned_to": [transition.step.assigned_to for transition in transitions],
            "outcome": [transition.step.outcome for transition in transitions],
            "note": [transition.step.note for transition in transitions],
        },
    )


async def follow_enrolments(db: SqlSession, enrolments: Collection[UUID]) -> None:
    """Make the cases of these enrolments their child's: it is another record now."""
    await db.execute(
        text("""
            UPDATE cases SET child_id = enrolments.child_id
            FROM enrolments
            WHERE cases.enrolment_id = enrolments.id AND cases.school_id = enrolments.school_id
              AND enrolments.id = ANY(CAST(:enrolments AS uuid[]))
        """),
        {"enrolments": list(enrolments)},
    )


async def find_case(db: SqlSession, case_id: UUID) -> Case | None:
    """Which case has this id?"""
    return await _one(db, "id = :id", case_id)


async def lock_case(db: SqlSession, case_id: UUID) -> Case | None:
    """How does a case stand? Locked until the transaction ends."""
    return await _one(db, "id = :id FOR NO KEY UPDATE", case_id)


async def cases_opened_by(db: SqlSession, decisions: Collection[UUID]) -> Mapping[UUID, Case]:
    """Which cases did these decisions open? By decision."""
    found = await db.execute(
        text(f"""
            SELECT {_COLUMNS} FROM cases WHERE decision_id = ANY(CAST(:decisions AS uuid[]))
        """),  # noqa: S608 - our own columns
        {"decisions": list(decisions)},
    )
    return {row["decision_id"]: _case(row) for row in found.mappings()}


async def lock_open_cases_of(db: SqlSession, decisions: Collection[UUID]) -> list[Case]:
    """Which cases that these decisions opened are still open? Locked, in one order."""
    found = await db.execute(
        text(f"""
            SELECT {_COLUMNS} FROM cases
            WHERE decision_id = ANY(CAST(:decisions AS uuid[])) AND closed_at IS NULL
            ORDER BY id FOR NO KEY UPDATE
        """),  # noqa: S608 - our own columns
        {"decisions": list(decisions)},
    )
    return [_case(row) for row in found.mappings()]


async def lock_unassigned_cases_at(db: SqlSession, schools: Collection[UUID]) -> list[Case]:
    """Which open cases of these schools has nobody been given? Locked, in one order."""
    found = await db.execute(
        text(f"""
            SELECT {_COLUMNS} FROM cases
            WHERE school_id = ANY(CAST(:schools AS uuid[]))
              AND closed_at IS NULL AND assigned_to IS NULL
            ORDER BY id FOR NO KEY UPDATE
        """),  # noqa: S608 - our own columns
        {"schools": list(schools)},
    )
    return [_case(row) for row in found.mappings()]


async def cases_at(
    db: SqlSession, school_id: UUID, state: str | None, *, after: UUID, limit: int
) -> list[Case]:
    """Which cases of a school come next, oldest first: open ones, closed ones, or (None) both?"""
    found = await db.execute(
        text(f"""
            SELECT {_COLUMNS} FROM cases
            WHERE school_id = :school_id AND id > :after
              AND (CAST(:state AS text) IS NULL OR (closed_at IS NULL) = (:state = 'open'))
            ORDER BY id LIMIT :limit
        """),  # noqa: S608 - our own columns
        {"school_id": school_id, "state": state, "after": after, "limit": limit},
    )
    return [_case(row) for row in found.mappings()]


async def steps_of(db: SqlSession, case_id: UUID) -> list[Step]:
    """What has happened to a case? Oldest first."""
    found = await db.execute(
        text("""
            SELECT version, kind, at, by, assigned_to, outcome, note
            FROM case_steps WHERE case_id = :case_id ORDER BY version
        """),
        {"case_id": case_id},
    )
    return [
        Step(
            **dict(row)
            | {
                "kind": StepKind(row["kind"]),
                "outcome": None if row["outcome"] is None else Outcome(row["outcome"]),
            }
        )
        for row in found.mappings()
    ]


async def _one(db: SqlSession, condition: str, wanted: UUID) -> Case | None:
    found = await db.execute(
        text(f"SELECT {_COLUMNS} FROM cases WHERE {condition}"),  # noqa: S608 - our own words
        {"id": wanted},
    )
    row = found.mappings().one_or_none()
    return None if row is None else _case(row)


def _case(row: RowMapping) -> Case:
    outcome = row["outcome"]
    return Case(**dict(row) | {"outcome": None if outcome is None else Outcome(outcome)})
