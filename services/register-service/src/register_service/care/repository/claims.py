"""Every statement on claims that wait, or were decided."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import RowMapping, text

from attendance_contracts.events import CareStatus
from attendance_runtime.access import Principal
from attendance_runtime.database import SqlSession
from attendance_runtime.errors import Unavailable
from register_service.care.domain import Claim, ClaimKey
from register_service.roll.domain import Facts

_STATUS: Final = ("kind", "authority_code", "worker", "team", "valid_from", "valid_to")
_COLUMNS: Final = (
    "claim.id, claim.kind, claim.authority_code, worker, team, valid_from, valid_to, claim.upn, "
    "claim.child_id, date_of_birth, surname, state, reason"
)
_REACHED: Final = """
    (place.school_id = ANY(CAST(:reached AS uuid[]))
     OR place.child_id = ANY(CAST(:reached AS uuid[])))
"""
_LATELY: Final = timedelta(hours=24)


async def find_claims(db: SqlSession, keys: Iterable[ClaimKey]) -> dict[ClaimKey, Claim]:
    """Which claims have been made under these keys? Locked, in one order for everybody."""
    wanted = list(keys)
    found = await db.execute(
        text(f"""
            SELECT {_COLUMNS} FROM care_claims AS claim
            WHERE (authority_code, kind, valid_from, coalesce(upn, child_id::text)) IN (
                SELECT * FROM unnest(CAST(:authorities AS text[]), CAST(:kinds AS text[]),
                                     CAST(:days AS date[]), CAST(:named AS text[])))
            ORDER BY id FOR UPDATE
        """),  # noqa: S608 - our own columns
        {
            name: [key[place] for key in wanted]
            for place, name in enumerate(("authorities", "kinds", "days", "named"))
        },
    )
    claims = [_claim(row) for row in found.mappings()]
    return {claim.key: claim for claim in claims}


async def pending_claims_about(
    db: SqlSession, upns: Collection[str], children: Collection[UUID]
) -> list[Claim]:
    """Which claims on these UPNs or children wait? Locked, in one order for everybody.

    A claim may name a child by the id it had before a link.
    """
    found = await db.execute(
        text(f"""
            SELECT {_COLUMNS} FROM care_claims AS claim
            WHERE state = 'pending' AND id IN (
                SELECT id FROM care_claims
                WHERE state = 'pending' AND upn = ANY(CAST(:upns AS text[]))
                UNION ALL
                SELECT named.id FROM care_claims AS named
                JOIN children ON children.id = named.child_id
                WHERE state = 'pending'
                  AND coalesce(moved_to, children.id) = ANY(CAST(:children AS uuid[])))
            ORDER BY id FOR UPDATE
        """),  # noqa: S608 - our own columns
        {"upns": list(upns), "children": list(children)},
    )
    return [_claim(row) for row in found.mappings()]


async def lock_claim(db: SqlSession, claim_id: UUID) -> Claim | None:
    """Which claim has this id? Locked."""
    found = await db.execute(
        text(f"SELECT {_COLUMNS} FROM care_claims AS claim WHERE id = :id FOR UPDATE"),  # noqa: S608 - our own columns
        {"id": claim_id},
    )
    row = found.mappings().one_or_none()
    return None if row is None else _claim(row)


async def claims_after(
    db: SqlSession,
    after: UUID,
    *,
    authority_code: str,
    reached: Collection[UUID],
    limit: int,
) -> list[Claim]:
    """Which of an authority's own claims, and of others' it may decide, come next by their ids?

    `reached` are the schools and children for whom it may confirm. Its own that are confirmed are
    left out: they are statuses by now.
    """
    found = await db.execute(
        text(f"""
            SELECT {_COLUMNS} FROM care_claims AS claim
            WHERE claim.id > :after AND (
                (authority_code = :authority_code AND state <> 'confirmed')
                OR (authority_code <> :authority_code AND state = 'pending' AND (
                    EXISTS (
                        SELECT FROM enrolment_keys AS key
                        JOIN enrolments AS place ON place.id = key.enrolment_id
                        WHERE scheme IN ('UPN', 'FORMER_UPN') AND value = claim.upn
                          AND {_REACHED})
                    OR EXISTS (
                        SELECT FROM enrolments AS place
                        WHERE place.child_id = claim.child_id AND {_REACHED}))))
            ORDER BY claim.id LIMIT :limit
        """),  # noqa: S608 - our own columns
        {
            "after": after,
            "authority_code": authority_code,
            "reached": list(reached),
            "limit": limit,
        },
    )
    return [_claim(row) for row in found.mappings()]


async def save_claims(db: SqlSession, claims: Sequence[Claim], *, now: datetime) -> None:
    """Keep claims as they stand; what a person had decided on an earlier wording is forgotten.

    Raises `Unavailable` when another request has made the same claim meanwhile.
    """
    rows = [_row(claim) for claim in claims]
    saved = await db.execute(
        text("""
            INSERT INTO care_claims AS kept
                (id, kind, authority_code, worker, team, valid_from, valid_to,
                 upn, child_id, date_of_birth, surname, state, claimed_at)
            SELECT sent.*, :now
            FROM unnest(
                CAST(:id AS uuid[]), CAST(:kind AS text[]), CAST(:authority_code AS text[]),
                CAST(:worker AS text[]), CAST(:team AS text[]), CAST(:valid_from AS date[]),
                CAST(:valid_to AS date[]), CAST(:upn AS text[]), CAST(:child_id AS uuid[]),
                CAST(:date_of_birth AS date[]), CAST(:surname AS text[]), CAST(:state AS text[])
            ) AS sent (id)
            ORDER BY id
            ON CONFLICT ON CONSTRAINT care_claims_key DO UPDATE
            SET worker = excluded.worker, team = excluded.team, valid_to = excluded.valid_to,
                date_of_birth = excluded.date_of_birth, surname = excluded.surname,
                state = excluded.state, claimed_at = excluded.claimed_at,
                decided_at = CASE excluded.state WHEN 'confirmed' THEN excluded.claimed_at END,
                decided_by = NULL, decided_by_subject = NULL, reason = NULL
            WHERE kept.id = excluded.id
            RETURNING id
        """),
        {name: [row[name] for row in rows] for name in rows[0]} | {"now": now},
    )
    if len(saved.all()) < len(claims):
        raise Unavailable("Another request makes the same claim just now; send this one again.")


async def save_decision(db: SqlSession, claim: Claim, decider: Principal, *, now: datetime) -> None:
    """Keep what a person decided of a claim, and why."""
    await db.execute(
        text("""
            UPDATE care_claims
            SET state = :state, reason = :reason, decided_at = :now,
                decided_by = :organisation, decided_by_subject = :subject
            WHERE id = :id
        """),
        {
            "id": claim.id,
            "state": claim.state,
            "reason": claim.reason,
            "now": now,
            "organisation": decider.organisation,
            "subject": decider.subject,
        },
    )


async def facts_stated_lately(
    db: SqlSession, authority_code: str, upns: Collection[str], *, now: datetime
) -> dict[str, set[Facts]]:
    """What has an authority stated of these UPNs within the last 24 hours? By UPN."""
    found = await db.execute(
        text("""
            SELECT upn, date_of_birth, surname FROM care_stated_facts
            WHERE authority_code = :authority_code AND upn = ANY(CAST(:upns AS text[]))
              AND stated_at > :since
        """),
        {"authority_code": authority_code, "upns": list(upns), "since": now - _LATELY},
    )
    stated: dict[str, set[Facts]] = {}
    for upn, born, surname in found:
        stated.setdefault(upn, set()).add(Facts(born, surname))
    return stated


async def save_stated_facts(
    db: SqlSession,
    authority_code: str,
    stated: Collection[tuple[str, Facts]],
    *,
    now: datetime,
) -> None:
    """Keep what an authority stated of UPNs, and when last."""
    await db.execute(
        text("""
            INSERT INTO care_stated_facts (authority_code, upn, date_of_birth, surname, stated_at)
            SELECT :authority_code, upn, born, surname, :now
            FROM unnest(CAST(:upns AS text[]), CAST(:births AS date[]), CAST(:surnames AS text[]))
                 AS sent (upn, born, surname)
            ORDER BY upn, born, surname
            ON CONFLICT (authority_code, upn, date_of_birth, surname) DO UPDATE
            SET stated_at = excluded.stated_at
        """),
        {
            "authority_code": authority_code,
            "upns": [upn for upn, _ in stated],
            "births": [facts.date_of_birth for _, facts in stated],
            "surnames": [facts.surname for _, facts in stated],
            "now": now,
        },
    )


def _claim(row: RowMapping) -> Claim:
    born, surname = row["date_of_birth"], row["surname"]
    return Claim(
        id=row["id"],
        status=CareStatus(**{name: row[name] for name in _STATUS}),
        upn=row["upn"],
        child_id=row["child_id"],
        facts=None if born is None else Facts(born, surname),
        state=row["state"],
        reason=row["reason"],
    )


def _row(claim: Claim) -> dict[str, object]:
    return asdict(claim.status) | {
        "id": claim.id,
        "upn": claim.upn,
        "child_id": claim.child_id,
        "date_of_birth": claim.facts and claim.facts.date_of_birth,
        "surname": claim.facts and claim.facts.surname,
        "state": claim.state,
    }
