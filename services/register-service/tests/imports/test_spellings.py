"""What files and keyboards add to a roll: byte order marks, spaces, letters taken apart."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from attendance_contracts.identifiers import make_upn

Json = dict[str, Any]
Headers = dict[str, str]
SendRoll = Callable[..., Awaitable[list[Json]]]

pytestmark = pytest.mark.usefixtures("school")

ROLL = "/v1/schools/100001/roll"
SECOND = make_upn(332, 2000, 21, 2)
MARK = b"\xef\xbb\xbf"


@pytest.mark.parametrize("form", ["whole", "lines", "joined files", "array"])
async def test_a_byte_order_mark_costs_no_child(
    client: httpx.AsyncClient, supplier: Headers, line: Json, form: str
) -> None:
    lines = [line | {"forename": "Zoë"}, line | {"upn": SECOND, "mis_id": "2"}]
    one, other = (json.dumps(each, ensure_ascii=False).encode() for each in lines)
    body, kind = {
        "whole": (MARK + one + b"\r\n" + other, "application/x-ndjson"),
        "lines": (
            MARK + b"\n" + one + b"\n" + other + b"\n",
            "Application/X-NDJSON; charset=utf-8",
        ),
        "joined files": (MARK + one + b"\n" + MARK + other + b"\n", "application/x-ndjson"),
        "array": (MARK + b"[" + one + b"," + other + b"]", "application/json"),
    }[form]
    answer = await client.post(ROLL, content=body, headers=supplier | {"content-type": kind})
    told = answer.json() if form == "array" else map(json.loads, answer.text.splitlines())
    assert [each["state"] for each in told] == ["created", "created"]


async def test_a_field_that_nobody_reads_is_named_and_costs_no_child(
    send_roll: SendRoll, line: Json
) -> None:
    contact = line["contacts"][0] | {"Mobile": "07700 900124"}
    [kept] = await send_roll(line | {"FORMER_UPN": SECOND, "contacts": [contact]})
    assert (kept["state"], [one["pointer"] for one in kept["warnings"]]) == (
        "created",
        ["#/contacts/0/Mobile", "#/FORMER_UPN"],
    )
    assert "Is `former_upn` meant?" in kept["warnings"][1]["detail"]


async def test_a_field_that_is_missing_is_pointed_at_by_its_name(
    send_roll: SendRoll, line: Json
) -> None:
    wrong = {name: line[name] for name in line if name != "class_code"} | {"class": "4A"}
    [refused] = await send_roll(wrong)
    assert refused["state"] == "refused"
    assert [fault["pointer"] for fault in refused["errors"]] == ["#/class_code"]
