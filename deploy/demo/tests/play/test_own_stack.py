"""Which stack a demo may play on."""

import fcntl
from pathlib import Path

import pytest

from demo_authority.play.own_stack import OWN, stack_for_demo
from local_stack.errors import StackError


async def test_a_stack_that_is_up_is_used_and_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "mine" / "stack.json"
    file.parent.mkdir()
    file.write_text("{}")
    async with stack_for_demo(tmp_path, "mine") as found:
        assert found == file
    assert file.read_text() == "{}"


async def test_another_stacks_data_is_never_removed(tmp_path: Path) -> None:
    data = tmp_path / "mine" / "postgres"
    data.mkdir(parents=True)
    with pytest.raises(StackError, match="has data of its own"):
        async with stack_for_demo(tmp_path, "mine"):
            pass
    assert data.exists()


async def test_two_demos_do_not_play_on_one_stack(tmp_path: Path) -> None:
    with (tmp_path / f"{OWN}.demo").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(StackError, match="Another demo"):
            async with stack_for_demo(tmp_path, OWN):
                pass
