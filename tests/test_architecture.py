"""What no linter knows: where commits happen, and that nobody gets in without a rule."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import get_type_hints

import pytest
from fastapi.routing import APIRoute, iter_route_contexts

from attendance_runtime.process import Service
from attendance_runtime.web.guarded import GuardedRoute, rules_of
from escalation_service.main import SERVICE as ESCALATION
from notification_service.main import SERVICE as NOTIFICATION
from register_service.main import SERVICE as REGISTER
from reporting_service.main import SERVICE as REPORTING

ROOT = Path(__file__).parents[1]
SERVICES = (REGISTER, NOTIFICATION, ESCALATION, REPORTING)


def sources() -> Iterator[Path]:
    for folder in ("shared", "services", "deploy"):
        yield from (ROOT / folder).glob("*/src/**/*.py")


def sources_and_tests() -> Iterator[Path]:
    yield from sources()
    for folder in ("shared", "services", "deploy"):
        yield from (ROOT / folder).glob("*/tests/**/*.py")
    yield from (ROOT / "tests").glob("**/*.py")


def calls_of(name: str, path: Path) -> list[int]:
    return [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == name
    ]


def test_commit_is_called_in_one_place() -> None:
    """A commit in the middle of a use case once stored half of it before the rest failed.

    Migrations end a transaction of their own; the consumer's lag display commits to Kafka.
    """
    allowed = {"database.py", "migrations.py", "watch.py"}
    offenders = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sources()
        if path.name not in allowed
        for line in calls_of("commit", path)
    ]
    assert offenders == []


def test_statements_are_run_in_repositories_only() -> None:
    others = {"pages", "api", "consumer", "worker", "command", "use_cases", "domain", "tables"}
    offenders = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sources()
        if "services" in path.parts and others & {path.stem, *path.parts}
        for method in ("execute", "scalars", "scalar")
        for line in calls_of(method, path)
    ]
    assert offenders == []


def test_a_transaction_is_called_db() -> None:
    """A session is half a school day; a file that has both under one name is read wrongly."""
    offenders = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sources_and_tests()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.arg)
        and node.arg == "session"
        and node.annotation is not None
        and ast.unparse(node.annotation) in {"SqlSession", "Transaction"}
    ]
    assert offenders == []


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_whoever_announces_has_a_relay_and_nobody_else(service: Service) -> None:
    """Without one an announcement would lie in the outbox for ever, and nobody would say so."""
    package = Path(service.package.__file__ or "").parent
    announces = any(
        "attendance_runtime.messaging.outbox" in imports(path) for path in package.glob("**/*.py")
    )
    assert (service.relay is not None) == announces


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_what_travels_in_columns_is_cut_where_it_cannot_be_applied(service: Service) -> None:
    """One child's fault must not keep a whole school's marks or absences out."""
    taken_whole = {
        route.name
        for route in service.routes
        if route.split is None
        and any("enrolments" in get_type_hints(event) for event in route.events)
    }
    assert taken_whole <= {"take_turns"}  # waits for its turn, and applies nothing


def imports(path: Path) -> set[str]:
    """The modules a file imports, and what it imports from them."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def routes(service: Service) -> Iterator[APIRoute]:
    """Every route, those of a router within a router too."""
    for router in service.routers:
        for context in iter_route_contexts(router.routes):
            if isinstance(context.original_route, APIRoute):
                yield context.original_route


def test_every_subject_keeps_to_the_hops() -> None:
    """import-linter looks at the folders that a contract names; a new one is forgotten easily."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    held = {
        container for each in contracts["contracts"] for container in each.get("containers", ())
    }
    subjects = {
        f"{service.package.__name__}.{path.parent.name}"
        for service in SERVICES
        for path in Path(service.package.__file__ or "").parent.glob("*/__init__.py")
        if path.parent.name != "migrations"
    }
    assert subjects <= held


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_every_route_has_an_authorisation_rule(service: Service) -> None:
    """Deny is the default; a route that forgot its rule is found here, not by a stranger."""
    without = [route.path for route in routes(service) if not list(rules_of(route.dependant))]
    assert without == []


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_every_route_asks_its_rules_before_it_reads_a_body(service: Service) -> None:
    """FastAPI reads and decodes a body first; strangers once had 16 MB taken apart, each time."""
    unguarded = [route.path for route in routes(service) if not isinstance(route, GuardedRoute)]
    assert unguarded == []


@pytest.mark.parametrize(
    "path", sorted(sources_and_tests()), ids=lambda path: str(path.relative_to(ROOT))
)
def test_files_and_functions_stay_short(path: Path) -> None:
    """A file over 300 lines or a function over 40 is asking to be two."""
    tree = ast.parse(path.read_text())
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    long = [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, functions)
        and (node.end_lineno or node.lineno) - node.lineno + 1 > 40
        and path.name != "repository.py"  # a statement is one thing, however long
    ]
    assert long == []
    assert len(path.read_text().splitlines()) <= 300


def test_the_date_of_a_moment_is_englands() -> None:
    """A date taken from a moment in UTC is yesterday's for an hour of each summer night."""
    offenders = [
        f"{path.relative_to(ROOT)}: {ast.unparse(node)}"
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "date"
        and not node.args
        and ast.unparse(node) != "moment.astimezone(LONDON).date()"
    ]
    assert offenders == []
