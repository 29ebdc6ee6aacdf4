"""What a family lives through: the main job, and everything that can go wrong with it."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
from aiokafka import AIOKafkaProducer

from attendance_contracts.topics import ABSENCES

from .persons import Family

Eventually = Callable[..., Awaitable[Any]]
_NOT_SENT = ("urn", "version")


@dataclass(slots=True)
class Aftermath:
    """What is left to look at once everything has happened."""

    stack: Any
    problems: list[tuple[str, bytes]] = field(default_factory=list)
    seen_by_those_who_may: str = ""
    told: str = ""


async def live_through(
    school: Any, family: Family, eventually: Eventually, callback_token: str
) -> Aftermath:
    """Enrol a family, mark, tell, correct, open a case, and let everything fail once."""
    after = Aftermath(school.platform.stack)
    story = _Story(school, family, after)
    await story.enrol()
    await story.send_what_cannot_be_read()
    await story.be_named_where_ids_belong()
    await story.fail_to_be_told()
    await story.miss_a_session(eventually)
    await story.send_receipts_that_are_not_ours(callback_token)
    await story.send_what_is_no_event()
    await story.amend()
    await story.work_a_case(eventually)
    await story.read_everything(eventually)
    return after


class _Story:
    def __init__(self, school: Any, family: Family, after: Aftermath) -> None:
        self._school = school
        self._platform = school.platform
        self._family = family
        self._after = after
        self._path = f"/v1/schools/{school.urn}"
        self._register = f"{self._path}/classes/1A/registers/{school.monday}/AM"
        self._child: dict[str, Any] = {}

    async def ask(self, method: str, service: str, path: str, **options: Any) -> httpx.Response:
        """Ask as the school's office; what is refused is kept to be searched."""
        client = options.pop("client", self._school.office)
        answer: httpx.Response = await self._platform.send(client, method, service, path, **options)
        if answer.is_error:
            self._after.problems.append((f"{method} {path}: {answer.status_code}", answer.content))
        return answer

    async def enrol(self) -> None:
        lines = self._family.roll_lines()
        answer = await self.ask("POST", "register", f"{self._path}/roll", json=lines)
        self._child, _ = answer.raise_for_status().json()
        self._child["worker"] = await self._allocated()

    async def _allocated(self) -> str:
        self._school.pupils.append(self._child)
        return str(await self._school.allocate(len(self._school.pupils) - 1))

    async def send_what_cannot_be_read(self) -> None:
        """Send everything about the family in bodies that are refused."""
        for method, path, body in self._unreadable():
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            headers = {"Content-Type": "application/json", "If-Match": '"r1"'}
            answer = await self.ask(method, "register", path, content=content, headers=headers)
            if answer.is_success:  # refused line by line
                self._after.problems.append((path, answer.content))

    def _unreadable(self) -> Iterator[tuple[str, str, Any]]:
        family, [line, _] = self._family, self._family.roll_lines()
        whole = json.dumps([line]).encode()
        mark = f"{self._path}/marks/{self._child['enrolment_id']}/{self._school.monday}/AM"
        yield "POST", f"{self._path}/roll", whole[:-20]
        yield "POST", f"{self._path}/roll", [dict.fromkeys(line, family.forename)]
        for name in line:
            yield "POST", f"{self._path}/roll", [line | {name: f"{family.surname}\x00"}]
            yield "POST", f"{self._path}/roll", [line | {name: [family.mother]}]
        for key in (family.upn, family.forename, family.mis_id):
            for name in ("upn", "mis_id", "enrolment_id", "code", "minutes_late"):
                yield "PUT", self._register, {"marks": [{"code": "N", name: key}]}
        yield "PUT", self._register, {"marks": [{"upn": f"{family.surname}\x00", "code": "N"}]}
        yield "PUT", self._register, {"marks": family.email}
        yield "PATCH", mark, {"code": family.reason, "reason": 1, "amender_name": [family.amender]}
        yield "PATCH", mark, {"code": "I", "reason": f"{family.reason}\x00"}
        yield "POST", "/v1/care-statuses", [{"upn": family.upn, "kind": family.case_reason}]
        yield "POST", "/v1/children/names", {"enrolment_ids": [family.forename]}

    async def be_named_where_ids_belong(self) -> None:
        """A lead, a worker and a team are ids; whoever writes a name there is refused."""
        line = {"child_id": self._child["child_id"], "kind": "CP", "authority_code": "332"}
        line |= {"valid_from": "2026-09-01"}
        for place in ("worker", "team"):
            for name in (self._family.mother, self._family.email):
                body = [line | {place: name}]
                answer = await self.ask(
                    "POST", "register", "/v1/care-statuses", json=body, client="authority-332"
                )
                self._after.problems.append(("care", answer.content))
        school = await self.ask("GET", "register", self._path, client="authority-332")
        settings = school.raise_for_status().json() | {"attendance_lead": self._family.mother}
        settings = {name: value for name, value in settings.items() if name not in _NOT_SENT}
        await self.ask("PUT", "register", self._path, json=settings, client="authority-332")

    async def fail_to_be_told(self) -> None:
        """Let the provider fail in every way it can, once for each of the next messages."""
        await self._switch({"mode": "server-error", "count": 2})

    async def _switch(self, failure: dict[str, Any]) -> None:
        async with httpx.AsyncClient() as http:
            url = f"{self._platform.stack.sandbox.url}/sandbox/failure"
            (await http.put(url, json=failure)).raise_for_status()

    async def miss_a_session(self, eventually: Eventually) -> None:
        await self._school.at("09:30")
        upns = (self._family.upn, self._family.sibling_upn)
        marks = [{"upn": upn, "code": "N"} for upn in upns]
        (
            await self.ask("PUT", "register", self._register, json={"marks": marks})
        ).raise_for_status()
        await self._switch({"mode": "accept-then-close", "count": 1})
        self._after.told = await eventually(self._messages, within_seconds=90)

    async def _messages(self) -> str | None:
        url = f"{self._platform.stack.sandbox.url}/sandbox/messages"
        async with httpx.AsyncClient() as http:
            sent = [
                (await http.get(url, params={"recipient": recipient})).json()["messages"]
                for recipient in (self._family.mobile, self._family.email)
            ]
        return json.dumps(sent) if all(sent) else None

    async def send_receipts_that_are_not_ours(self, token: str) -> None:
        """A receipt names the number that it is about; nothing of it is kept or said."""
        receipt = {"id": str(uuid4()), "to": self._family.mobile, "status": self._family.surname}
        for reference in (self._family.email, str(uuid4()), None):
            body = json.dumps(receipt | {"reference": reference})
            async with httpx.AsyncClient() as http:
                for bearer in (token, "wrong"):
                    answer = await http.post(
                        f"{self._platform.api('notification')}/v1/notify/receipts",
                        content=body,
                        headers={"Authorization": f"Bearer {bearer}"},
                    )
                    self._after.problems.append(("receipts", answer.content))

    async def send_what_is_no_event(self) -> None:
        """Put on Kafka what no consumer can read: it must be noted without its content."""
        servers = self._platform.stack.kafka.bootstrap_servers
        async with AIOKafkaProducer(bootstrap_servers=servers) as producer:
            await producer.send_and_wait(ABSENCES.name, b'{"spoilt": "Poisonous', key=b"spoilt")

    async def amend(self) -> None:
        child, day = self._child["enrolment_id"], self._school.monday
        mark = f"{self._path}/marks/{child}/{day}/AM"
        body = {
            "code": "I",
            "reason": self._family.reason,
            "amender_name": self._family.amender,
            "amender_title": self._family.amender_title,
        }
        for version in ('"r7"', '"r1"'):  # refused, then taken
            answer = await self.ask(
                "PATCH", "register", mark, json=body, headers={"If-Match": version}
            )
        answer.raise_for_status()
        wrong = body | {"code": "Q!"}
        await self.ask("PATCH", "register", mark, json=wrong, headers={"If-Match": '"r2"'})

    async def work_a_case(self, eventually: Eventually) -> None:
        async def opened() -> Any:
            body = {"enrolment_id": self._child["enrolment_id"], "reason": self._family.case_reason}
            key = {"Idempotency-Key": str(uuid4())}
            answer = await self.ask("POST", "escalation", "/v1/cases", json=body, headers=key)
            return answer if answer.is_success else None

        case = await eventually(opened)
        path = f"/v1/cases/{case.json()['id']}"
        etag = {"If-Match": case.headers["etag"]}
        spoilt = {"assigned_to": self._family.mother}
        await self.ask("POST", "escalation", f"{path}/assignment", json=spoilt, headers=etag)
        closure = {"outcome": "resolved", "note": self._family.closing_note}
        late = {"If-Match": '"r99"'}
        await self.ask("POST", "escalation", f"{path}/closure", json=closure, headers=late)
        closed = await self.ask("POST", "escalation", f"{path}/closure", json=closure, headers=etag)
        closed.raise_for_status()

    async def read_everything(self, eventually: Eventually) -> None:
        """Read as those who may, in whose answers names belong."""
        enrolment = self._child["enrolment_id"]
        await self.ask("GET", "register", f"/v1/enrolments/{enrolment}")
        await self.ask("GET", "escalation", f"/v1/enrolments/{enrolment}/decisions")
        await self.ask(
            "GET",
            "notification",
            f"{self._path}/contacts",
            params={"date": str(self._school.monday)},
        )
        await self.ask("GET", "reporting", f"{self._path}/today")

        async def named() -> str | None:
            worker = self._child["worker"]
            path = f"/v1/caseloads/{worker}"
            answer = await self.ask("GET", "reporting", path, client=worker)
            return answer.text if self._family.forename in answer.text else None

        self._after.seen_by_those_who_may = await eventually(named)
        await asyncio.sleep(1)  # whoever still writes has written


__all__ = ["Aftermath", "live_through"]
