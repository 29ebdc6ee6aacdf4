"""Brings a generated authority into the platform by the routes that an MIS and a council use."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final
from uuid import UUID

import httpx
import msgspec

from attendance_contracts.calendar import in_utc
from attendance_testing.platform import Platform
from demo_authority.authority.generator import DemoAuthority
from demo_authority.authority.marks import registers
from demo_authority.authority.model import Contact, Register, School
from demo_authority.play import bodies
from demo_authority.play.participants import (
    SUPPLIER_CLIENT,
    add_participants,
    authority_client,
)

_AT_A_TIME: Final = 12
"""Requests in flight at most: what waits together is written together."""
_NDJSON: Final = {"Content-Type": "application/x-ndjson"}
_EARLY: Final = time(5, 0)

Advance = Callable[[int], None]
"""Called with the number of marks (or lines) that have just been taken."""


class LoadRefused(Exception):
    """The platform refused part of the load; the sentence says what, without a child's name."""


@dataclass(frozen=True)
class Loaded:
    """What the platform calls those whom the generator knows by number."""

    enrolments: dict[int, UUID]
    children: dict[int, UUID]


class _Line(msgspec.Struct):
    line: int
    state: str
    enrolment_id: UUID | None = None
    child_id: UUID | None = None
    standing: str | None = None
    errors: tuple[object, ...] = ()


class RegisterAnswer(msgspec.Struct):
    """What became of a register, as far as the demo asks."""

    new: int
    changed: int
    unchanged: int
    missing: tuple[UUID, ...]


def before_play(authority: DemoAuthority) -> datetime:
    """Return the early hour of the first played day at which the term so far is brought in.

    An absence that is first heard of on a later day frightens nobody: notification-service opens
    no contact for it.
    """
    return in_utc(authority.marks.play_from, _EARLY)


async def load_roll(platform: Platform, authority: DemoAuthority, advance: Advance) -> Loaded:
    """Load schools, calendars, children and care statuses; `advance` counts schools."""
    await add_participants(platform, authority.roll)
    await _require_new(platform, authority.roll.schools[0])
    urns = [school.urn for school in authority.roll.schools]
    await platform.give_schools(urns, authority.roll.figures.code)
    loaded = Loaded({}, {})
    for school in authority.roll.schools:
        await _put_school(platform, school)
        await _post_roll(platform, authority, school, loaded)
        advance(1)
    await _post_care(platform, authority)
    return loaded


async def load_history(platform: Platform, authority: DemoAuthority, advance: Advance) -> int:
    """Send every register before the played days, whole schools at a time; return the marks taken.

    Schools go side by side, each in its own order.
    """
    before = authority.marks.play_from - timedelta(days=1)
    first = min(sessions[0][0] for sessions in authority.marks.sessions.values())
    queues: dict[str, list[Register]] = defaultdict(list)
    for register in registers(
        authority.roll, authority.marks, first=first, last=before, whole_schools=True
    ):
        queues[register.school_urn].append(register)
    mis_ids = {one.key: one.mis_id for one in authority.roll.enrolments}
    room = asyncio.Semaphore(_AT_A_TIME)

    async def send_school(queue: Sequence[Register]) -> int:
        taken = 0
        for register in queue:
            async with room:
                answer = await put_register(platform, register, mis_ids)
            taken += answer.new
            advance(answer.new)
        return taken

    return sum(await asyncio.gather(*(send_school(queue) for queue in queues.values())))


async def put_register(
    platform: Platform, register: Register, mis_ids: dict[int, str]
) -> RegisterAnswer:
    """Send one register, a class's or a whole school's, as the school's MIS does."""
    of_class = f"/classes/{register.class_code}" if register.class_code else ""
    of_school = f"/v1/schools/{register.school_urn}{of_class}"
    answer = await platform.call(
        SUPPLIER_CLIENT,
        "PUT",
        "register",
        f"{of_school}/registers/{register.day}/{register.session}",
        content=bodies.register_body(register, mis_ids),
        headers={"Content-Type": "application/json"},
    )
    return msgspec.json.decode(answer.content, type=RegisterAnswer)


async def _require_new(platform: Platform, school: School) -> None:
    administrator = authority_client(school.authority_code)
    found = await platform.send(administrator, "GET", "register", f"/v1/schools/{school.urn}")
    if found.status_code != httpx.codes.NOT_FOUND:
        raise LoadRefused(
            f"The stack `{platform.stack.name}` holds a demo already: end it with `make down "
            f"STACK={platform.stack.name}`, or let the demo use a stack of its own."
        )


async def _put_school(platform: Platform, school: School) -> None:
    await platform.call(
        authority_client(school.authority_code),
        "PUT",
        "register",
        f"/v1/schools/{school.urn}",
        json=bodies.school_body(school),
    )
    await platform.call(
        SUPPLIER_CLIENT,
        "PUT",
        "register",
        f"/v1/schools/{school.urn}/calendars/{school.calendar.school_year}",
        json=bodies.calendar_body(school.calendar),
    )


async def _post_roll(
    platform: Platform, authority: DemoAuthority, school: School, loaded: Loaded
) -> None:
    roll = authority.roll
    contacts: dict[int, list[Contact]] = defaultdict(list)
    for contact in roll.contacts:
        contacts[contact.enrolment].append(contact)
    members = [one for one in roll.enrolments if one.school_urn == school.urn]
    lines = [bodies.roll_line(one, roll.children[one.child], contacts[one.key]) for one in members]
    answers = await _post_lines(platform, SUPPLIER_CLIENT, f"/v1/schools/{school.urn}/roll", lines)
    for one, answer in zip(members, answers, strict=True):
        if answer.enrolment_id is None or answer.child_id is None:
            raise LoadRefused(f"The roll's answer to line {answer.line} names no child.")
        loaded.enrolments[one.key] = answer.enrolment_id
        loaded.children[one.child] = answer.child_id


async def _post_care(platform: Platform, authority: DemoAuthority) -> None:
    lines: dict[str, list[bodies.Body]] = defaultdict(list)
    for code, line in bodies.care_lines(authority.roll.children):
        lines[code].append(line)
    for code, own in lines.items():
        answers = await _post_lines(platform, authority_client(code), "/v1/care-statuses", own)
        if waiting := [one.line for one in answers if one.standing != "in force"]:
            raise LoadRefused(f"{len(waiting)} care statuses wait, first line {waiting[0]}.")


async def _post_lines(
    platform: Platform, client: str, path: str, lines: Sequence[bodies.Body]
) -> list[_Line]:
    answer = await platform.call(
        client, "POST", "register", path, content=bodies.ndjson(lines), headers=_NDJSON
    )
    answers = msgspec.json.Decoder(_Line).decode_lines(answer.content)
    refused = [one for one in answers if one.state == "refused"]
    if refused or len(answers) != len(lines):
        first = refused[0].errors if refused else f"{len(answers)} answers to {len(lines)} lines"
        raise LoadRefused(f"{path}: {len(refused)} lines were refused, first {first}.")
    return answers
