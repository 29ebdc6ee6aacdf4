"""The register's bulk reads: the state of now, as the events that would tell of it.

Read by services as themselves, to settle dead letters and to recount or rebuild a projection.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import ClassVar, Final, Protocol, TypeAlias, TypeVar
from uuid import UUID

import httpx
import msgspec
from pydantic import SecretStr
from pydantic_settings import SettingsConfigDict

from attendance_contracts.calendar import Session
from attendance_contracts.events import (
    CalendarChanged,
    CareChanged,
    EnrolmentChanged,
    SchoolChanged,
)
from attendance_runtime.copies.service_tokens import ServiceToken, TokenUnavailable
from attendance_runtime.errors import Unavailable

Mark: TypeAlias = tuple[UUID, date, Session, str]
"""One mark of the register: enrolment, day, session and code."""

E = TypeVar("E")

_TIMEOUT_SECONDS: Final = 60
_ENROLMENTS_A_PAGE: Final = 200
_ITEMS_A_PAGE: Final = 1_000

_SCHOOLS: Final = msgspec.json.Decoder(list[SchoolChanged])
_CALENDARS: Final = msgspec.json.Decoder(list[CalendarChanged])
_ENROLMENTS: Final = msgspec.json.Decoder(list[EnrolmentChanged])
_CARE: Final = msgspec.json.Decoder(list[CareChanged])


class RegisterUnreadable(Unavailable):
    """The register cannot be read in bulk; nothing was changed since the last page."""


class _Marks(msgspec.Struct):
    marks: list[Mark]
    next: str | None


class _Page(msgspec.Struct):
    items: msgspec.Raw
    next: str | None


_P = TypeVar("_P", _Marks, _Page)


class ReadsTheRegister(Protocol):
    """Settings of a service that reads the register as a client of its own."""

    model_config: ClassVar[SettingsConfigDict]

    @property
    def issuer_url(self) -> str:
        """Who issues its token."""

    @property
    def register_url(self) -> str | None:
        """Where the register's API answers."""

    @property
    def client_id(self) -> str | None:
        """Its client, which must have the scope `bulk.read`."""

    @property
    def client_secret(self) -> SecretStr | None:
        """That client's secret."""

    @property
    def register_scope(self) -> str | None:
        """What it asks for in its token, where the issuer wants that named."""


def reads_as(settings: ReadsTheRegister) -> "RegisterReads":
    """Return the reads that a service's settings allow, or raise `RegisterUnreadable`."""
    if not (settings.register_url and settings.client_id and settings.client_secret):
        prefix = settings.model_config["env_prefix"]
        raise RegisterUnreadable(
            f"Set {prefix}REGISTER_URL, {prefix}CLIENT_ID and {prefix}CLIENT_SECRET: "
            "the register is read with them."
        )
    secret = settings.client_secret.get_secret_value()
    token = ServiceToken(
        settings.issuer_url, settings.client_id, secret, scope=settings.register_scope
    )
    return RegisterReads(settings.register_url, token)


class RegisterReads:
    """What the register says now, all of it or of one thing.

    Every read raises `RegisterUnreadable` when the register or the token issuer does not answer as
    it should.
    """

    def __init__(self, register_url: str, token: ServiceToken) -> None:
        self._url = f"{register_url}/v1/bulk"
        self._token = token

    async def marks(self, school_id: UUID | None = None) -> AsyncIterator[Sequence[Mark]]:
        """Yield every mark, or every one of a school; an enrolment's marks are on one page."""
        async for page in self._pages(
            "marks", _Marks, limit=_ENROLMENTS_A_PAGE, school_id=school_id
        ):
            if page.marks:
                yield page.marks

    async def roll(self) -> AsyncIterator[Sequence[EnrolmentChanged]]:
        """Yield every enrolment, in the order in which `marks` has them."""
        async for page in self._pages("enrolments", _Page, limit=_ITEMS_A_PAGE):
            yield _decoded(page, _ENROLMENTS)

    async def schools(self, school_id: UUID | None = None) -> list[SchoolChanged]:
        """Return every school's settings, or one's; nothing if the register does not know it."""
        return await self._items("schools", _SCHOOLS, school_id=school_id)

    async def calendars(self, school_id: UUID) -> list[CalendarChanged]:
        """Return a school's years."""
        return await self._items("calendars", _CALENDARS, school_id=school_id)

    async def enrolments(
        self, *, enrolment_id: UUID | None = None, school_id: UUID | None = None
    ) -> list[EnrolmentChanged]:
        """Return one enrolment, or those of a school."""
        return await self._items(
            "enrolments", _ENROLMENTS, enrolment_id=enrolment_id, school_id=school_id
        )

    async def care(self, child_id: UUID | None = None) -> list[CareChanged]:
        """Return every child's care statuses, or one's; nothing, if there never were any."""
        return await self._items("care-statuses", _CARE, child_id=child_id)

    async def _items(
        self, what: str, decoder: msgspec.json.Decoder[list[E]], **only: UUID | None
    ) -> list[E]:
        found: list[E] = []
        async for page in self._pages(what, _Page, limit=_ITEMS_A_PAGE, **only):
            found += _decoded(page, decoder)
        return found

    async def _pages(
        self, what: str, kind: type[_P], *, limit: int, **only: UUID | None
    ) -> AsyncIterator[_P]:
        place = {"limit": str(limit)} | {name: str(id_) for name, id_ in only.items() if id_}
        async with httpx.AsyncClient(timeout=_TIMEOUT_SECONDS) as http:
            while True:
                try:
                    answer = await self._get(http, what, place)
                    page = msgspec.json.decode(answer.raise_for_status().content, type=kind)
                except TokenUnavailable as error:
                    raise RegisterUnreadable(str(error)) from error
                except (httpx.HTTPError, msgspec.DecodeError) as error:
                    raise _unreadable(error) from error
                yield page
                if page.next is None:
                    return
                place["after"] = page.next

    async def _get(
        self, http: httpx.AsyncClient, what: str, place: dict[str, str]
    ) -> httpx.Response:
        """Ask for a page; once more with a new token when the old one is refused."""
        answer = await self._get_once(http, what, place)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            self._token.forget()
            answer = await self._get_once(http, what, place)
        return answer

    async def _get_once(
        self, http: httpx.AsyncClient, what: str, place: dict[str, str]
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {await self._token.value(http)}"}
        return await http.get(f"{self._url}/{what}", params=place, headers=headers)


def _decoded(page: _Page, decoder: msgspec.json.Decoder[list[E]]) -> list[E]:
    try:
        return decoder.decode(page.items)
    except msgspec.DecodeError as error:
        raise _unreadable(error) from error


def _unreadable(error: Exception) -> RegisterUnreadable:
    # The class alone: the message may quote an answer.
    return RegisterUnreadable(
        f"The register cannot be read ({type(error).__name__}); see that it runs, and try again."
    )
