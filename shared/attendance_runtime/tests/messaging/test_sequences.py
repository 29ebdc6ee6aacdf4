"""Second copies and gaps, as tables and as a property."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendance_runtime.messaging.codec import Envelope
from attendance_runtime.messaging.deliveries import Delivery
from attendance_runtime.messaging.lanes import Lane
from attendance_runtime.messaging.sequences import Gap, Stream, take_next

LANE = Lane("registers", 0)
STREAM = Stream(LANE, "register")


def deliveries(*sequences: int, lane: Lane = LANE, source: str = "register") -> list[Delivery]:
    """Return deliveries with these numbers, their offsets counting from 0."""
    return [
        Delivery(lane, offset, "key", Envelope("id", "type", source, sequence, None), None, None)
        for offset, sequence in enumerate(sequences)
    ]


def numbers(found: list[Delivery]) -> list[int]:
    """Return the numbers of deliveries."""
    return [delivery.envelope.sequence for delivery in found if delivery.envelope is not None]


@pytest.mark.parametrize(
    ("watermark", "given_numbers", "taken_numbers", "copies"),
    [
        (4, [5, 6, 7], [5, 6, 7], 0),
        (4, [4, 5], [5], 1),
        (4, [5, 5, 6, 5, 6, 7], [5, 6, 7], 3),
        (7, [5, 6, 7], [], 3),
        (None, [9, 10], [9, 10], 0),
        (None, [9, 9, 10], [9, 10], 1),
    ],
)
def test_each_number_is_taken_when_it_is_the_next(
    watermark: int | None, given_numbers: list[int], taken_numbers: list[int], copies: int
) -> None:
    watermarks = {} if watermark is None else {STREAM: watermark}
    taken = take_next(deliveries(*given_numbers), watermarks, compacted=())
    assert numbers(taken.deliveries) == taken_numbers
    assert taken.second_copies == copies
    assert taken.gaps == {}


def test_a_gap_ends_its_lane_and_what_came_before_is_taken() -> None:
    taken = take_next(deliveries(5, 6, 8, 7, 9), {STREAM: 4}, compacted=())
    assert numbers(taken.deliveries) == [5, 6]
    assert taken.watermarks == {STREAM: 6}
    assert taken.gaps == {LANE: Gap(offset=2, expected=7, found=8)}


def test_a_gap_ends_no_other_lane() -> None:
    other = Lane("registers", 1)
    mixed = [*deliveries(5, 9), *deliveries(1, 2, lane=other)]
    taken = take_next(mixed, {STREAM: 4}, compacted=())
    assert numbers(taken.deliveries) == [5, 1, 2]


def test_compaction_leaves_gaps_that_are_taken_and_copies_that_are_not() -> None:
    taken = take_next(deliveries(5, 9, 8, 9, 12), {STREAM: 4}, compacted={"registers"})
    assert numbers(taken.deliveries) == [5, 9, 12]
    assert taken.second_copies == 2


def test_a_message_without_a_number_is_passed_on_and_moves_no_mark() -> None:
    nobodys = Delivery(LANE, 0, "key", None, None, "no headers")
    taken = take_next([nobodys, *deliveries(5)], {STREAM: 4}, compacted=())
    assert taken.deliveries[0] is nobodys
    assert taken.watermarks == {STREAM: 5}


@given(
    claims=st.lists(st.integers(min_value=1, max_value=6), max_size=8),
    repeats=st.lists(st.integers(min_value=0, max_value=3), min_size=8, max_size=8),
    cuts=st.lists(st.integers(min_value=0, max_value=6), min_size=24, max_size=24),
    batch=st.integers(min_value=1, max_value=9),
)
def test_however_often_claims_are_sent_in_part_each_number_is_taken_once_and_in_order(
    claims: list[int], repeats: list[int], cuts: list[int], batch: int
) -> None:
    """A relay may send the beginning of a claim any number of times before it sends it whole."""
    topic: list[int] = []
    last = 0
    for index, size in enumerate(claims):
        whole = list(range(last + 1, last + size + 1))
        for attempt in range(repeats[index]):
            topic += whole[: cuts[(3 * index + attempt) % len(cuts)]]
        topic += whole
        last += size
    watermarks: dict[Stream, int] = {}
    seen: list[int] = []
    for start in range(0, len(topic), batch):
        taken = take_next(deliveries(*topic[start : start + batch]), watermarks, compacted=())
        assert taken.gaps == {}
        watermarks |= taken.watermarks
        seen += numbers(taken.deliveries)
    assert seen == list(range(1, last + 1))
