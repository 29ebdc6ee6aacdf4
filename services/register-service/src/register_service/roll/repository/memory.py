"""Rolls kept in memory, so that a register finds its pupils without asking for them again."""

from collections.abc import Collection
from typing import Final

from cachetools import LRUCache

from attendance_runtime.database import SqlSession
from register_service.roll.domain import Roll, RollName
from register_service.roll.repository import enrolments

_PUPILS_KEPT: Final = 300_000
"""More than any authority has; 0.33 kB each. What was needed longest ago is forgotten first."""

_rolls: Final[LRUCache[RollName, Roll]] = LRUCache(
    _PUPILS_KEPT, getsizeof=lambda roll: 1 + len(roll)
)


async def read_rolls(db: SqlSession, wanted: Collection[RollName]) -> dict[RollName, Roll]:
    """Return rolls, from memory or read now; nothing kept is ever out of date.

    A name holds the version that the caller's transaction read: a roll that changed since goes by
    another name. Ten microseconds a mark were spent on finding the same pupils again, twice a day.
    """
    kept = {name: _rolls[name] for name in wanted if name in _rolls}
    unknown = [name for name in wanted if name not in kept]
    read = await enrolments.read_rolls(db, unknown) if unknown else {}
    _rolls.update(read)
    return kept | read
