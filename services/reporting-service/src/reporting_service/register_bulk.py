"""The register's marks in bulk, read as this service itself, for recounting and rebuilding."""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import Final
from uuid import UUID

import httpx
import msgspec

from attendance_contracts.calendar import Session
from attendance_runtime.service_tokens import ServiceToken, TokenUnavailable
from reporting_service.errors import RegisterUnreadable
from reporting_service.settings import ReportingSettings

_PAGE: Final = 50_000
_TIMEOUT_SECONDS: Final = 60


class _Page(msgspec.Struct):
    marks: list[tuple[UUID, date, Session, str]]
    next: str | None


async def marks_in_pages(
    settings: ReportingSettings,
) -> AsyncIterator[Sequence[tuple[UUID, date, Session, str]]]:
    """Yield every mark of the register as (enrolment, day, session, code), ordered by enrolment.

    Raises `RegisterUnreadable` when the register or the token issuer does not answer as it should.
    """
    token = _own_token(settings)
    async with httpx.AsyncClient(timeout=_TIMEOUT_SECONDS) as http:
        place: dict[str, str] = {}
        while True:
            try:
                page = await _page(http, settings.register_url, token, place)
            except TokenUnavailable as error:
                raise RegisterUnreadable(str(error)) from error
            except (httpx.HTTPError, msgspec.DecodeError) as error:
                raise RegisterUnreadable(
                    f"The register cannot be read ({type(error).__name__}); "
                    "see that it runs, and try again."
                ) from error
            if page.marks:
                yield page.marks
            if page.next is None:
                return
            place = {"after": page.next}


async def _page(
    http: httpx.AsyncClient, register_url: str, token: ServiceToken, place: dict[str, str]
) -> _Page:
    """Read a page; once more with a new token when the old one is refused."""
    for is_last in (False, True):
        answer = await http.get(
            f"{register_url}/v1/bulk/marks",
            params={"limit": str(_PAGE)} | place,
            headers={"Authorization": f"Bearer {await token.value(http)}"},
        )
        if answer.status_code != httpx.codes.UNAUTHORIZED or is_last:
            break
        token.forget()
    return msgspec.json.decode(answer.raise_for_status().content, type=_Page)


def _own_token(settings: ReportingSettings) -> ServiceToken:
    if not settings.client_id or not settings.client_secret:
        raise RegisterUnreadable(
            "Set REPORTING_CLIENT_ID and REPORTING_CLIENT_SECRET: the register is read with them."
        )
    return ServiceToken(
        settings.issuer_url, settings.client_id, settings.client_secret.get_secret_value()
    )
