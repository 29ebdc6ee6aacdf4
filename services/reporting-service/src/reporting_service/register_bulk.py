"""The register's marks in bulk, read as this service itself, for recounting and rebuilding."""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import Final
from uuid import UUID

import httpx
import msgspec

from attendance_contracts.calendar import Session
from reporting_service.errors import RegisterUnreadable
from reporting_service.settings import ReportingSettings

_PAGE: Final = 50_000
_TIMEOUT_SECONDS: Final = 60


class _Page(msgspec.Struct):
    marks: list[tuple[UUID, date, Session, str]]
    next: str | None


class _Discovery(msgspec.Struct):
    token_endpoint: str


class _Token(msgspec.Struct):
    access_token: str


async def marks_in_pages(
    settings: ReportingSettings,
) -> AsyncIterator[Sequence[tuple[UUID, date, Session, str]]]:
    """Yield every mark of the register as (enrolment, day, session, code), ordered by enrolment.

    Raises `RegisterUnreadable` when the register or the token issuer does not answer as it should.
    """
    async with httpx.AsyncClient(timeout=_TIMEOUT_SECONDS) as http:
        place: dict[str, str] = {}
        while True:
            try:
                page = await _page(http, settings, place)
            except (httpx.HTTPError, msgspec.DecodeError) as error:
                raise RegisterUnreadable(
                    f"The register or the token issuer cannot be read ({type(error).__name__}); "
                    "see that both run, and try again."
                ) from error
            if page.marks:
                yield page.marks
            if page.next is None:
                return
            place = {"after": page.next}


async def _page(
    http: httpx.AsyncClient, settings: ReportingSettings, place: dict[str, str]
) -> _Page:
    """Read a page; once more with a new token when the old one has expired."""
    url = f"{settings.register_url}/v1/bulk/marks"
    for _ in range(2):
        answer = await http.get(url, params={"limit": str(_PAGE)} | place)
        if answer.status_code != httpx.codes.UNAUTHORIZED:
            break
        http.headers["Authorization"] = f"Bearer {await _own_token(http, settings)}"
    return msgspec.json.decode(answer.raise_for_status().content, type=_Page)


async def _own_token(http: httpx.AsyncClient, settings: ReportingSettings) -> str:
    """Fetch an access token as this service (RFC 6749, client credentials)."""
    if not settings.client_id or not settings.client_secret:
        raise RegisterUnreadable(
            "Set REPORTING_CLIENT_ID and REPORTING_CLIENT_SECRET: the register is read with them."
        )
    discovery = await http.get(f"{settings.issuer_url}/.well-known/openid-configuration")
    where = msgspec.json.decode(discovery.raise_for_status().content, type=_Discovery)
    answer = await http.post(
        where.token_endpoint,
        data={"grant_type": "client_credentials"},
        auth=httpx.BasicAuth(settings.client_id, settings.client_secret.get_secret_value()),
    )
    return msgspec.json.decode(answer.raise_for_status().content, type=_Token).access_token
