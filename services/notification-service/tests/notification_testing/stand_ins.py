"""What this service's tests talk to: a stand-in register, and the real Notify sandbox."""

import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from attendance_testing import register
from notification_testing.facts import Pupil

LOOPBACK = "127.0.0.1"

_STARTS_WITHIN_SECONDS = 30


@dataclass
class Family:
    """What the stand-in register says of one enrolment; `stands` while no absence is open."""

    child_name: str = "Robin"
    school_name: str = "Amber School"
    is_open: bool = True
    stands: str = "here"
    next_school_day: str | None = "2026-09-08"
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


@dataclass
class StandInRegister(register.StandInRegister):
    """The register as it is asked whom a family's message may go to.

    Attributes:
        families: what it knows, by enrolment.
        is_away: whether it answers that it cannot now.
        refused_tokens: how many more requests it will take for a stranger's.
        questions: how often it has been asked.
    """

    families: dict[UUID, Family] = field(default_factory=dict)
    is_away: bool = False
    refused_tokens: int = 0
    questions: int = 0

    @property
    def routes(self) -> list[Route]:
        """What it can be asked."""
        return [Route("/v1/contacts/eligible", self.eligible, methods=["POST"]), *super().routes]

    def reset(self) -> None:
        """Forget every family and every trouble."""
        self.families.clear()
        self.copies.clear()
        self.is_away = False
        self.refused_tokens = 0
        self.questions = 0

    def knows(self, pupil: Pupil, **family: Any) -> Family:
        """Let the register know a pupil, with one contact unless others are given."""
        family.setdefault("contacts", [a_contact()])
        self.families[pupil.enrolment_id] = Family(**family)
        return self.families[pupil.enrolment_id]

    async def eligible(self, request: Request) -> Response:
        """Say of each enrolment asked about who may be told, and what stands."""
        self.questions += 1
        if self.is_away:
            return Response(status_code=503)
        if self.refused_tokens:
            self.refused_tokens -= 1
            return Response(status_code=401)
        checks = (await request.json())["checks"]
        answers = [answer for check in checks if (answer := self._answer(check))]
        return JSONResponse({"answers": answers})

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
            "sessions": ["AM"] if family.is_open else [],
            "stands": {"AM": "unexplained" if family.is_open else family.stands},
            "quiet_from": "20:00:00",
            "quiet_until": "08:00:00",
            "next_school_day": family.next_school_day,
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
