"""A worker that looks at registers on a Monday of September, and registers that are sent to it."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import text

from attendance_contracts.calendar import Session
from attendance_runtime.access import Principal
from attendance_runtime.clock import FixedClock
from attendance_runtime.database import Database
from attendance_runtime.timers import fire_due
from register_service.calendar.domain import SessionAt
from register_service.missing.use_cases import REGISTER_DUE, look_at_registers
from register_service.registers import use_cases
from register_service.registers.domain import SentMark

MONDAY = date(2026, 9, 7)
MIS = Principal("demo-mis", "supplier:demo-mis", frozenset({"register.write"}))


async def look(database: Database, clock: FixedClock, at: str, day: date = MONDAY) -> None:
    """Set the clock and let a worker look until nothing more is due."""
    clock.set(f"{day}T{at}:00Z")
    while await fire_due(database, clock, REGISTER_DUE, look_at_registers):
        pass


async def missing(database: Database) -> list[str]:
    """The sessions announced so far, in order."""
    async with database.transaction() as db:
        found = await db.execute(
            text("SELECT payload FROM outbox WHERE type LIKE '%register.missing%' ORDER BY id")
        )
        bodies = [json.loads(row.payload) for row in found]
    return [f"{body['date']} {body['session']}" for body in bodies]


async def take(
    database: Database,
    clock: FixedClock,
    school: Any,
    of: Session,
    mis_ids: Sequence[str] = ("1",),
    *,
    code: str | None = None,
) -> None:
    """Send a register with a mark for each of these children, one as a rule who is there."""
    code = code or ("/" if of is Session.AM else "\\")
    async with database.transaction() as db:
        order = use_cases.RecordRegister(
            at=SessionAt(school.urn, MONDAY, of),
            class_code="",
            marks=[SentMark(place, "MIS_ID", key, code) for place, key in enumerate(mis_ids)],
            sender=MIS,
            keep_good=False,
        )
        await use_cases.record_registers(db, [order], now=clock.now())
