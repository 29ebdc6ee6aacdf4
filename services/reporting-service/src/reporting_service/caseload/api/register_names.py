"""Children's names from the register: fetched for a page under the reader's rights, never kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated
from uuid import UUID

import httpx
import msgspec
import structlog
from fastapi import Depends, Request

from reporting_service.settings import ReportingSettings

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class PupilName:
    """What a page calls a child."""

    enrolment_id: UUID
    forename: str
    surname: str


@dataclass(frozen=True, slots=True)
class _Names:
    children: list[PupilName]


@cache
def connections_to(url: str) -> httpx.AsyncClient:
    """Return the process's one pool of connections to a register.

    A client of its own for each page would read the certificate store each time, which takes longer
    than the page.
    """
    return httpx.AsyncClient(base_url=url)


@dataclass(frozen=True, slots=True)
class ReadersRegister:
    """The register as one reader may see it.

    Attributes:
        authorization: the reader's own `Authorization` header, passed on.
        timeout_seconds: how long a page waits before it goes without.
    """

    connections: httpx.AsyncClient
    authorization: str
    timeout_seconds: float

    async def names_of(self, enrolments: Sequence[UUID]) -> dict[UUID, PupilName] | None:
        """Fetch children's names; None when the register does not give them now.

        A child whom the register does not show to this reader is left out.
        """
        try:
            answer = await self.connections.post(
                "/v1/children/names",
                json={"enrolment_ids": [str(enrolment_id) for enrolment_id in enrolments]},
                headers={"Authorization": self.authorization},
                timeout=self.timeout_seconds,
            )
            found = msgspec.json.decode(answer.raise_for_status().content, type=_Names)
        except (httpx.HTTPError, msgspec.DecodeError) as error:
            # The class alone: the message may quote an address or a name.
            _log.warning("names.unavailable", error=type(error).__name__)
            return None
        return {name.enrolment_id: name for name in found.children}


async def register_for_reader(request: Request) -> ReadersRegister:
    """Give a route the register under its caller's rights."""
    settings: ReportingSettings = request.app.state.runtime.settings
    return ReadersRegister(
        connections_to(settings.register_url),
        request.headers["authorization"],
        settings.register_timeout_seconds,
    )


Register = Annotated[ReadersRegister, Depends(register_for_reader)]
