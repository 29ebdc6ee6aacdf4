"""The page of events, which whoever writes a consumer reads."""

import ast
import functools
import runpy
import sys
from pathlib import Path
from types import ModuleType

import msgspec
import pytest

from attendance_contracts.catalogue import producer_of
from attendance_contracts.events import EVENTS, EventType
from attendance_runtime.documents import events as events_page
from attendance_runtime.documents.events import HEADERS, consumers_of, envelope_of
from escalation_service.main import SERVICE as ESCALATION
from notification_service.main import SERVICE as NOTIFICATION
from register_service.main import SERVICE as REGISTER
from reporting_service.main import SERVICE as REPORTING

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "shared" / "attendance_contracts" / "tests" / "golden"
SERVICES = (REGISTER, NOTIFICATION, ESCALATION, REPORTING)
# Where the register's state of now is read in the form of events that are not heard.
_READ_FROM_THE_REGISTER = {"resync.py", "rebuild.py"}
EVERY_EVENT = pytest.mark.parametrize("entry", EVENTS.values(), ids=lambda entry: entry.type)


def test_the_page_in_the_documentation_is_up_to_date() -> None:
    page = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
    assert page == events_page.page(SERVICES, EXAMPLES), "Run `make events`."


def test_running_the_module_writes_the_page(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["events_page", str(EXAMPLES), "reporting"])
    runpy.run_path(events_page.__file__, run_name="__main__")
    assert capsys.readouterr().out == events_page.page([REPORTING], EXAMPLES)


@functools.cache
def named_in(package: ModuleType) -> dict[str, set[str]]:
    """The events that a service's sources import, and in which of its files."""
    found: dict[str, set[str]] = {}
    folder = Path(package.__path__[0])
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module == "attendance_contracts.events":
                for name in node.names:
                    found.setdefault(name.name, set()).add(path.name)
    return found


@EVERY_EVENT
def test_who_is_said_to_hear_an_event_names_it_and_nobody_else_does(entry: EventType) -> None:
    """Nineteen of thirty-seven were false while people wrote them down."""
    naming = {
        service.package.__name__.removesuffix("_service")
        for service in SERVICES
        if named_in(service.package).get(entry.cls.__name__, set()) - _READ_FROM_THE_REGISTER
    }
    said = {name.split()[0] for name in consumers_of(entry, SERVICES)}
    assert naming == said | {producer_of(entry.cls)}


@EVERY_EVENT
def test_every_event_is_heard(entry: EventType) -> None:
    assert consumers_of(entry, SERVICES)


@EVERY_EVENT
def test_each_header_that_is_sent_is_described(entry: EventType) -> None:
    example = (EXAMPLES / f"{entry.type}.json").read_bytes()
    headers = envelope_of(msgspec.json.decode(example, type=entry.cls))
    assert list(headers) == list(HEADERS)
    assert headers["ce_type"] == entry.type
