"""Handing a batch to the use cases: all at once as a rule, in ever smaller pieces after a bug."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from attendance_runtime.database import SqlSession
from attendance_runtime.errors import Unavailable
from attendance_runtime.messaging.dead_letters import WHOLE, NewLetter
from attendance_runtime.messaging.deliveries import Delivery
from attendance_runtime.messaging.routes import Route, RoutingTable
from attendance_runtime.telemetry import traced
from attendance_runtime.trouble import describe, is_transient

MOST_PARKED: Final = 100
"""If more events of one batch than this fail, the release is broken and not the events."""


class UseCaseFailed(Exception):
    """A use case failed with a bug; the batch must be taken apart to find the culprit."""

    def __init__(self, route: Route, error: Exception) -> None:
        super().__init__(route.name)
        self.route = route
        self.error = error


class TooManyCulprits(Unavailable):
    """Nearly everything fails: the batch waits for a mended release instead of being parked."""


@dataclass(frozen=True, slots=True)
class Work:
    """The transaction and the domain time in which a batch is applied."""

    db: SqlSession
    table: RoutingTable
    now: datetime


@dataclass(frozen=True, slots=True)
class _Piece:
    """An event, or one part of an event that was split."""

    delivery: Delivery
    event: object
    part: int = WHOLE


async def apply_at_once(work: Work, deliveries: Sequence[Delivery]) -> list[NewLetter]:
    """Call each route's use case once, with all its events of the batch, in the listed order.

    Raises:
        UseCaseFailed: a bug; the transaction is spoiled and must be rolled back.
    """
    for route in work.table.routes:
        pieces = _pieces_for(route, deliveries)
        if not pieces:
            continue
        try:
            await _call(work, route, pieces)
        except Exception as error:
            if is_transient(error):
                raise
            raise UseCaseFailed(route, error) from error
    return []


async def apply_in_pieces(work: Work, deliveries: Sequence[Delivery]) -> list[NewLetter]:
    """Apply a batch that holds a bug's culprit: everything is kept but what fails by itself.

    Raises:
        TooManyCulprits: more fails than single events explain.
    """
    letters: list[NewLetter] = []
    for route in work.table.routes:
        await _apply_pieces(work, route, _pieces_for(route, deliveries), letters)
    return letters


async def _apply_pieces(
    work: Work, route: Route, pieces: Sequence[_Piece], letters: list[NewLetter]
) -> None:
    """Apply pieces under a savepoint; what fails is taken smaller, in order, until it is alone.

    Halves, not one by one: the order stays, and one culprit among 500 costs nine more calls.
    """
    if not pieces:
        return
    try:
        async with work.db.savepoint():
            await _call(work, route, pieces)
    except Exception as error:
        if is_transient(error):
            raise
        smaller = _halves(pieces) if len(pieces) > 1 else _parts(route, pieces[0])
        if not smaller:
            _park(pieces[0], route, error, letters)
        for some in smaller:
            await _apply_pieces(work, route, some, letters)


async def _call(work: Work, route: Route, pieces: Sequence[_Piece]) -> None:
    with traced(f"consumer.{route.name}", _common_trace(piece.delivery for piece in pieces)):
        await route.use_case(work.db, [piece.event for piece in pieces], now=work.now)


def _pieces_for(route: Route, deliveries: Sequence[Delivery]) -> list[_Piece]:
    return [
        _Piece(delivery, delivery.event)
        for delivery in deliveries
        if isinstance(delivery.event, route.events)
    ]


def _halves(pieces: Sequence[_Piece]) -> list[Sequence[_Piece]]:
    middle = len(pieces) // 2
    return [pieces[:middle], pieces[middle:]]


def _parts(route: Route, piece: _Piece) -> list[Sequence[_Piece]]:
    """Cut one whole event by the route's own rule; an event that cannot be cut has no parts."""
    if route.split is None or piece.part != WHOLE:
        return []
    try:
        events = route.split(piece.event)
    except Exception:  # noqa: BLE001 - an event so odd that it cannot be cut is parked whole
        return []
    return [[_Piece(piece.delivery, event, part) for part, event in enumerate(events)]]


def _park(piece: _Piece, route: Route, error: Exception, letters: list[NewLetter]) -> None:
    letters.append(NewLetter(piece.delivery, "parked", describe(error), route.name, piece.part))
    if len(letters) > MOST_PARKED:
        raise TooManyCulprits(f"More than {MOST_PARKED} events of one batch fail.") from error


def _common_trace(deliveries: Iterable[Delivery]) -> str | None:
    """Return the trace that all deliveries belong to; a batch of several gets one of its own.

    The consumer's line about the batch then names the traces that met in it.
    """
    traces = {delivery.envelope.traceparent for delivery in deliveries if delivery.envelope}
    return traces.pop() if len(traces) == 1 else None
