"""Second copies and holes: what a consumer takes of a stream, decided by numbers alone.

A relay gives each lane's events dense numbers (1, 2, 3 …). A second copy has a new offset but its
old number. A number that is missing means that the topic lost events, or was deleted and made anew.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from attendance_runtime.messaging.deliveries import Delivery
from attendance_runtime.messaging.lanes import Lane


class Stream(NamedTuple):
    """The numbers of one source in one lane."""

    lane: Lane
    source: str


@dataclass(frozen=True, slots=True)
class Gap:
    """A lane's next event is not there: what follows must not be applied as if it were."""

    offset: int
    expected: int
    found: int


@dataclass(slots=True)
class Taken:
    """What is to be applied of a batch, and what that leaves behind.

    Attributes:
        deliveries: the ones to apply, in order.
        watermarks: the new last number of each stream.
        gaps: lanes with a gap; of these nothing from the gap's offset on was taken.
        second_copies: how many were dropped because their number had been applied.
    """

    deliveries: list[Delivery] = field(default_factory=list)
    watermarks: dict[Stream, int] = field(default_factory=dict)
    gaps: dict[Lane, Gap] = field(default_factory=dict)
    second_copies: int = 0


def take_next(
    deliveries: Iterable[Delivery], watermarks: Mapping[Stream, int], *, compacted: Collection[str]
) -> Taken:
    """Take what comes next in each stream.

    - At or below the watermark: a second copy, dropped.
    - The watermark plus one, or the first of a stream without a watermark: taken.
    - Above that: a gap, and the end of its lane. On a compacted topic it is taken, because
      compaction removes superseded events and their numbers with them. The relay never lets a
      later number reach a lane before an earlier one, so nothing still to come is skipped.
    - No number at all: nobody's event, passed on to become a dead letter.
    """
    taken = Taken()
    for delivery in deliveries:
        if delivery.lane in taken.gaps:
            continue
        if delivery.envelope is None:
            taken.deliveries.append(delivery)
            continue
        stream = Stream(delivery.lane, delivery.envelope.source)
        sequence = delivery.envelope.sequence
        watermark = taken.watermarks.get(stream, watermarks.get(stream, sequence - 1))
        if sequence <= watermark:
            taken.second_copies += 1
        elif sequence > watermark + 1 and delivery.lane.topic not in compacted:
            taken.gaps[delivery.lane] = Gap(delivery.offset, expected=watermark + 1, found=sequence)
        else:
            taken.watermarks[stream] = sequence
            taken.deliveries.append(delivery)
    return taken
