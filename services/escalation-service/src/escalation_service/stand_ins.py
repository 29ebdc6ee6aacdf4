"""Whom this service's tests ask in the register's place, over real HTTP."""

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from attendance_contracts.calendar import Session
from attendance_runtime.testing import serving
from escalation_service.testing import ASchool


@dataclass
class StandInRegister:
    """Gives out in bulk what a test puts in, to whoever has a token of its own issuer."""

    url: str = ""
    marks: list[tuple[UUID, dt.date, Session, str]] = field(default_factory=list)
    copies: dict[str, list[object]] = field(default_factory=dict)

    @property
    def app(self) -> Starlette:
        """What it can be asked."""
        return Starlette(
            routes=[
                Route("/v1/bulk/{what}", self.read),
                Route("/.well-known/openid-configuration", self.discovery),
                Route("/token", self.token, methods=["POST"]),
            ]
        )

    async def read(self, request: Request) -> Response:
        """Give out everything of one kind, on one page."""
        what = request.path_params["what"]
        page = {"items": self.copies.get(what, []), "marks": self.marks, "next": None}
        is_known = request.headers["authorization"] == "Bearer a-token"
        return Response(msgspec.json.encode(page), 200 if is_known else 401)

    async def discovery(self, _: Request) -> Response:
        """Tell where tokens are issued."""
        return JSONResponse({"token_endpoint": f"{self.url}/token"})

    async def token(self, _: Request) -> Response:
        """Issue the one token."""
        return JSONResponse({"access_token": "a-token"})

    def says(self, school: ASchool) -> None:
        """Let the register hold what a school's diary does."""
        self.marks = [(*place, code) for place, code in sorted(school.marks.items())]


@asynccontextmanager
async def stand_in_register() -> AsyncIterator[StandInRegister]:
    """Serve a stand-in on loopback while the block lasts."""
    register = StandInRegister()
    async with serving(register.app) as register.url:
        yield register
