"""The page on who may do what, which a council's information governance reads."""

import runpy
import sys
from pathlib import Path

import pytest

from attendance_runtime.access import rights
from attendance_runtime.documents import access as access_page
from attendance_runtime.documents.access import RELATIONS, SCOPES, WayIn, ways_into
from escalation_service.main import SERVICE as ESCALATION
from notification_service.main import SERVICE as NOTIFICATION
from register_service.main import SERVICE as REGISTER
from reporting_service.main import SERVICE as REPORTING

PAGE = Path(__file__).parents[1] / "docs" / "access.md"
SERVICES = (REGISTER, NOTIFICATION, ESCALATION, REPORTING)
WAYS = [way for service in SERVICES for way in ways_into(service)]


def test_the_page_in_the_documentation_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == access_page.page(SERVICES), "Run `make access`."


def test_running_the_module_writes_the_page(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["access_page", "reporting"])
    runpy.run_path(access_page.__file__, run_name="__main__")
    assert capsys.readouterr().out == access_page.page([REPORTING])


def test_every_right_is_in_words_and_in_use() -> None:
    assert set(SCOPES) == {way.scope for way in WAYS if way.scope} == set(rights.EVERY)


def test_every_relation_is_in_words_and_opens_something() -> None:
    opening = set().union(*(right.opened_by for right in rights.EVERY.values()))
    assert set(RELATIONS) == opening | {"administrator"}


def test_a_route_of_a_router_within_a_router_is_on_the_page() -> None:
    assert "/v1/schools/{urn}/roll" in {way.path for way in WAYS}


def test_only_the_providers_receipts_come_without_a_scope() -> None:
    assert [way.path for way in WAYS if not way.scope] == ["/v1/notify/receipts"]


def test_a_schools_list_is_not_open_to_those_who_hold_a_child() -> None:
    listing = WayIn("case.read", "/v1/schools/{urn}/cases", "GET", "List a school's cases")
    assert listing.open_to == "the school's staff; the local authority of the school's area"
    one = WayIn("case.read", "/v1/cases/{case_id}", "GET", "Read a case")
    assert one.open_to.endswith("the child's allocated worker")


def test_care_statuses_are_not_open_to_schools() -> None:
    [way] = [way for way in WAYS if way.scope == "care.read"]
    assert "school" not in way.open_to
