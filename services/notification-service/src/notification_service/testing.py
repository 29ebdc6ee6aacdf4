"""What this service's tests stand on: builders of events, a stand-in register, the real sandbox."""

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from datetime import time as dt_time
from pathlib import Path
from typing import Any, Literal
from uuid import UUID, uuid4

import httpx
import uvicorn
from fastapi import FastAPI, Request, Response
from sqlalchemy import text

from attendance_contracts.calendar import Session
from attendance_contracts.events import (
    AbsenceExplained,
    AbsenceRecorded,
    AbsenceWithdrawn,
    SchoolChanged,
)
from notification_service.contacts.facts import Absence
from notification_service.contacts.use_cases import apply_absences, replan_schools
from notification_service.schools.use_cases import apply_schools
from notification_service.sending.desk import Desk

LOOPBACK = "127.0.0.1"
MONDAY = date(2026, 9, 7)
"""A school day in British summer time: registers of 08:45 close at 08:15 UTC."""

_STARTS_WITHIN_SECONDS = 30


def at(clock_time: str, day: date = MONDAY) -> datetime:
    """Return a moment of a day, given in UTC: `at("08:20")`."""
    return datetime.fromisoformat(f"{day}T{clock_time}+00:00")


def a_school(**changes: object) -> SchoolChanged:
    """Return a school as announced: registers from 08:45 and 13:00, open 30 minutes, grace 5."""
    school = SchoolChanged(
        school_id=uuid4(),
        urn="100000",
        name="Amber School",
        phase="primary",
        authority_code="332",
        trust=None,
        mis_supplier=None,
        am_starts_at=dt_time(8, 45),
        pm_starts_at=dt_time(13),
        register_open_minutes=30,
        contact_grace_minutes=5,
        hours_per_day=6.5,
        contact_codes=("N",),
        attendance_lead=None,
        version=1,
    )
    return replace(school, **changes)  # type: ignore[arg-type] # a test names fields of the event


MARKED = at("08:00")
CORRECTED = at("08:10")


@dataclass(frozen=True)
class Pupil:
    """A child at a school, with what absences are announced of them."""

    school_id: UUID
    enrolment_id: UUID = field(default_factory=uuid4)
    child_id: UUID = field(default_factory=uuid4)

    def absent(
        self,
        recorded_at: datetime = MARKED,
        *,
        session: Session = Session.AM,
        state: Literal["unexplained", "explained"] = "unexplained",
        day: date = MONDAY,
    ) -> AbsenceRecorded:
        """Announce an absence."""
        return AbsenceRecorded(
            child_id=self.child_id,
            enrolment_id=self.enrolment_id,
            school_id=self.school_id,
            date=day,
            session=session,
            recorded_at=recorded_at,
            state=state,
        )

    def explained(
        self, recorded_at: datetime = CORRECTED, *, session: Session = Session.AM
    ) -> AbsenceExplained:
        """Announce that the absence got a reason."""
        return AbsenceExplained(**self._fields(recorded_at, session))

    def withdrawn(
        self, recorded_at: datetime = CORRECTED, *, session: Session = Session.AM
    ) -> AbsenceWithdrawn:
        """Announce that the child was not absent after all."""
        return AbsenceWithdrawn(**self._fields(recorded_at, session))

    def _fields(self, recorded_at: datetime, session: Session) -> Any:  # noqa: ANN401 - **kwargs
        return {
            "child_id": self.child_id,
            "enrolment_id": self.enrolment_id,
            "school_id": self.school_id,
            "date": MONDAY,
            "session": session,
            "recorded_at": recorded_at,
        }


@dataclass
class Family:
    """What the stand-in register says of one enrolment."""

    child_name: str = "Robin"
    school_name: str = "Amber School"
    is_open: bool = True
    contacts: list[dict[str, object]] = field(default_factory=list)


def a_contact(
    *, mobile: str | None = "07700 900123", email: str | None = None, priority: int = 1
) -> dict[str, object]:
    """Return a person who may be told, as the register answers."""
    return {
        "contact_id": str(uuid4()),
        "name": "A. Parent",
        "mobile": mobile,
        "email": email,
        "language": "en",
        "priority": priority,
    }


class StandInRegister:
    """Register-service's one question, and an issuer of tokens, over real HTTP."""

    def __init__(self) -> None:
        self.families: dict[UUID, Family] = {}
        self.is_away = False
        self.refused_tokens = 0
        self.questions = 0
        self.url = ""

    def reset(self) -> None:
        """Forget every family and every trouble."""
        self.families.clear()
        self.is_away = False
        self.refused_tokens = 0
        self.questions = 0

    def knows(self, pupil: Pupil, **family: Any) -> Family:  # noqa: ANN401 - Family's own fields
        """Let the register know a pupil, with one contact unless others are given."""
        family.setdefault("contacts", [a_contact()])
        self.families[pupil.enrolment_id] = Family(**family)
        return self.families[pupil.enrolment_id]

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["StandInRegister"]:
        """Serve on a free port until the block ends."""
        async with _serving(self._app()) as self.url:
            yield self

    def _app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/.well-known/openid-configuration")
        async def discovery() -> dict[str, str]:
            return {"token_endpoint": f"{self.url}/token"}

        @app.post("/token")
        async def token() -> dict[str, object]:
            return {"access_token": "a-token", "expires_in": 3600}

        @app.post("/v1/contacts/eligible", response_model=None)
        async def eligible(request: Request) -> dict[str, object] | Response:
            self.questions += 1
            if self.is_away:
                return Response(status_code=503)
            if self.refused_tokens:
                self.refused_tokens -= 1
                return Response(status_code=401)
            checks = (await request.json())["checks"]
            return {"answers": [answer for check in checks if (answer := self._answer(check))]}

        return app

    def _answer(self, check: Mapping[str, str]) -> dict[str, object] | None:
        family = self.families.get(UUID(check["enrolment_id"]))
        if family is None:
            return None
        told = family.is_open or check["purpose"] == "correction"
        return {
            "enrolment_id": check["enrolment_id"],
            "date": check["date"],
            "purpose": check["purpose"],
            "child_name": family.child_name,
            "school_name": family.school_name,
            "open": family.is_open,
            "recipients": family.contacts if told else [],
        }


class Sandbox:
    """The real Notify sandbox, in a process of its own."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = httpx.Client(base_url=url, timeout=10)

    def fail(self, mode: str, **switch: object) -> None:
        """Let Notify's routes fail in a way, for a count of requests or until reset."""
        self._http.put("/sandbox/failure", json={"mode": mode, **switch}).raise_for_status()

    def recover(self) -> None:
        """End a failure."""
        self._http.delete("/sandbox/failure").raise_for_status()

    def reset(self) -> None:
        """Forget everything."""
        self._http.delete("/sandbox/switches").raise_for_status()
        self._http.delete("/sandbox/messages").raise_for_status()

    def messages(self) -> Sequence[Mapping[str, Any]]:
        """Return every message accepted, the newest first."""
        answer = self._http.get("/sandbox/messages", params={"limit": 1000}).raise_for_status()
        found: Sequence[Mapping[str, Any]] = answer.json()["messages"]
        return found

    def texts(self) -> list[str]:
        """Return the words of every message accepted, in the order of acceptance."""
        return [str(message["body"]) for message in reversed(self.messages())]

    def put(self, switch: str, **value: object) -> None:
        """Set a switch: `receipts`, `callback`, `clock` or `delivery`."""
        self._http.put(f"/sandbox/{switch}", json=value).raise_for_status()

    def close(self) -> None:
        """Close the connection to it."""
        self._http.close()


@asynccontextmanager
async def sandbox_process(folder: Path) -> AsyncIterator[Sandbox]:
    """Run the sandbox on a free port until the block ends."""
    port = _free_port()
    options = ["--host", LOOPBACK, "--port", str(port), "--state", str(folder)]
    process = subprocess.Popen(  # noqa: ASYNC220, S603 - our own command; one for the whole run
        [sys.executable, "-m", "notify_sandbox", *options, "--delay-seconds", "0.01"]
    )
    sandbox = Sandbox(f"http://{LOOPBACK}:{port}")
    try:
        _await_health(sandbox, process)
        yield sandbox
    finally:
        sandbox.close()
        process.terminate()
        process.wait(timeout=10)


def _await_health(sandbox: Sandbox, process: "subprocess.Popen[bytes]") -> None:
    give_up = time.monotonic() + _STARTS_WITHIN_SECONDS
    while True:
        try:
            httpx.get(f"{sandbox.url}/livez").raise_for_status()
        except httpx.HTTPError:
            if process.poll() is not None or time.monotonic() > give_up:
                raise
            time.sleep(0.05)  # noqa: TID251 - before any other work runs
        else:
            return


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        port: int = listener.getsockname()[1]
        return port


@asynccontextmanager
async def _serving(app: FastAPI) -> AsyncIterator[str]:
    port = _free_port()
    server = uvicorn.Server(uvicorn.Config(app, host=LOOPBACK, port=port, log_level="warning"))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event to wait for
        await asyncio.sleep(0.01)
    try:
        yield f"http://{LOOPBACK}:{port}"
    finally:
        server.should_exit = True
        await serving


async def hear(desk: Desk, *absences: Absence) -> None:
    """Let the service take in a batch of absences, as its consumer would."""
    async with desk.database.transaction() as session:
        await apply_absences(session, absences, now=desk.clock.now())


async def hear_of(desk: Desk, *schools: SchoolChanged) -> None:
    """Let the service take in schools' settings, as its consumer would."""
    async with desk.database.transaction() as session:
        await apply_schools(session, schools, now=desk.clock.now())
        await replan_schools(session, schools, now=desk.clock.now())


async def states(desk: Desk, pupil: Pupil) -> list[str]:
    """Return how far each message about a pupil has come: `first sent`, `correction due`."""
    async with desk.database.transaction() as session:
        rows = await session.execute(
            text("""
                SELECT kind || ' ' || state FROM messages
                JOIN episodes ON episodes.id = episode_id
                WHERE enrolment_id = :enrolment ORDER BY messages.id
            """),
            {"enrolment": pupil.enrolment_id},
        )
        return list(rows.scalars())


async def announced(desk: Desk) -> list[str]:
    """Return the types of the events announced so far, in their order."""
    async with desk.database.transaction() as session:
        rows = await session.execute(text("SELECT type FROM outbox ORDER BY id"))
        return list(rows.scalars())


async def let_leases_end(desk: Desk) -> None:
    """Let the time pass in which senders hold messages."""
    async with desk.database.transaction() as session:
        await session.execute(
            text("UPDATE messages SET lease_until = clock_timestamp() - interval '1 second'")
        )


async def let_waits_end(desk: Desk) -> None:
    """Let the time pass until messages are tried again."""
    async with desk.database.transaction() as session:
        await session.execute(text("UPDATE messages SET retry_at = NULL"))
