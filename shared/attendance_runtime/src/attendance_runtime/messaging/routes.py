"""Which event types go to which use case: a service's routing table is a tuple of routes."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from attendance_contracts.events import TYPE_OF

# async def apply_registers(db, events: Sequence[RegisterRecorded], *, now) -> None
# The event types differ from route to route, and a table of them has no common one.
UseCase = Callable[..., Awaitable[None]]
Split = Callable[[Any], Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Route:
    """All events of these types in a batch go to one use case, at once and in their order.

    Attributes:
        events: the event classes, of one or more topics.
        use_case: saves their effects; set-based, its keys sorted (concurrent batches of two
            services' partitions must not deadlock), without any call outside the database.
        split: cuts one event into the smallest events of the same type, a register into its marks,
            so that one bad mark does not keep the others out.
    """

    events: tuple[type, ...]
    use_case: UseCase
    split: Split | None = None

    @property
    def name(self) -> str:
        """The use case's own name, for logs and dead letters."""
        return getattr(self.use_case, "__name__", type(self.use_case).__name__)


class RoutingTable:
    """A service's routes, and what follows from them: the topics to read, the types to decode."""

    def __init__(self, routes: Sequence[Route]) -> None:
        kinds = [TYPE_OF[event] for route in routes for event in route.events]
        self.routes = tuple(routes)
        self.types = frozenset(kind.type for kind in kinds)
        self.topics = frozenset(kind.topic.name for kind in kinds)
        # Compaction takes records away, and with them offsets and sequence numbers.
        self.compacted = frozenset(
            kind.topic.name for kind in kinds if kind.topic.cleanup == "compact"
        )
