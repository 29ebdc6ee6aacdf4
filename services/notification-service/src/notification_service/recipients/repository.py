"""What register-service is asked before every hand-over: who may be told now?

A connection pool of its own: a slow register holds up messages, never the consumer.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, time
from http import HTTPStatus
from types import TracebackType
from typing import Final, Literal, Self, TypeAlias
from uuid import UUID

import aiohttp
import httpx
import msgspec

from attendance_contracts.calendar import Session
from attendance_contracts.telephones import number_to_text
from attendance_runtime.copies.service_tokens import ServiceToken, TokenUnavailable
from notification_service.connections import open_session
from notification_service.recipients.domain import (
    Answer,
    CorrectionHours,
    EnrolmentDay,
    Question,
    Recipient,
    State,
)

CHECKS_A_REQUEST: Final = 1000
_OF_AN_ABSENCE: Final = "first-contact"

SomeDay: TypeAlias = date | None


class RegisterAway(Exception):
    """The register could not be asked: nobody may be told anything."""


class _Recipient(msgspec.Struct):
    contact_id: UUID
    mobile: str | None
    email: str | None
    priority: int


class _Answer(msgspec.Struct):
    enrolment_id: UUID
    date: date
    purpose: str
    child_name: str
    school_name: str
    sessions: tuple[Session, ...]
    stands: dict[Session, Literal["here", "unexplained", "explained", "settled", "retracted"]]
    quiet_from: time
    quiet_until: time
    next_school_day: SomeDay
    recipients: list[_Recipient]


class _Answers(msgspec.Struct):
    answers: list[_Answer]


class RegisterClient:
    """A connection pool to register-service, with this service's own access token."""

    def __init__(self, url: str, token: ServiceToken, *, timeout_seconds: float) -> None:
        self._token = token
        self._issuer = httpx.AsyncClient(timeout=timeout_seconds)
        self._register = open_session(url, timeout_seconds=timeout_seconds)

    async def __aenter__(self) -> Self:
        """Use the pool until the block ends."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close every connection."""
        await self._issuer.aclose()
        await self._register.close()

    async def eligible(self, questions: Sequence[Question]) -> Mapping[Question, Answer]:
        """Ask who may be told about each of these children now; at most 1,000 at a time.

        A child the register does not know has no answer. Raises `RegisterAway`.
        """
        answers = await self._ask(questions)
        return {(one.enrolment_id, one.date, one.purpose): _answer(one) for one in answers}

    async def stands(
        self, days: Collection[EnrolmentDay]
    ) -> Mapping[EnrolmentDay, Mapping[Session, State]]:
        """Ask what stands of each session of these enrolments' days that has had a mark.

        A child the register does not know is left out. Raises `RegisterAway`.
        """
        questions = [(enrolment, day, _OF_AN_ABSENCE) for enrolment, day in days]
        found: dict[EnrolmentDay, Mapping[Session, State]] = {}
        for start in range(0, len(questions), CHECKS_A_REQUEST):
            answers = await self._ask(questions[start : start + CHECKS_A_REQUEST])
            found |= {(one.enrolment_id, one.date): _stands(one) for one in answers}
        return found

    async def _ask(self, questions: Sequence[Question]) -> Sequence[_Answer]:
        checks = [
            {"enrolment_id": str(enrolment), "date": day.isoformat(), "purpose": purpose}
            for enrolment, day, purpose in questions
        ]
        try:
            answer = await self._post(msgspec.json.encode({"checks": checks}))
            return msgspec.json.decode(answer, type=_Answers).answers
        except (aiohttp.ClientError, TimeoutError, msgspec.MsgspecError, TokenUnavailable) as error:
            raise RegisterAway from error

    async def _post(self, body: bytes) -> bytes:
        """Post the question; once more with a new token if the old one is refused."""
        try:
            return await self._post_once(body)
        except aiohttp.ClientResponseError as refusal:
            if refusal.status != HTTPStatus.UNAUTHORIZED:
                raise
        self._token.forget()
        return await self._post_once(body)

    async def _post_once(self, body: bytes) -> bytes:
        headers = {
            "Authorization": f"Bearer {await self._token.value(self._issuer)}",
            "Content-Type": "application/json",
        }
        async with self._register.post(
            "/v1/contacts/eligible",
            data=body,
            headers=headers,
            allow_redirects=False,  # our token is for the register alone
            raise_for_status=True,
        ) as answer:
            return await answer.read()


def _stands(given: _Answer) -> dict[Session, State]:
    """Put what the register says of each session into the word of the event that tells it."""
    return {
        session: "withdrawn" if means == "here" else means
        for session, means in given.stands.items()
    }


def _answer(given: _Answer) -> Answer:
    return Answer(
        child_name=given.child_name,
        school_name=given.school_name,
        missed=given.sessions,
        stands=_stands(given),
        hours=CorrectionHours(given.quiet_from, given.quiet_until, given.next_school_day),
        recipients=[
            Recipient(
                contact_id=one.contact_id,
                mobile=number_to_text(one.mobile),
                email=one.email,
                priority=one.priority,
            )
            for one in given.recipients
        ],
    )
