"""A format turns bytes into the register's lines, and knows where each of them stood."""

import json
from dataclasses import fields

import msgspec
import pytest

from attendance_contracts.faults import Fault
from attendance_runtime.errors import Invalid
from register_service.contacts.domain import Contact
from register_service.imports import domain
from register_service.imports.api.formats import FORMATS, JSON, lines, read_roll
from register_service.lines.api import NDJSON, Body
from register_service.lines.domain import Where

from .rolls import LINE, OTHER

ROLL = [json.loads(msgspec.json.encode(line)) for line in (LINE, OTHER)]
AS_LINES = "\n".join(map(json.dumps, ROLL)).encode()


@pytest.mark.parametrize(
    ("content_type", "raw"),
    [
        (NDJSON, AS_LINES),
        (JSON, json.dumps(ROLL).encode()),
        ("", json.dumps(ROLL).encode()),
        ("application/x-new", json.dumps(ROLL).encode()),
    ],
)
def test_a_roll_is_the_same_in_either_form(content_type: str, raw: bytes) -> None:
    body = read_roll(raw, content_type)
    assert body.lines == {1: LINE, 2: OTHER}
    assert body.ndjson == (content_type == NDJSON)


@pytest.mark.parametrize("kind", list(FORMATS))
def test_what_is_no_roll_is_refused_whole_or_line_by_line(kind: str) -> None:
    if kind == NDJSON:
        assert set(read_roll(b"{\n[]", kind).unreadable) == {1, 2}
    else:
        with pytest.raises(Invalid):
            read_roll(b"{", kind)


@pytest.mark.parametrize(
    ("ours", "sent"), [(domain.RollLine, lines.RollLine), (Contact, lines.Contact)]
)
def test_nothing_that_the_register_keeps_is_without_a_word_on_the_wire(
    ours: type, sent: type
) -> None:
    assert [field.name for field in fields(ours)] == [field.name for field in fields(sent)]


def test_a_fault_says_where_in_what_was_sent_it_stood() -> None:
    wrong = AS_LINES.replace(b'"sex"', b'"sez"') + b"\n" + AS_LINES.replace(b'"main"', b'"guest"')
    body = read_roll(wrong, NDJSON)
    [(line, (fault,)), *_] = body.unreadable.items()
    assert body.where(line, fault) == Where(3, column="status")
    [passed_over] = body.passed_over[1]
    assert str(body.where(1, passed_over)) == "line 1, sez"


def test_a_file_has_its_name_and_its_own_columns() -> None:
    columns = {"surname": "Last name"}
    body: Body[object] = Body({}, {}, ndjson=True, columns=columns, file="a.csv")
    assert str(body.where(7, Fault("A child has a surname.", "#/surname"))) == (
        "a.csv, line 7, Last name"
    )
    assert body.where(7, Fault("Cut short.", "#")) == Where(7, "a.csv")
