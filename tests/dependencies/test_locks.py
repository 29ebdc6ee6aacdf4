"""The locks hold all that is needed, the same in each, and nothing that only one machine could use.

A set-up once failed because a package was locked without an extra that another asked of it, which
nobody noticed until a newer version was published. So all that is asked for is looked up here.
"""

import re
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Final

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from .test_declared import DISTRIBUTIONS, OURS, project

REQUIREMENTS: Final = Path(__file__).parents[2] / "requirements"
LOCKS: Final = ("installer", "runtime", "local", "dev")
_PINNED: Final = re.compile(r"^[A-Za-z0-9][^\\\n]*", re.MULTILINE)
# Asked for and left out, by the root's pyproject.toml, which says why.
LEFT_OUT: Final = {"docopt"}
# Nobody imports them; runtime.in says what they are for.
NOT_IMPORTED: Final = {"sniffio", "tzdata"}


def text_of(name: str) -> str:
    return (REQUIREMENTS / name).read_text(encoding="utf-8")


def pinned(lock: str) -> dict[str, Requirement]:
    """The locked packages that apply on this machine, by name."""
    found = map(Requirement, _PINNED.findall(text_of(f"{lock}.lock")))
    applying = [one for one in found if one.marker is None or one.marker.evaluate()]
    return {canonicalize_name(one.name): one for one in applying}


def versions(lock: str) -> set[tuple[str, str]]:
    return {(name, str(one.specifier)) for name, one in pinned(lock).items()}


def asked(name: str) -> list[Requirement]:
    """What a list of requirements names itself, without those that it includes."""
    lines = (line.partition(" #")[0] for line in text_of(name).splitlines())
    return [Requirement(line) for line in lines if line and not line.startswith(("#", "-"))]


def declared(*folders: str) -> list[Requirement]:
    """What distributions ask for, less one another."""
    found = [d for d in DISTRIBUTIONS if d.relative_to(REQUIREMENTS.parent).parts[0] in folders]
    needed = [Requirement(line) for d in found for line in project(d)["dependencies"]]
    return [one for one in needed if one.name not in OURS.values()]


def unmet(needed: Iterable[Requirement], lock: dict[str, Requirement]) -> set[str]:
    """What is asked for, directly or by what is asked for, and not locked as it is asked for."""
    found: set[str] = set()
    seen: set[tuple[str, str]] = set()
    waiting = list(needed)
    while waiting:
        one = waiting.pop()
        name = canonicalize_name(one.name)
        if name in LEFT_OUT:
            continue
        if name not in lock or not locked_as_asked(one, lock[name]):
            found.add(str(one))
            continue
        for extra in {"", *one.extras}:
            if (name, extra) not in seen:
                seen.add((name, extra))
                waiting += asked_by(name, extra)
    return found


def locked_as_asked(one: Requirement, locked: Requirement) -> bool:
    version = str(locked.specifier).removeprefix("==")
    return one.extras <= locked.extras and one.specifier.contains(version, prereleases=True)


def asked_by(name: str, extra: str) -> list[Requirement]:
    """What an installed package asks for on this machine, or for one of its extras."""
    said = map(Requirement, distribution(name).requires or ())
    return [one for one in said if one.marker is None or one.marker.evaluate({"extra": extra})]


@pytest.mark.parametrize("lock", LOCKS)
def test_whatever_a_lock_asks_for_is_locked(lock: str) -> None:
    assert unmet(asked(f"{lock}.in"), pinned(lock)) == set()


def test_what_runs_in_production_is_in_the_runtime_lock() -> None:
    assert unmet(declared("services", "shared"), pinned("runtime")) == set()


def test_what_runs_beside_it_on_one_machine_is_in_the_local_lock() -> None:
    assert unmet(declared("services", "shared", "deploy"), pinned("local")) == set()


def test_nothing_is_run_that_no_distribution_declares() -> None:
    names = {one.name for one in declared("services", "shared")}
    assert {one.name for one in asked("runtime.in")} - names == NOT_IMPORTED


def test_each_lock_holds_the_one_below_with_the_same_versions() -> None:
    installer, runtime, local, dev = map(versions, LOCKS)
    assert runtime <= local <= dev
    assert installer <= dev


def test_a_package_locked_without_an_extra_that_is_asked_of_it_is_found() -> None:
    lock = pinned("dev")
    bare = Requirement(f"coverage{lock['coverage'].specifier}")
    assert unmet([Requirement("pytest-cov")], lock) == set()
    assert unmet([Requirement("pytest-cov")], lock | {"coverage": bare}) != set()


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_index_and_no_file(lock: str) -> None:
    lines = [line.strip() for line in text_of(f"{lock}.lock").splitlines()]
    others = [line for line in lines if line and not re.match(r"[a-z0-9]|#|--hash=sha256:", line)]
    assert others == []
    assert not re.search(r"https?:|file:|@", text_of(f"{lock}.lock"))


@pytest.mark.parametrize("name", sorted(LEFT_OUT))
def test_what_is_left_out_is_not_there_for_another_reason(name: str) -> None:
    with pytest.raises(PackageNotFoundError):
        distribution(name)
