"""What an error asks for: try later, or look at the code. And how to write it down without content.

Three kinds meet in the consumer. *Unreadable* (`codec.Unreadable`) will never be readable: it is
noted and passed over. *Transient* passes by itself: the batch is rolled back and read again.
Everything else is a *bug* of ours with one event, which must not hold up the others. The HTTP edge
goes by the same rule: what is transient is answered 503, a bug 500.
"""

import traceback
from typing import Final

import asyncpg
from aiokafka.errors import KafkaError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from attendance_runtime.errors import Unavailable

# SQLSTATE classes of the server's state, not the statement's: connection, rolled back (deadlock,
# serialization), out of resources, not in the state that is needed (a database that accepts no
# connection, lock_timeout), operator intervention (time-outs, shutdown), system error.
_TRANSIENT_CLASSES: Final = {"08", "40", "53", "55", "57", "58"}
# Single states of another class: the time limits of idle and whole transactions.
_TRANSIENT_STATES: Final = {"25P03", "25P04"}

# The driver's own two have no state: the connection is at fault, not the statement. "Internal" is
# what it calls a goodbye of the server's that it has read before the end of the stream. An argument
# that it refuses has a state all the same, 22000.
SURROUNDINGS: Final = (
    asyncpg.InterfaceError | asyncpg.InternalClientError | PoolTimeout | KafkaError | OSError
)
"""Errors that are always transient, however they come about; a time-out is an `OSError`."""

_FRAMES_KEPT = 3


def is_transient(error: BaseException) -> bool:
    """Tell whether the same work may succeed later with nothing changed by us."""
    if isinstance(error, asyncpg.InvalidCachedStatementError):
        return True  # prepared before a migration changed its columns; the driver prepares it anew
    if isinstance(error, asyncpg.PostgresError):
        state = error.sqlstate or ""
        return state[:2] in _TRANSIENT_CLASSES or state in _TRANSIENT_STATES
    return isinstance(error, SURROUNDINGS | Unavailable)


def describe(error: BaseException) -> str:
    """Say what went wrong and where, without the error's own text.

    The text of a database error quotes rows and parameters, and a child's data must reach neither
    a log nor the dead letters; the class, the SQLSTATE and the last frames are enough to find it.
    """
    state = getattr(error, "sqlstate", None)
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "site-packages" not in frame.filename]
    places = [f"{frame.name}:{frame.lineno}" for frame in ours[-_FRAMES_KEPT:]]
    name = type(error).__name__ if state is None else f"{type(error).__name__}[{state}]"
    return f"{name} in {' > '.join(places)}" if places else name
