"""A running platform with schools loaded into it: its addresses, tokens and domain time."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import asyncpg
import authority
import httpx
from authority import School
from progress import Progress
from traffic import Call, send_all, until

SCOPES = (
    "school.write school.read calendar.write roll.write roll.read care.write "
    "register.write register.read caseload.read child.read absence.read platform.administer"
)
Figures = dict[str, Any]  # what build/bench.json holds
FIRST_DAY = date(2026, 11, 23)
_LAST_WEEKDAY = 4
# Registers have closed, so that contact is due as soon as a mark arrives.
_OPENED = {"AM": "09:30", "PM": "14:00"}


class Loaded:
    """A stack of the bench's own; each phase takes sessions that no other phase has used."""

    def __init__(self, document: dict[str, Any], schools: Sequence[School]) -> None:
        self.document = document
        self.schools = list(schools)
        self.progress = Progress(document)
        self.taken: list[tuple[date, str]] = []
        self._sessions = _school_sessions()

    def api(self, service: str) -> list[str]:
        """The addresses of a service's API processes."""
        return list(self.document["services"][service]["api"])

    def workers(self, service: str) -> list[str]:
        """The addresses of a service's workers: their health and metrics."""
        return list(self.document["services"][service]["worker"])

    async def connection(self, service: str) -> asyncpg.Connection:
        """Open a connection to a service's database."""
        return await asyncpg.connect(self.document["services"][service]["database_url"])

    async def token(self, organisation: str, subject: str = "bench") -> str:
        """Fetch a token for a client made for the bench."""
        client_id, issuer = f"{subject}-{organisation}".replace(":", "-"), self.document["issuer"]
        client = {"client_id": client_id, "sub": subject, "org": organisation, "scopes": SCOPES}
        async with httpx.AsyncClient() as http:
            made = await http.post(issuer["clients_endpoint"], json=client)
            form = {
                "grant_type": "client_credentials",
                "client_id": client_id,
                "client_secret": made.raise_for_status().json()["secret"],
            }
            answer = await http.post(issuer["token_endpoint"], data=form)
            return str(answer.raise_for_status().json()["access_token"])

    async def load(self) -> None:
        """Load schools, calendars and rolls, and wait until every service knows them."""
        await self.set_clock(FIRST_DAY, "07:00")
        await self.send([authority.given(self.schools)], await self.token("platform:bench"))
        admin, supplier = await self.token("authority:332"), await self.token("supplier:bench")
        settings = [authority.settings(school, grace_minutes=0) for school in self.schools]
        await self.send(settings, admin, in_flight=4)
        await self.send([authority.calendar(school) for school in self.schools], supplier)
        await self.send([authority.roll(school) for school in self.schools], supplier)
        await until(self.progress.caught_up, within_seconds=180)

    async def send(self, calls: Sequence[Call], token: str, *, in_flight: int = 2) -> None:
        """Send calls to register-service, for their effect."""
        await send_all(calls, self.api("register"), token, in_flight=in_flight)

    async def next_session(self) -> tuple[str, str]:
        """Move to a session that no register has been sent for; its day and half."""
        day, half = next(self._sessions)
        self.taken.append((day, half))
        await self.set_clock(day, _OPENED[half])
        return day.isoformat(), half

    async def set_clock(self, day: date, time_of_day: str) -> None:
        """Move domain time; it runs at the real rate."""
        moment = {"now": f"{day}T{time_of_day}:00+00:00", "rate": 1.0}
        async with httpx.AsyncClient() as http:
            answer = await http.put(self.document["clock"]["control_url"], json=moment)
            answer.raise_for_status()

    async def all_sent(self) -> bool:
        """Tell whether every message owed has left."""
        return await self.progress.messages_waiting() == 0


def _school_sessions() -> Iterator[tuple[date, str]]:
    day = FIRST_DAY
    while True:
        if day.weekday() <= _LAST_WEEKDAY:
            yield day, "AM"
            yield day, "PM"
        day += timedelta(days=1)
