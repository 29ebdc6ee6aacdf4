"""Every statement on the list of establishments, each named for the question it answers."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import RowMapping, text

from attendance_runtime.database import SqlSession
from register_service.establishments.domain import Establishment, Status

_COLUMNS: Final = "urn, authority_code, number, name, kind, phase, status, opened_on, closed_on"


async def hold_establishments(
    db: SqlSession, urns: Sequence[str], organisation: str
) -> list[Establishment]:
    """Which of these lie in this organisation's area? Held against a newer list until the end.

    One statement, whatever exists: a stranger's answer takes as long for a URN that is another's as
    for one that nobody has.
    """
    found = await db.execute(
        text(f"""
            SELECT {_COLUMNS} FROM establishments
            WHERE urn = ANY(CAST(:urns AS text[])) AND 'authority:' || authority_code = :organisation
            ORDER BY urn FOR SHARE
        """),  # noqa: S608 - our own columns
        {"urns": list(urns), "organisation": organisation},
    )
    return [_establishment(row) for row in found.mappings()]


async def lock_list(db: SqlSession) -> None:
    """Let one list be loaded at a time; whoever writes settings meanwhile is not held up."""
    await db.execute(text("LOCK TABLE establishments IN SHARE ROW EXCLUSIVE MODE"))


async def find_establishments(db: SqlSession, urns: Sequence[str]) -> dict[str, Establishment]:
    """What does the list say of these by now?"""
    found = await db.execute(
        text(f"SELECT {_COLUMNS} FROM establishments WHERE urn = ANY(CAST(:urns AS text[]))"),  # noqa: S608 - our own columns
        {"urns": list(urns)},
    )
    return {row["urn"]: _establishment(row) for row in found.mappings()}


async def save_establishments(db: SqlSession, changed: Sequence[Establishment]) -> None:
    """Keep lines of the list as they are now, in the order in which settings lock them."""
    await db.execute(
        text(f"""
            INSERT INTO establishments ({_COLUMNS})
            SELECT * FROM unnest(
                CAST(:urn AS text[]), CAST(:authority_code AS text[]), CAST(:number AS text[]),
                CAST(:name AS text[]), CAST(:kind AS text[]), CAST(:phase AS text[]),
                CAST(:status AS text[]), CAST(:opened_on AS date[]), CAST(:closed_on AS date[])
            ) AS sent ({_COLUMNS})
            ORDER BY urn
            ON CONFLICT (urn) DO UPDATE
            SET authority_code = excluded.authority_code, number = excluded.number,
                name = excluded.name, kind = excluded.kind, phase = excluded.phase,
                status = excluded.status, opened_on = excluded.opened_on,
                closed_on = excluded.closed_on
        """),  # noqa: S608 - our own columns
        {name: [getattr(one, name) for one in changed] for name in _COLUMNS.split(", ")},
    )


def _establishment(row: RowMapping) -> Establishment:
    facts = dict(row)
    return Establishment(**facts | {"status": Status(facts["status"])})
