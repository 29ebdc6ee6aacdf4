"""Each distribution names what it imports: who installs one alone gets all that it needs."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
DISTRIBUTIONS = sorted(path.parent for path in ROOT.glob("*/*/pyproject.toml"))
LOCKED = set(
    re.findall(
        r"^([a-z0-9-]+)(?:\[.*\])?==",
        (ROOT / "requirements" / "dev.lock").read_text(),
        re.MULTILINE,
    )
)


def project(distribution: Path) -> dict[str, Any]:
    """What a distribution says of itself."""
    found: dict[str, Any] = tomllib.loads((distribution / "pyproject.toml").read_text())["project"]
    return found


# Ours are installed in place, and say nothing of their modules.
OURS = {
    path.stem: project(distribution)["name"]
    for distribution in DISTRIBUTIONS
    for path in (distribution / "src").iterdir()
}
PROVIDERS = {**packages_distributions(), **{module: [name] for module, name in OURS.items()}}


def providers(module: str) -> set[str]:
    """The distributions that a module may come from."""
    return {name.lower().replace("_", "-") for name in PROVIDERS.get(module, ())}


def declared(distribution: Path) -> set[str]:
    """Names, without versions and extras, of what is needed to run it and to test with it."""
    said = project(distribution)
    needed = [*said["dependencies"], *said.get("optional-dependencies", {}).get("fixtures", ())]
    return {re.split(r"[^A-Za-z0-9-]", name)[0].lower() for name in needed}


def imported(distribution: Path) -> Iterator[str]:
    """The top-level modules that its sources, migrations among them, import."""
    for source in (distribution / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(source.read_text())):
            if isinstance(node, ast.Import):
                yield from (name.name.partition(".")[0] for name in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield node.module.partition(".")[0]


@pytest.mark.parametrize("distribution", DISTRIBUTIONS, ids=lambda path: path.name)
def test_what_is_imported_is_declared(distribution: Path) -> None:
    names = declared(distribution) | {project(distribution)["name"]}
    elsewhere = set(imported(distribution)) - sys.stdlib_module_names
    assert [module for module in sorted(elsewhere) if not names & providers(module)] == []


@pytest.mark.parametrize("distribution", DISTRIBUTIONS, ids=lambda path: path.name)
def test_what_is_declared_is_locked(distribution: Path) -> None:
    assert declared(distribution) <= LOCKED | set(OURS.values())


@pytest.mark.parametrize("distribution", DISTRIBUTIONS, ids=lambda path: path.name)
def test_the_licence_of_each_is_the_one_at_the_root(distribution: Path) -> None:
    title = (ROOT / "LICENSE").read_text().splitlines()[0]
    assert title == f"{project(distribution)['license']} License"


def test_no_image_holds_what_tests_are_written_with() -> None:
    """Stand-ins and issuers of tokens have no business where real children's data are."""
    installed = (ROOT / "deploy" / "install.sh").read_text()
    inside = [one for one in DISTRIBUTIONS if str(one.relative_to(ROOT)) in installed]
    assert {one.name for one in inside} >= {"attendance_runtime", "register-service"}
    for one in inside:
        assert not declared(one) & {"attendance-testing", "pytest"}
