"""Time itself: clocks that change, midnight, a jump back, and what falls due while all is down."""

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from attendance_contracts.calendar import Session
from demo_authority.proof.inbox import Subject, Told, day_in_words, read_inbox, recipient_of
from fault_run.faults import fault
from fault_run.ledger import Cell
from fault_run.stage import Stage, until
from fault_run.town import SPARE_CLASS, at, present

_BACK: Final = timedelta(seconds=2)
_CLOCK_CHANGES: Final = {
    "go back": date(2026, 10, 25),
    "go forward": date(2027, 3, 28),
}


@fault("time", "the clock jumps back two seconds, again and again", short=True)
async def jump_back(stage: Stage) -> None:
    """Also over the very moment at which contact is due."""
    for _ in range(3):
        stage.set_clock(stage.now() - _BACK)
        await asyncio.sleep(0.3)
    await stage.contact_is_due()
    due = at(stage.day.day, time(13, 35))
    for _ in range(3):
        await asyncio.sleep(0.5)
        stage.set_clock(due)
        await asyncio.sleep(0.1)
        stage.set_clock(stage.now() - _BACK)
    stage.set_clock(due)


@fault("time", "midnight passes")
async def midnight(stage: Stage) -> None:
    """Corrections of a day's marks go on into the next, and to families in its morning."""
    await stage.contact_is_due()
    await asyncio.sleep(1)
    stage.set_clock(at(stage.day.day, time(23, 59, 58)))
    await asyncio.sleep(4)
    stage.set_clock(at(stage.day.day + timedelta(days=1), time(8)))


@fault("time", "contact and registers fall due while everything is down")
async def due_while_down(stage: Stage) -> None:
    """The last second before they are due is the last of every process."""
    await stage.contact_is_due()
    stage.kill(*stage.process_names(""))


def _clocks_change(how: str, sunday: date) -> None:
    @fault("time", f"the clocks {how}", day=sunday - timedelta(days=2))
    async def clocks_change(stage: Stage) -> None:
        """Friday's corrections pass the change; Monday's contact is due by the wall clock."""
        await stage.contact_is_due()
        await asyncio.sleep(1)
        stage.set_clock(datetime.combine(sunday, time(0, 59, 58), UTC))
        await asyncio.sleep(3)
        await _monday(stage, sunday + timedelta(days=1))


for _how, _sunday in _CLOCK_CHANGES.items():
    _clocks_change(_how, _sunday)


async def _monday(stage: Stage, monday: date) -> None:
    """Take a class's register with one child missed: told at 09:20 local time, not before."""
    school = stage.town.taught[0]
    missed, *others = school.of_class(SPARE_CLASS)
    stage.set_clock(at(monday, time(9, 19, 55)))
    codes = {Cell(missed, monday, Session.AM): "N"}
    codes |= {Cell(pupil, monday, Session.AM): present(Session.AM) for pupil in others}
    await stage.client.push(school, codes, class_code=SPARE_CLASS)
    recipient = recipient_of(None, missed.address)
    subject = Subject(recipient, school.name, day_in_words(monday), missed.forename)
    due = at(monday, time(9, 20))

    async def told() -> bool:
        return Told(subject, "first") in (await read_inbox(stage.platform)).told

    while stage.now() < due - timedelta(seconds=0.5):
        if await told():
            stage.amiss.append(f"A family was told at {stage.now()}, before contact was due.")
            return
        await asyncio.sleep(0.5)
    await until(told, within_seconds=30)
