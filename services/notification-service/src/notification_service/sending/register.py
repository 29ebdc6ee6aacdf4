"""The question to register-service before every hand-over: who may be told now?

A connection pool of its own: a slow register holds up messages, never the consumer.
"""

import base64
import time
from collections.abc import Mapping, Sequence
from datetime import date
from types import TracebackType
from typing import Final, Literal, Self, TypeAlias
from urllib.parse import quote_plus
from uuid import UUID

import httpx
import msgspec

from notification_service.contacts.domain import Kind
from notification_service.sending.messages import Answer, Claimed, Recipient

CHECKS_A_REQUEST: Final = 1000
_TOKEN_MARGIN_SECONDS: Final = 30

Purpose: TypeAlias = Literal["first-contact", "correction"]
Question: TypeAlias = tuple[UUID, date, str]


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
    open: bool
    recipients: list[_Recipient]


class _Answers(msgspec.Struct):
    answers: list[_Answer]


class _Discovery(msgspec.Struct):
    token_endpoint: str


class _Token(msgspec.Struct):
    access_token: str
    expires_in: float = 60


def question(claimed: Claimed) -> Question:
    """Return what is asked about a message: enrolment, day and purpose."""
    purpose = "first-contact" if claimed.kind is Kind.FIRST else "correction"
    return claimed.enrolment_id, claimed.date, purpose


class Register:
    """A connection pool to register-service, with this service's own access token."""

    def __init__(
        self, url: str, issuer_url: str, credentials: tuple[str, str], *, timeout_seconds: float
    ) -> None:
        self._url = url
        self._issuer_url = issuer_url
        self._credentials = credentials
        self._token = ""
        self._token_until = 0.0
        self._http = httpx.AsyncClient(timeout=timeout_seconds)

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
        await self._http.aclose()

    async def eligible(self, messages: Sequence[Claimed]) -> Mapping[Question, Answer]:
        """Ask who may be told about each of these children now; at most 1,000 at a time.

        A child the register does not know has no answer. Raises `RegisterAway`.
        """
        checks = [
            {"enrolment_id": str(enrolment), "date": day.isoformat(), "purpose": purpose}
            for enrolment, day, purpose in map(question, messages)
        ]
        try:
            answer = await self._post(msgspec.json.encode({"checks": checks}))
            answers = msgspec.json.decode(answer.raise_for_status().content, type=_Answers).answers
        except (httpx.HTTPError, msgspec.MsgspecError) as error:
            raise RegisterAway from error
        return {(one.enrolment_id, one.date, one.purpose): _answer(one) for one in answers}

    async def _post(self, body: bytes) -> httpx.Response:
        """Post the question; once more with a new token if the old one is refused."""
        answer = await self._post_once(body)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            self._token_until = 0.0
            answer = await self._post_once(body)
        return answer

    async def _post_once(self, body: bytes) -> httpx.Response:
        headers = {
            "Authorization": f"Bearer {await self._access_token()}",
            "Content-Type": "application/json",
        }
        return await self._http.post(
            f"{self._url}/v1/contacts/eligible", content=body, headers=headers
        )

    async def _access_token(self) -> str:
        # Tokens live on the real clock, whatever the domain's clock says.
        if time.monotonic() >= self._token_until:
            discovery = await self._http.get(f"{self._issuer_url}/.well-known/openid-configuration")
            where = msgspec.json.decode(discovery.raise_for_status().content, type=_Discovery)
            answer = await self._http.post(
                where.token_endpoint,
                data={"grant_type": "client_credentials"},
                headers={"Authorization": _basic(*self._credentials)},
            )
            token = msgspec.json.decode(answer.raise_for_status().content, type=_Token)
            self._token = token.access_token
            self._token_until = time.monotonic() + token.expires_in - _TOKEN_MARGIN_SECONDS
        return self._token


def _basic(client_id: str, secret: str) -> str:
    """RFC 6749 §2.3.1: both parts form-encoded, then joined."""
    joined = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return f"Basic {base64.b64encode(joined.encode()).decode()}"


def _answer(given: _Answer) -> Answer:
    return Answer(
        child_name=given.child_name,
        school_name=given.school_name,
        is_open=given.open,
        recipients=[
            Recipient(
                contact_id=one.contact_id,
                mobile=one.mobile,
                email=one.email,
                priority=one.priority,
            )
            for one in given.recipients
        ],
    )
