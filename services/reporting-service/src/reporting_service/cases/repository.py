"""Every statement on the copy of cases."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from attendance_runtime.database import SqlSession
from reporting_service.cases.domain import Case


async def save_cases(db: SqlSession, cases: Sequence[Case]) -> None:
    """Add what has been told of cases to what was known; nothing known is ever taken back."""
    await db.execute(
        text("""
            INSERT INTO cases AS known (id, enrolment_id, policy, rule,
                    opened_at, assigned_to, assigned_at, closed_at)
            SELECT * FROM unnest(
                CAST(:ids AS uuid[]), CAST(:enrolments AS uuid[]), CAST(:policies AS text[]),
                CAST(:rules AS text[]), CAST(:opened AS timestamptz[]),
                CAST(:assignees AS text[]), CAST(:assigned AS timestamptz[]),
                CAST(:closed AS timestamptz[])
            )
            ORDER BY 1
            ON CONFLICT (id) DO UPDATE
            SET opened_at = COALESCE(excluded.opened_at, known.opened_at),
                closed_at = COALESCE(excluded.closed_at, known.closed_at),
                assigned_to = CASE WHEN known.assigned_at > excluded.assigned_at
                                   THEN known.assigned_to
                                   ELSE COALESCE(excluded.assigned_to, known.assigned_to) END,
                assigned_at = GREATEST(excluded.assigned_at, known.assigned_at)
        """),
        {
            "ids": [case.id for case in cases],
            "enrolments": [case.enrolment_id for case in cases],
            "policies": [case.policy for case in cases],
            "rules": [case.rule for case in cases],
            "opened": [case.opened_at for case in cases],
            "assignees": [case.assigned_to for case in cases],
            "assigned": [case.assigned_at for case in cases],
            "closed": [case.closed_at for case in cases],
        },
    )


async def open_cases_of(db: SqlSession, enrolments: Sequence[UUID]) -> dict[UUID, list[Case]]:
    """Which cases are open for these enrolments? By enrolment, oldest first."""
    found = await db.execute(
        text("""
            SELECT id, enrolment_id, policy, rule, opened_at, assigned_to, assigned_at, closed_at
            FROM cases
            WHERE enrolment_id = ANY(CAST(:enrolments AS uuid[])) AND closed_at IS NULL
            ORDER BY opened_at, id
        """),
        {"enrolments": list(enrolments)},
    )
    cases: dict[UUID, list[Case]] = {}
    for row in found:
        cases.setdefault(row.enrolment_id, []).append(Case(*row))
    return cases
