"""A school's system as it should be: it sends again until it is told that its register is kept.

Every answer is looked at. Nothing but "kept", "not now" (503 with `Retry-After` and a problem
document) and a connection that broke may come while parts of the platform are broken.
"""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

import httpx

from attendance_testing.platform import Platform
from fault_run.ledger import Cell, Ledger
from fault_run.town import School

ANSWERED_WITHIN_SECONDS: Final = 45.0
"""Longer than the API's own limits: a request given up too early may be kept later."""
KEPT_WITHIN_SECONDS: Final = 180.0
_CHANGED: Final = HTTPStatus.PRECONDITION_FAILED
_PROBLEM: Final = "application/problem+json"
_PAUSE_SECONDS: Final = 0.2


class NotKept(Exception):
    """The platform did not take a request in time, or refused it for good."""


@dataclass
class Client:
    """Sends for every office of the town, and keeps what it was answered.

    Attributes:
        answers: how often each status came; `none` counts connections that broke.
        amiss: sentences about answers that should never come.
    """

    platform: Platform
    ledger: Ledger
    answers: Counter[str] = field(default_factory=Counter)
    amiss: list[str] = field(default_factory=list)
    http: httpx.AsyncClient = field(
        default_factory=lambda: httpx.AsyncClient(
            timeout=ANSWERED_WITHIN_SECONDS, limits=httpx.Limits(max_connections=None)
        )
    )

    async def push(self, school: School, codes: dict[Cell, str], *, class_code: str = "") -> None:
        """Send a register, of a class or (no class named) of the whole school, until it is kept."""
        earliest = time.time()
        await self.send(school.office, "PUT", "register", **register(school, codes, class_code))
        self.ledger.pushed(codes.items(), earliest)

    async def amend(self, school: School, cell: Cell, code: str) -> None:
        """Amend a mark in the office, with the version seen; a broken answer is looked up."""
        earliest = time.time()
        while True:
            seen = await self.history(school, cell)
            if seen.json()["code"] == code:
                break  # an earlier try was kept, though its answer never came
            order = amendment(school, cell, code, seen=seen)
            if (await self.send(school.office, "PATCH", "register", **order)).is_success:
                break
        self.ledger.amended(cell, code, earliest)

    async def history(self, school: School, cell: Cell) -> httpx.Response:
        """Read a mark with its history and version."""
        path = f"{mark_path(school, cell)}/history"
        return await self.send(school.office, "GET", "register", path=path)

    async def send(
        self, client_id: str, method: str, service: str, *, path: str, **options: Any
    ) -> httpx.Response:
        """Send a request until it is answered with more than "not now"; 412 is an answer."""
        give_up = time.monotonic() + KEPT_WITHIN_SECONDS
        while time.monotonic() < give_up:
            answer = await self.once(client_id, method, service, path=path, **options)
            if answer is not None and (answer.is_success or answer.status_code == _CHANGED):
                return answer
            if answer is not None and answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
                raise NotKept(f"{method} was answered {answer.status_code}: {answer.text[:300]}")
            await asyncio.sleep(_PAUSE_SECONDS if answer is None else _wait(answer))
        raise NotKept(f"{method} to {service} was not taken in {KEPT_WITHIN_SECONDS:.0f} s.")

    async def once(
        self, client_id: str, method: str, service: str, *, path: str, **options: Any
    ) -> httpx.Response | None:
        """Send a request once; None when no answer came."""
        headers = options.pop("headers", {})
        try:
            token = await self.platform.token(client_id)
            answer = await self.http.request(
                method,
                self.platform.api(service) + path,
                headers={"Authorization": f"Bearer {token}", **headers},
                **options,
            )
        except httpx.TransportError:
            self.answers["none"] += 1
            return None
        self.note(f"{method} to {service}", answer)
        return answer

    def note(self, what: str, answer: httpx.Response) -> None:
        """Count an answer, and keep it if it should never have come."""
        status = answer.status_code
        self.answers[str(status)] += 1
        if status == HTTPStatus.SERVICE_UNAVAILABLE:
            whole = "retry-after" in answer.headers and answer.headers["content-type"] == _PROBLEM
            if not whole:
                self.amiss.append(f"{what}: a 503 without Retry-After or problem document.")
        elif status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self.amiss.append(f"{what}: {status} {answer.text[:200]}")

    async def close(self) -> None:
        """Close every connection."""
        await self.http.aclose()


def register(school: School, codes: dict[Cell, str], class_code: str = "") -> dict[str, Any]:
    """Return path and body of a register."""
    cell = next(iter(codes))
    of_class = f"/classes/{class_code}" if class_code else ""
    marks = [{"mis_id": cell.pupil.mis_id, "code": code} for cell, code in codes.items()]
    path = f"/v1/schools/{school.urn}{of_class}/registers/{cell.day}/{cell.session}"
    return {"path": path, "json": {"marks": marks}}


def mark_path(school: School, cell: Cell) -> str:
    """Return the path of one mark."""
    return f"/v1/schools/{school.urn}/marks/{cell.pupil.enrolment_id}/{cell.day}/{cell.session}"


def amendment(school: School, cell: Cell, code: str, *, seen: httpx.Response) -> dict[str, Any]:
    """Return path, body and headers of an amendment of the version seen."""
    body = {
        "code": code,
        "reason": "Parent telephoned",
        "amender_name": "A. Officer",
        "amender_title": "Attendance officer",
    }
    tag = {"If-Match": seen.headers["etag"]}
    return {"path": mark_path(school, cell), "json": body, "headers": tag}


def _wait(answer: httpx.Response) -> float:
    try:
        return min(float(answer.headers["retry-after"]), 1.0)
    except (KeyError, ValueError):
        return _PAUSE_SECONDS
