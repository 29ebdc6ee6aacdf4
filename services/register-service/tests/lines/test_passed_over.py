"""Fields that nobody reads are named, by pointer."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from register_service.lines.api.passed_over import NAMED_AT_MOST, fields_passed_over


@dataclass
class Inner:
    mobile: str | None = None


@dataclass
class Outer:
    mis_id: str | None = None
    contacts: tuple[Inner, ...] | None = None


look = fields_passed_over(Outer)


@pytest.mark.parametrize(
    ("sent", "pointers"),
    [
        ({"mis_id": "1", "contacts": [{"mobile": "07700 900123"}]}, []),
        ({"misid": "1"}, ["#/misid"]),
        ({"MIS_ID": "1", "Tutor": "4A"}, ["#/MIS_ID", "#/Tutor"]),
        ({"contacts": [{"mobile": ""}, {"phone": "1", "fax": {"mobile": ""}}]},
         ["#/contacts/1/phone", "#/contacts/1/fax"]),
        ({"contacts": None, "deep": {"mis_id": 1}}, ["#/deep"]),
        ({"Avery Example": 1}, ["#"]),
        ({"contacts": [{"07700 900123": "mobile"}]}, ["#/contacts/0"]),
    ],
)  # fmt: skip
def test_each_unknown_field_is_pointed_at(sent: dict[str, Any], pointers: list[str]) -> None:
    assert [fault.pointer for fault in look(json.dumps(sent).encode())] == pointers


@pytest.mark.parametrize(
    ("name", "meant"), [("MIS_ID", "mis_id"), ("contact", "contacts"), ("eye_colour", None)]
)
def test_what_is_nearly_a_field_is_asked_about(name: str, meant: str | None) -> None:
    [fault] = look(json.dumps({name: 1}).encode())
    assert fault.detail.endswith(f"Is `{meant}` meant?") is (meant is not None)


def test_a_line_of_nothing_else_is_not_told_of_all_of_it() -> None:
    assert len(look(json.dumps({f"x{n}": n for n in range(1_000)}).encode())) == NAMED_AT_MOST
