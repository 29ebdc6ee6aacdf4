"""What a consumer believes about its partitions, and when it stops believing it."""

from collections.abc import Sequence
from dataclasses import dataclass

from attendance_runtime.messaging.assignment import Assignment
from attendance_runtime.messaging.deliveries import Record
from attendance_runtime.messaging.lanes import Lane

LANE, OTHER = Lane("registers", 0), Lane("registers", 1)


@dataclass
class _Record:
    offset: int
    topic: str = "registers"
    partition: int = 0
    key: bytes | None = None
    value: bytes | None = None
    headers: Sequence[tuple[str, bytes | None]] = ()


def records(*offsets: int) -> Sequence[Record]:
    """Return records at these offsets."""
    return [_Record(offset) for offset in offsets]


def sought(*, at: int, compacted: frozenset[str] = frozenset()) -> Assignment:
    """Return an assignment of one lane, sought to an offset."""
    assignment = Assignment(compacted=compacted)
    assignment.on_partitions_assigned([LANE])
    assignment.found(LANE, at)
    return assignment


def test_records_that_follow_the_stored_offset_are_kept() -> None:
    fetched = sought(at=5).accept({LANE: records(5, 6, 7)})
    assert [record.offset for record in fetched.records] == [5, 6, 7]
    assert fetched.positions == {LANE: 5}
    assert fetched.following == {LANE: 8}


def test_records_of_a_lane_that_was_not_sought_are_dropped_and_it_is_sought() -> None:
    """They come out of a fetch before the client has even told of the new assignment."""
    assignment = Assignment(compacted=())
    assert assignment.accept({LANE: records(0, 1)}).records == ()
    assert assignment.to_seek == {LANE}


def test_records_from_elsewhere_are_dropped_and_their_lane_is_sought_again() -> None:
    assignment = sought(at=5)
    assert assignment.accept({LANE: records(6, 7)}).records == ()
    assert assignment.positions == {}
    assert assignment.to_seek == {LANE}


def test_a_hole_between_records_is_noticed_and_a_lasting_one_is_reported() -> None:
    assignment = sought(at=5)
    assert assignment.accept({LANE: records(5, 7)}).records == ()
    assert assignment.persistent_holes() == []
    assignment.found(LANE, 5)
    assignment.accept({LANE: records(5, 7)})
    assert assignment.persistent_holes() == [LANE]


def test_a_hole_that_is_gone_after_seeking_is_forgotten() -> None:
    assignment = sought(at=5)
    assignment.accept({LANE: records(6)})
    assignment.found(LANE, 5)
    assert len(assignment.accept({LANE: records(5, 6)}).records) == 2
    assignment.accept({LANE: records(9)})
    assert assignment.persistent_holes() == []


def test_compaction_leaves_holes_that_are_no_alarm() -> None:
    assignment = sought(at=5, compacted=frozenset({"registers"}))
    fetched = assignment.accept({LANE: records(8, 12)})
    assert fetched.following == {LANE: 13}


def test_a_rebalance_forgets_every_position() -> None:
    assignment = sought(at=5)
    epoch = assignment.epoch
    assignment.on_partitions_revoked([LANE])
    assert assignment.positions == {}
    assert assignment.to_seek == set()
    assignment.on_partitions_assigned([OTHER])
    assert assignment.to_seek == {OTHER}
    assert assignment.epoch == epoch + 2


def test_what_was_saved_before_a_rebalance_is_no_position_after_it() -> None:
    assignment = sought(at=5)
    fetched = assignment.accept({LANE: records(5)})
    assignment.on_partitions_revoked([LANE])
    assignment.on_partitions_assigned([LANE])
    assignment.saved(fetched)
    assert assignment.positions == {}
    assert assignment.to_seek == {LANE}


def test_what_was_saved_is_the_next_position() -> None:
    assignment = sought(at=5)
    assignment.saved(assignment.accept({LANE: records(5, 6)}))
    assert assignment.positions == {LANE: 7}


def test_a_stopped_lane_is_neither_read_nor_sought_until_it_is_assigned_anew() -> None:
    assignment = sought(at=5)
    assignment.stop(LANE, "gone")
    assignment.doubt([LANE])
    assert assignment.to_seek == set()
    assert assignment.accept({LANE: records(5)}).records == ()
    assignment.on_partitions_revoked([LANE])
    assert assignment.stopped == {}
