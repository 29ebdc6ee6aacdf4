from datetime import datetime, timedelta
from pathlib import Path

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, Field

from attendance_runtime.clock import DrivenClock, read_driven_rate, write_driven_clock


class ClockReading(BaseModel):
    """What the driven clock shows.

    Attributes:
        now: domain time, in UTC when read; any zone when set.
        rate: domain seconds that pass in a real one; 0 stands still, 60 is a minute a second.
    """

    now: AwareDatetime
    rate: float = Field(1.0, ge=0)


class ClockSetting(BaseModel):
    """How to set the driven clock.

    Attributes:
        now: domain time, in any zone; left out, the clock goes on from where it stands, so that
            changing the rate alone never sets time back.
        rate: domain seconds that pass in a real one.
    """

    now: AwareDatetime | None = None
    rate: float = Field(1.0, ge=0)


class Advance(BaseModel):
    """How far to jump, in domain seconds; the rate stays as it is."""

    seconds: float = Field(gt=0)


def clock_routes(file: Path) -> APIRouter:
    """Return the routes that read and drive a clock's file."""
    router = APIRouter(prefix="/clock")
    clock = DrivenClock(file)

    def reading() -> ClockReading:
        return ClockReading(now=clock.now(), rate=read_driven_rate(file))

    def move(now: datetime, rate: float) -> ClockReading:
        write_driven_clock(file, domain=now, rate=rate)
        return reading()

    @router.get("")
    async def read_clock() -> ClockReading:
        """Tell domain time and how fast it runs."""
        return reading()

    @router.put("")
    async def set_clock(wanted: ClockSetting) -> ClockReading:
        """Set domain time, how fast it runs, or both."""
        return move(wanted.now or clock.now(), wanted.rate)

    @router.post("/advance")
    async def advance_clock(by: Advance) -> ClockReading:
        """Jump ahead."""
        return move(clock.now() + timedelta(seconds=by.seconds), read_driven_rate(file))

    return router
