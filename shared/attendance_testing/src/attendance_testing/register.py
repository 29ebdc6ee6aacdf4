"""Whom a service's tests ask in the register's place, over real HTTP; an issuer of tokens, too."""

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Self
from uuid import UUID

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from attendance_contracts.calendar import Session
from attendance_testing.serving import serving

Mark = tuple[UUID, dt.date, Session, str]


@dataclass
class StandInRegister:
    """Gives out in bulk what a test puts in, to whoever has a token of its own issuer.

    A service that asks the register more than this adds its routes, in its own tests.

    Attributes:
        url: where it listens, while it is served.
        marks: what the bulk read of marks gives out.
        copies: what the other bulk reads give out, by their names.
    """

    url: str = ""
    marks: list[Mark] = field(default_factory=list)
    copies: dict[str, list[object]] = field(default_factory=dict)

    @property
    def token(self) -> str:
        """The token that is issued and accepted now."""
        return "a-token"

    @property
    def routes(self) -> list[Route]:
        """What it can be asked."""
        return [
            Route("/v1/bulk/marks", self.read_marks),
            Route("/v1/bulk/{what}", self.read_copies),
            Route("/.well-known/openid-configuration", self.discovery),
            Route("/token", self.issue_token, methods=["POST"]),
        ]

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Self]:
        """Serve on a free port of this machine while the block lasts."""
        async with serving(Starlette(routes=self.routes)) as self.url:
            yield self

    def is_known(self, request: Request) -> bool:
        """Tell whether whoever asks has the token of now."""
        return request.headers.get("authorization") == f"Bearer {self.token}"

    async def read_marks(self, request: Request) -> Response:
        """Give out every mark, on one page."""
        return self.page(request, {"marks": self.marks, "next": None})

    async def read_copies(self, request: Request) -> Response:
        """Give out everything of one kind, on one page."""
        items = self.copies.get(request.path_params["what"], [])
        return self.page(request, {"items": items, "next": None})

    def page(self, request: Request, page: object) -> Response:
        """Answer with a page, or with nothing to whoever has no token of now."""
        if not self.is_known(request):
            return Response(status_code=401)
        return Response(msgspec.json.encode(page), media_type="application/json")

    async def discovery(self, _: Request) -> Response:
        """Tell where tokens are issued."""
        return JSONResponse({"token_endpoint": f"{self.url}/token"})

    async def issue_token(self, _: Request) -> Response:
        """Issue the token of now."""
        return JSONResponse({"access_token": self.token, "expires_in": 3600})
