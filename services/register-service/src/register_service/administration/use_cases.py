"""What the platform's administrator does, and what follows from it."""

from collections.abc import Mapping
from datetime import datetime

from attendance_runtime.database import SqlSession
from register_service.establishments import domain
from register_service.establishments.domain import Decision, Establishment
from register_service.establishments.use_cases import keep_lines
from register_service.schools.use_cases import move_schools


async def load_list(
    db: SqlSession, lines: Mapping[int, Establishment], *, now: datetime
) -> list[Decision]:
    """Keep lines of the list of establishments; a school that it moves changes hands with it."""
    decisions = await keep_lines(db, lines)
    changed = domain.changes_in(decisions)
    authorities = {one.urn: one.authority_code for one in changed}
    await move_schools(db, authorities, now=now)
    return decisions
