"""The events in words."""

import datetime as dt
from typing import get_type_hints

import pytest

from attendance_contracts import catalogue
from attendance_contracts.events import EVENTS, CareStatus


def test_no_meaning_is_left_without_a_field() -> None:
    classes = [entry.cls for entry in EVENTS.values()] + [CareStatus]
    named = {name for cls in classes for name in get_type_hints(cls)}
    assert {key.rpartition(".")[2] for key in catalogue.MEANINGS} == named


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
