"""What can be done with the list of establishments: keep what it says, and ask whom it gives."""

from collections.abc import Mapping, Sequence

from attendance_runtime.database import SqlSession
from register_service.establishments import domain, repository
from register_service.establishments.domain import Decision, Establishment


async def keep_lines(db: SqlSession, lines: Mapping[int, Establishment]) -> list[Decision]:
    """Keep lines of the list, deciding each for itself; what they do not name stays as it is."""
    await repository.lock_list(db)
    known = await repository.find_establishments(db, [line.urn for line in lines.values()])
    decisions = domain.decide(lines, known)
    if changed := domain.changes_in(decisions):
        await repository.save_establishments(db, changed)
    return decisions


async def given_to(
    db: SqlSession, organisation: str, urns: Sequence[str]
) -> dict[str, Establishment]:
    """Return those of these schools that the list gives to an organisation, by URN.

    No list moves them before the transaction ends.
    """
    found = await repository.hold_establishments(db, urns, organisation)
    return {one.urn: one for one in found if one.keeps_registers}
