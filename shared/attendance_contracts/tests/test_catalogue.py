"""The page of events in the documentation."""

import datetime as dt
import runpy
from pathlib import Path
from typing import get_type_hints

import pytest

from attendance_contracts import catalogue
from attendance_contracts.events import EVENTS, CareStatus, EventType
from attendance_contracts.topics import REGISTERS

PAGE = Path(__file__).parents[3] / "docs" / "events.md"


def test_the_page_in_the_documentation_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == catalogue.page(), "Run `make events`."


def test_running_the_module_writes_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(catalogue.__file__, run_name="__main__")
    assert capsys.readouterr().out == catalogue.page()


def test_no_meaning_is_left_without_a_field() -> None:
    classes = [entry.cls for entry in EVENTS.values()] + [CareStatus]
    named = {name for cls in classes for name in get_type_hints(cls)}
    assert {key.rpartition(".")[2] for key in catalogue.MEANINGS} == named


def test_an_event_that_does_not_say_who_reads_it_is_refused() -> None:
    class Unread:
        """Something happened."""

    entry = EventType("uk.firstday.some.fact.v1", Unread, REGISTERS, "school_id", "")
    with pytest.raises(ValueError, match="who produces and consumes"):
        catalogue.route_of(entry)


@pytest.mark.parametrize(
    ("hint", "words"),
    [
        (str, "text"),
        (int | None, "whole number or null"),
        (tuple[str, ...] | None, "list of text or null"),
        (tuple[str | None, ...], "list of (text or null)"),
        (dt.datetime, "moment (UTC)"),
        (tuple[CareStatus, ...], "list of CareStatus"),
    ],
)
def test_a_type_is_written_in_words(hint: object, words: str) -> None:
    assert catalogue.plain_type(hint) == words
