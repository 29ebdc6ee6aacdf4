"""What is wrong with a body is pointed at, and never repeated: it may be about a person."""

from datetime import date
from enum import StrEnum
from uuid import UUID

import msgspec
import pytest

from attendance_runtime.errors import Fault
from attendance_runtime.web.reading import fault_of

NOT_ALLOWED = "This is not one of the values allowed."


class Half(StrEnum):
    AM = "AM"


class Mark(msgspec.Struct, forbid_unknown_fields=True):
    half: Half | None = None
    number: int = 0
    on: date | None = None
    child: UUID | None = None
    weights: dict[str, int] = {}


class Text(msgspec.Struct, tag="text"):
    pass


class Call(msgspec.Struct, tag="call"):
    pass


class Body(msgspec.Struct):
    marks: list[Mark] = []
    told: list[Text | Call] = []


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ('{"marks": [{}, {"half": "Avery"}]}', Fault(NOT_ALLOWED, "#/marks/1/half")),
        ('{"marks": [{"half": "Av\\ner` - at `$.y`"}]}', Fault(NOT_ALLOWED, "#/marks/0/half")),
        ('{"told": [{"type": "Avery"}]}', Fault(NOT_ALLOWED, "#/told/0/type")),
        (
            '{"marks": [{"number": "Avery"}]}',
            Fault("Expected int, got str", "#/marks/0/number"),
        ),
        ('{"marks": {}}', Fault("Expected array, got object", "#/marks")),
        ('"Avery"', Fault("Expected object, got str", "#")),
    ],
)
def test_a_fault_is_pointed_at(body: str, fault: Fault) -> None:
    with pytest.raises(msgspec.ValidationError) as refused:
        msgspec.json.decode(body, type=Body)
    assert fault_of(refused.value) == fault


@pytest.mark.parametrize("name", ["half", "number", "on", "child", "weights"])
@pytest.mark.parametrize("value", ['"Avery"', '["Avery"]', '{"Avery": "Avery"}'])
def test_no_fault_repeats_a_value(name: str, value: str) -> None:
    with pytest.raises(msgspec.ValidationError) as refused:
        msgspec.json.decode(f'{{"marks": [{{"{name}": {value}}}]}}', type=Body)
    fault = fault_of(refused.value)
    assert "Avery" not in fault.detail + fault.pointer
    assert fault.pointer.startswith(f"#/marks/0/{name}")
