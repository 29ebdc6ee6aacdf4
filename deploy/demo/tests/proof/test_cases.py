"""How often a threshold is met and withdrawn, as tables of counts."""

import pytest

from demo_authority.proof.cases import Ladder, Moment, ladders

NEVER = Ladder()
STANDS = Ladder(stands=True, met=1)
WITHDRAWN = Ladder(stands=False, met=1, withdrawn=1)


def seen(*counts: int) -> list[Moment]:
    return [Moment(count, rested=True) for count in counts]


def missed(count: int) -> Moment:
    return Moment(count, rested=False)


@pytest.mark.parametrize(
    ("moments", "right"),
    [
        pytest.param(seen(0, 19), {NEVER}, id="below the threshold"),
        pytest.param(seen(19, 20), {STANDS}, id="ten days"),
        pytest.param(seen(25, 26, 30), {STANDS}, id="met once, however far it goes"),
        pytest.param(seen(19, 21, 19), {WITHDRAWN}, id="corrected"),
        pytest.param(
            seen(19, 20, 19, 20), {Ladder(stands=True, met=2, withdrawn=1)}, id="met again"
        ),
        pytest.param(
            [*seen(19), missed(20), *seen(19)], {NEVER, WITHDRAWN}, id="perhaps never seen"
        ),
        pytest.param(
            [*seen(20), missed(19), *seen(20)],
            {STANDS, Ladder(stands=True, met=2, withdrawn=1)},
            id="perhaps never seen below",
        ),
    ],
)
def test_counts_ask_for(moments: list[Moment], right: set[Ladder]) -> None:
    assert ladders(moments, threshold=20) == right
