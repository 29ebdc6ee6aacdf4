"""What a consumer believes about its partitions, kept in memory and given up at every doubt.

Only PostgreSQL knows how far a lane has been handled. `positions` repeats what was read there; it
lasts until a rebalance, an error or a surprise, and is then read again.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from aiokafka.abc import ConsumerRebalanceListener

from attendance_runtime.messaging.deliveries import Record
from attendance_runtime.messaging.lanes import Lane

_SAME_HOLE_TWICE: Final = 2


@dataclass(frozen=True, slots=True)
class Fetched:
    """Records that follow what was believed stored, and the epoch in which that was believed."""

    epoch: int
    positions: dict[Lane, int]
    following: dict[Lane, int]
    records: tuple[Record, ...]


class Assignment(ConsumerRebalanceListener):  # type: ignore[misc] # aiokafka has no types
    """The lanes of one consumer object: which are sought, where they stand, which were stopped.

    The listener does no I/O, and nothing relies on it having run: records of a new assignment come
    out of `getmany` before it has, and an error in it would only be logged.
    """

    def __init__(self, *, compacted: Collection[str]) -> None:
        self._compacted = compacted
        self.epoch = 0
        self.positions: dict[Lane, int] = {}
        self.to_seek: set[Lane] = set()
        self.stopped: dict[Lane, str] = {}
        self.holes: Counter[Lane] = Counter()

    def on_partitions_revoked(self, revoked: Iterable[Lane]) -> None:
        """Forget everything: another consumer may own any of it by now."""
        del revoked
        self._begin_epoch()

    def on_partitions_assigned(self, assigned: Iterable[Lane]) -> None:
        """Note which lanes are ours; where they stand is read from PostgreSQL."""
        self._begin_epoch()
        self.to_seek = {Lane(*lane) for lane in assigned}

    def _begin_epoch(self) -> None:
        self.epoch += 1
        self.positions.clear()
        self.to_seek.clear()
        self.stopped.clear()
        self.holes.clear()

    def found(self, lane: Lane, offset: int) -> None:
        """A lane was sought to its stored offset."""
        self.positions[lane] = offset
        self.to_seek.discard(lane)

    def doubt(self, lanes: Iterable[Lane]) -> None:
        """Whatever memory says about these lanes may be wrong: seek them again."""
        for lane in lanes:
            self.positions.pop(lane, None)
            if lane not in self.stopped:
                self.to_seek.add(lane)

    def stop(self, lane: Lane, reason: str) -> None:
        """Read no more of a lane until somebody has looked."""
        self.stopped[lane] = reason
        self.positions.pop(lane, None)
        self.to_seek.discard(lane)

    def saved(self, fetched: Fetched) -> None:
        """A batch is stored; in another epoch its lanes may be somebody else's already."""
        if self.epoch == fetched.epoch:
            self.positions.update(fetched.following)

    def accept(self, batch: Mapping[Lane, Sequence[Record]]) -> Fetched:
        """Keep what follows the positions without a hole; seek the lanes of everything else.

        Called with no `await` after `getmany`, so that `epoch` is the one the records came in.
        """
        positions, following = {}, {}
        kept: list[Record] = []
        for lane, records in sorted((Lane(*lane), records) for lane, records in batch.items()):
            if not self._follows(lane, records):
                self.doubt([lane])
                continue
            self.holes.pop(lane, None)
            positions[lane] = self.positions[lane]
            following[lane] = records[-1].offset + 1
            kept.extend(records)
        return Fetched(self.epoch, positions, following, tuple(kept))

    def _follows(self, lane: Lane, records: Sequence[Record]) -> bool:
        position = self.positions.get(lane)
        if position is None:
            return False  # not sought since the last doubt: Kafka's own idea of where to begin
        if lane.topic in self._compacted:
            # Compaction takes superseded records away and leaves holes in the offsets.
            return records[0].offset >= position
        whole = range(position, position + len(records))
        if all(record.offset == offset for record, offset in zip(records, whole, strict=True)):
            return True
        self.holes[lane] += 1
        return False

    def persistent_holes(self) -> list[Lane]:
        """Lanes in which the same hole was found again after seeking: records are gone."""
        return [lane for lane, times in self.holes.items() if times >= _SAME_HOLE_TWICE]
