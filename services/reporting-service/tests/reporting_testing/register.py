"""The register that this service's tests ask: it knows names, and gives out marks page by page."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
from httpx import BasicAuth
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from attendance_testing import register
from reporting_service.caseload.api.register_names import connections_to


@dataclass
class StandInRegister(register.StandInRegister):
    """Answers as the register and the token issuer do, and remembers whose token asked for names.

    Attributes:
        status: what it answers a request for names with; anything but 200 is an ailing register.
        hidden: enrolments that it does not show to the reader.
        opens: the place of the page that the token of now opens; each opens one page only.
    """

    status: int = 200
    hidden: set[str] = field(default_factory=set)
    authorizations: list[str] = field(default_factory=list)
    opens: int = 0

    @property
    def token(self) -> str:
        """The token that is issued and accepted now."""
        return f"token-{self.opens}"

    @property
    def routes(self) -> list[Route]:
        """What it can be asked."""
        return [Route("/v1/children/names", self.names, methods=["POST"]), *super().routes]

    async def names(self, request: Request) -> Response:
        """Name every child Robin Example."""
        self.authorizations.append(request.headers["authorization"])
        asked = (await request.json())["enrolment_ids"]
        children = [
            {"enrolment_id": enrolment_id, "forename": "Robin", "surname": "Example"}
            for enrolment_id in asked
            if enrolment_id not in self.hidden
        ]
        return JSONResponse({"children": children}, self.status)

    async def read_marks(self, request: Request) -> Response:
        """Give out a page of two marks, to the bearer of that page's token."""
        after = int(request.query_params.get("after", "0"))
        following = str(after + 2) if after + 2 < len(self.marks) else None
        answer = self.page(request, {"marks": self.marks[after : after + 2], "next": following})
        if answer.status_code == httpx.codes.OK:
            self.opens = after + 2
        return answer

    async def issue_token(self, request: Request) -> Response:
        """Issue the token that is valid now to the client `reporting` with the secret `quiet`."""
        known = BasicAuth("reporting", "quiet").auth_flow(httpx.Request("POST", self.url))
        is_known = next(known).headers["authorization"] == request.headers["authorization"]
        return await super().issue_token(request) if is_known else Response(status_code=401)


@asynccontextmanager
async def stand_in_register() -> AsyncIterator[StandInRegister]:
    """Serve a stand-in on loopback while the block lasts."""
    async with StandInRegister().serving() as opened:
        yield opened
        await connections_to(opened.url).aclose()
