"""The whole platform, two processes of everything, and schools to try it with.

Started once for the tests that need more than one service. The clock is driven: each test takes a
school and a school week of its own, later than the one before.
"""

import asyncio
import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from string import ascii_uppercase
from typing import Any, TypeVar

import httpx
import pytest
from fault_run.own_stack import SHORT_LEASES

from attendance_contracts.calendar import LONDON
from attendance_contracts.identifiers import make_upn
from attendance_testing.bodies import Json, a_contact, roll_line, school_settings, school_year
from attendance_testing.platform import Platform

from .access.world import world
from .weeks import YEARS, school_weeks

__all__ = ["world"]  # once for all tests: its people's tokens name one school

STARTS_WITHIN_SECONDS = 180
HAPPENS_WITHIN_SECONDS = 30.0
# How long a test listens before it says that nothing more was said.
LISTENS_SECONDS = 1.5
T = TypeVar("T")

AUTHORITY = "authority-332"
AUTHORITY_SCOPES = (
    "school.write school.read care.write register.read child.read case.read case.write"
)
STAFF_SCOPES = (
    "calendar.write roll.write roll.read register.write register.read mark.amend child.read "
    "case.read case.write contact.read"
)
WORKER_SCOPES = "caseload.read child.read case.read"


@pytest.fixture(scope="session")
def stack_file() -> Iterator[Path]:
    """The stack.json of a whole platform: one that is kept up already, or the run's own."""
    existing = os.environ.get("FIRSTDAY_TEST_PLATFORM")
    if existing:
        yield Path(existing)
        return
    name = f"platform-{os.getpid()}"
    up = ["up", "--name", name, "--clock", "driven", "--api", "2", "--worker", "2", "--throwaway"]
    process = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "local_stack", *up], env={**os.environ, **SHORT_LEASES}
    )
    document = Path(".stack") / name / "stack.json"
    give_up = time.monotonic() + STARTS_WITHIN_SECONDS
    try:
        while not document.exists():
            assert process.poll() is None, "The platform did not start; its logs say why."
            assert time.monotonic() < give_up, "The platform took too long to start."
            time.sleep(0.2)  # noqa: TID251 - before any event loop runs
        yield document
    finally:
        process.terminate()
        process.wait(timeout=60)


@pytest.fixture(scope="session")
def callback_token(stack_file: Path) -> str:
    """The token that was agreed with the provider for its receipts."""
    return str(json.loads(stack_file.read_text())["sandbox"]["callback_token"])


@pytest.fixture(scope="session")
async def platform(stack_file: Path) -> AsyncIterator[Platform]:
    """A client of the whole platform, with the authority's own client in it."""
    async with await Platform.from_file(stack_file) as opened:
        await opened.add_client(
            AUTHORITY, sub=AUTHORITY, org="authority:332", scopes=AUTHORITY_SCOPES
        )
        yield opened


async def eventually(
    look: Callable[[], Awaitable[T | None]], *, within_seconds: float = HAPPENS_WITHIN_SECONDS
) -> T:
    """Return the first answer that is not None (or empty), however short the wait."""
    give_up = time.monotonic() + within_seconds
    while time.monotonic() < give_up:
        if answer := await look():
            return answer
        await asyncio.sleep(0.05)
    raise AssertionError(f"It did not happen within {within_seconds:.0f} seconds.")


@pytest.fixture(scope="session", name="eventually")
def eventually_fixture() -> Callable[..., Awaitable[Any]]:
    """Waiting for something to come true, as a fixture: test modules import nothing from here."""
    return eventually


_schools = itertools.count()
_weeks = school_weeks()
# Mobile numbers of the reserved range, less those to which a provider gives a meaning of its own.
_mobiles = itertools.count(300)


@dataclass
class SchoolUnderTest:
    """A school of one class, as its office and its MIS know it; pupils are counted from 0."""

    platform: Platform
    urn: str
    monday: date
    pupils: list[dict[str, Any]]
    mobiles: list[str]
    upns: list[str]

    @property
    def office(self) -> str:
        """The client of its office and MIS."""
        return f"office-{self.urn}"

    async def at(self, local_time: str, *, day: int = 0, rate: float = 1.0) -> None:
        """Set the platform's clock to a local time of the school's week, Monday being day 0."""
        local = datetime.fromisoformat(f"{self.monday + timedelta(day)}T{local_time}")
        await self.platform.set_clock(local.replace(tzinfo=LONDON), rate=rate)

    async def send(self, codes: str | Sequence[str], *, day: int = 0, session: str = "AM") -> Any:
        """Send the class's register: a code for each pupil in turn; its answer."""
        marks = [{"mis_id": str(place), "code": code} for place, code in enumerate(codes)]
        return await self.send_marks(marks, day=day, session=session)

    async def send_marks(
        self, marks: list[dict[str, str]], *, day: int = 0, session: str = "AM"
    ) -> Any:
        """Send marks as the MIS has them; the answer."""
        path = f"/v1/schools/{self.urn}/classes/1A/registers/{self.monday + timedelta(day)}"
        answer = await self.platform.call(
            self.office, "PUT", "register", f"{path}/{session}", json={"marks": marks}
        )
        return answer.json()

    async def enrol(self, line: dict[str, Any]) -> None:
        """Enrol one more pupil; what the line leaves out is as for the others."""
        self.mobiles.append(_mobile())
        whole = _roll_line(0, 0, self.mobiles[-1]) | line
        answer = await self.platform.call(
            self.office, "POST", "register", f"/v1/schools/{self.urn}/roll", json=[whole]
        )
        self.pupils += answer.json()

    async def amend(self, pupil: int, code: str, *, day: int = 0, session: str = "AM") -> None:
        """Amend a mark in the office: what its source last sent stays as it was."""
        enrolment = self.pupils[pupil]["enrolment_id"]
        mark = f"/v1/schools/{self.urn}/marks/{enrolment}/{self.monday + timedelta(day)}/{session}"
        history = await self.platform.call(self.office, "GET", "register", f"{mark}/history")
        body = {
            "code": code,
            "reason": "Parent telephoned",
            "amender_name": "A. Officer",
            "amender_title": "Attendance officer",
        }
        tag = {"If-Match": history.headers["etag"]}
        await self.platform.call(self.office, "PATCH", "register", mark, json=body, headers=tag)

    async def told(self, pupil: int) -> list[str]:
        """Return the templates of what the pupil's family was sent, oldest first."""
        url = f"{self.platform.stack.sandbox.url}/sandbox/messages"
        async with httpx.AsyncClient() as http:
            answer = await http.get(url, params={"recipient": self.mobiles[pupil]})
        return [message["template"] for message in reversed(answer.json()["messages"])]

    async def told_at_last(
        self, pupil: int, *templates: str, within_seconds: float = HAPPENS_WITHIN_SECONDS
    ) -> None:
        """Wait until the family has been sent exactly this, and nothing more follows."""

        async def look() -> bool:
            return await self.told(pupil) == list(templates)

        await eventually(look, within_seconds=within_seconds)
        await self.never_told_more(pupil, *templates)

    async def never_told_more(self, pupil: int, *templates: str) -> None:
        """Listen for a while: the family is sent this and nothing else."""
        await asyncio.sleep(LISTENS_SECONDS)
        assert await self.told(pupil) == list(templates)

    async def allocate(self, pupil: int) -> str:
        """Give a pupil a social worker; the worker's client."""
        worker = f"worker-{self.urn}"
        await self.platform.add_client(
            worker, sub=worker, org="social-care:332", scopes=WORKER_SCOPES
        )
        line = {
            "child_id": self.pupils[pupil]["child_id"],
            "kind": "CIN",
            "authority_code": "332",
            "worker": worker,
            "team": "team-1",
            "valid_from": "2026-09-01",
        }
        await self.platform.call(AUTHORITY, "POST", "register", "/v1/care-statuses", json=[line])
        return worker


SchoolBuilder = Callable[..., Awaitable[SchoolUnderTest]]


@pytest.fixture(scope="session")
def a_school(platform: Platform) -> SchoolBuilder:
    """Build a school with its roll, loaded through the API as an MIS would."""

    async def build(*, pupils: int = 2, starts: date | None = None) -> SchoolUnderTest:
        number = next(_schools)
        monday = starts or next(_weeks)
        urn = str(910_001 + number)
        lines = [_roll_line(number, place, _mobile()) for place in range(pupils)]
        mobiles = [line["contacts"][0]["mobile"] for line in lines]
        upns = [line["upn"] for line in lines]
        school = SchoolUnderTest(platform, urn, monday, [], mobiles, upns)
        await platform.add_client(
            school.office, sub=school.office, org=f"school:{urn}", scopes=STAFF_SCOPES
        )
        await school.at("07:00")
        path = f"/v1/schools/{urn}"
        await platform.give_schools([urn], "332")
        await platform.call(AUTHORITY, "PUT", "register", path, json=school_settings(urn))
        for year, (first, last) in YEARS.items():
            calendar = f"{path}/calendars/{year}"
            await platform.call(
                school.office, "PUT", "register", calendar, json=school_year(first, last)
            )
        rolled = await platform.call(school.office, "POST", "register", f"{path}/roll", json=lines)
        school.pupils = rolled.json()
        return school

    return build


def _mobile() -> str:
    return f"07700900{next(_mobiles) % 1000:03}"


def _roll_line(school: int, place: int, mobile: str) -> Json:
    return roll_line(
        upn=make_upn(332, 4000 + school, 2020, place),
        mis_id=str(place),
        forename=f"Pupil {ascii_uppercase[place % 26]}",
        class_code="1A",
        contacts=[a_contact(mobile=mobile)],
    )
