"""Who may call a route: what its `Depends` is given, and what is asked before a body is read."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from fastapi.openapi.models import OpenIdConnect
from fastapi.security.base import SecurityBase
from starlette.requests import Request

from attendance_runtime.access.callers import Principal, current_principal
from attendance_runtime.access.rights import Right
from attendance_runtime.errors import Forbidden, NotFound


class Rule(SecurityBase, ABC):
    """Who may call a route, told from a request's headers alone: what its `Depends` is given.

    Attributes:
        model: how OpenAPI describes what is asked for; FastAPI writes it into the document.
        scheme_name: what the document calls it.
        refuses: with which statuses it refuses.
    """

    __slots__ = ()
    refuses: frozenset[int]

    @abstractmethod
    async def __call__(self, request: Request) -> object:
        """Return what the route wants to know of its caller, or raise what refuses it."""


@dataclass(frozen=True, slots=True)
class Allowed(Rule):
    """A route's authorisation rule: its callers' tokens must carry the scope of a right.

    Every route has one (an architecture test walks them all); the use of the objects themselves is
    then checked by `access.require`.
    """

    model = OpenIdConnect(
        openIdConnectUrl="https://issuer.example.org/.well-known/openid-configuration",
        description="An OAuth 2 access token (JWT, RFC 9068) of the deployment's issuer. It says "
        "who calls (`sub`), for which organisation (`org`), and with which scopes.",
    )
    scheme_name = "accessToken"
    # Whoever has a token has a quota; 503 where the issuer's keys cannot be had.
    refuses = frozenset({401, 403, 429, 503})

    right: Right

    async def __call__(self, request: Request) -> Principal:
        """Return the caller.

        Raises:
            Forbidden: the token lacks the scope.
            NotFound: only another kind of organisation has this right.
        """
        principal = await current_principal(request)
        if self.right.scope not in principal.scopes:
            raise Forbidden(f"This needs a token with the scope `{self.right.scope}`.")
        if self.right.only and not principal.organisation.startswith(f"{self.right.only}:"):
            raise NotFound("There is nothing here that this token may see.")
        return principal
