"""A token issuer for local use: OpenID Connect discovery, JWKS and client credentials.

The services see an issuer's address and nothing else; in production it is somebody else's.
`python -m local_stack.issuer --port PORT --folder FOLDER`, in a local or test environment only.
"""

import argparse
import base64
import binascii
import json
import os
import secrets
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated
from urllib.parse import unquote_plus
from uuid import uuid4

import uvicorn
from fastapi import APIRouter, FastAPI, Form, Request
from fastapi.responses import JSONResponse
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from pydantic import BaseModel, Field

from local_stack.addresses import AUDIENCES
from local_stack.clients import ALL_SERVICES, Client, Clients
from local_stack.clock_control import clock_routes
from local_stack.errors import StackError
from local_stack.folder import StackFolder, write_json
from local_stack.ports import LOOPBACK

TOKEN_SECONDS = 3600
_ENVIRONMENTS = {"local", "test"}
_LOOPBACKS = {LOOPBACK, "::1"}


class NewClient(BaseModel):
    """A client to add while the stack runs: a school, a social worker."""

    client_id: str = Field(min_length=1)
    secret: str = Field(default_factory=secrets.token_urlsafe, min_length=1)
    sub: str = Field(min_length=1)
    org: str = Field(min_length=1)
    scopes: str = ""
    services: str = ALL_SERVICES


class TokenRequest(BaseModel):
    """The form of RFC 6749 §4.4.2, with the client's secret in it when it is not in a header.

    `resource` names the services that the token shall be for, of those that the client has
    (RFC 8707); without it the token is for all of them.
    """

    grant_type: str = ""
    scope: str | None = None
    resource: list[str] = []
    client_id: str = ""
    client_secret: str = ""


class Refused(Exception):
    """A token request was refused with one of RFC 6749's error codes."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


def create_issuer(folder: StackFolder, *, url: str, environment: Mapping[str, str]) -> FastAPI:
    """Return the issuer's application; it refuses an environment that is not local or test."""
    _refuse_production(environment)
    key = _signing_key(folder.path / "issuer-key.json")
    clients = Clients(folder.clients_file)
    app = FastAPI(title="Firstday's local token issuer", openapi_url=None)
    app.include_router(_discovery_routes(url, key))
    app.include_router(_token_routes(url, key, clients))
    app.include_router(_client_routes(clients))
    if clock := _driven_clock_file(environment):
        app.include_router(clock_routes(clock))
    return app


def _discovery_routes(url: str, key: RSAKey) -> APIRouter:
    """What a verifier asks: where everything is, and which key signs."""
    router = APIRouter()

    @router.get("/.well-known/openid-configuration")
    async def discovery() -> dict[str, object]:
        """Say where everything is (OpenID Connect Discovery)."""
        return {
            "issuer": url,
            "token_endpoint": f"{url}/token",
            "jwks_uri": f"{url}/jwks",
            "grant_types_supported": ["client_credentials"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "response_types_supported": [],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    @router.get("/jwks")
    async def jwks() -> dict[str, object]:
        """Publish the public key."""
        return dict(KeySet([key]).as_dict(private=False))

    return router


def _token_routes(url: str, key: RSAKey, clients: Clients) -> APIRouter:
    """What a client asks: an access token of its own."""
    router = APIRouter()

    @router.post("/token")
    async def token(form: Annotated[TokenRequest, Form()], request: Request) -> JSONResponse:
        """Hand out an access token to a client that knows its secret."""
        try:
            client = _authenticate(clients, form, request.headers.get("authorization", ""))
            scope = _granted_scope(client, form)
            audiences = _granted_audiences(client, form)
        except Refused as refused:
            return _refusal(refused)
        answer = {
            "access_token": _access_token(key, url, client, scope, audiences),
            "token_type": "Bearer",
            "expires_in": TOKEN_SECONDS,
            "scope": scope,
        }
        return JSONResponse(answer, headers={"Cache-Control": "no-store"})

    return router


def _client_routes(clients: Clients) -> APIRouter:
    """What a script on this machine asks: a client more."""
    router = APIRouter()

    @router.post("/clients", status_code=201)
    async def add_client(new: NewClient, request: Request) -> JSONResponse:
        """Add a client, or replace the one of the same id; from this machine alone."""
        if request.client is None or request.client.host not in _LOOPBACKS:
            return JSONResponse({"error": "access_denied"}, status_code=403)
        clients.add(Client(**new.model_dump()))
        return JSONResponse(new.model_dump(), status_code=201)

    return router


def _refuse_production(environment: Mapping[str, str]) -> None:
    if environment.get("FIRSTDAY_ENVIRONMENT") not in _ENVIRONMENTS:
        raise StackError(
            "This token issuer serves anybody on this machine: it starts only where "
            "FIRSTDAY_ENVIRONMENT is local or test. Name a real issuer in FIRSTDAY_ISSUER_URL."
        )


def _driven_clock_file(environment: Mapping[str, str]) -> Path | None:
    kind, _, path = environment.get("FIRSTDAY_CLOCK", "").partition(":")
    return Path(path) if kind == "driven" else None


def _signing_key(path: Path) -> RSAKey:
    """Return the stack's key, made on first use: tokens outlive a restart of the issuer."""
    if path.exists():
        return RSAKey.import_key(json.loads(path.read_text()))
    key = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)
    write_json(path, key.as_dict(private=True))
    return key


def _authenticate(clients: Clients, form: TokenRequest, authorization: str) -> Client:
    client_id, secret = form.client_id, form.client_secret
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() == "basic":
        try:
            decoded = base64.b64decode(credentials, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise Refused("invalid_client", "The Basic header is not readable.") from None
        client_id, _, secret = (unquote_plus(part) for part in decoded.partition(":"))
    client = clients.find(client_id, secret)
    if client is None:
        raise Refused("invalid_client", "Unknown client or wrong secret.")
    return client


def _granted_scope(client: Client, form: TokenRequest) -> str:
    if form.grant_type != "client_credentials":
        raise Refused("unsupported_grant_type", "Only client_credentials is offered here.")
    asked = client.scopes if form.scope is None else form.scope
    if beyond := sorted(set(asked.split()) - set(client.scopes.split())):
        raise Refused("invalid_scope", f"The client does not have {' '.join(beyond)}.")
    return asked


def _granted_audiences(client: Client, form: TokenRequest) -> list[str]:
    own = [AUDIENCES[name] for name in client.services.split() if name in AUDIENCES]
    if beyond := sorted(set(form.resource) - set(own)):
        raise Refused("invalid_target", f"The client has no tokens for {' '.join(beyond)}.")
    return form.resource or own


def _access_token(
    key: RSAKey, issuer: str, client: Client, scope: str, audiences: Sequence[str]
) -> str:
    """Sign an RFC 9068 access token; its times are on the real clock, not the domain's."""
    now = int(time.time())
    claims = {
        "iss": issuer,
        "aud": list(audiences),
        "sub": client.sub,
        "client_id": client.client_id,
        "org": client.org,
        "scope": scope,
        "iat": now,
        "exp": now + TOKEN_SECONDS,
        "jti": uuid4().hex,
    }
    return jwt.encode({"alg": "RS256", "typ": "at+jwt", "kid": key.kid}, claims, key)


def _refusal(refused: Refused) -> JSONResponse:
    unknown = refused.error == "invalid_client"
    return JSONResponse(
        {"error": refused.error, "error_description": refused.description},
        status_code=401 if unknown else 400,
        headers={"WWW-Authenticate": "Basic"} if unknown else None,
    )


def main() -> None:
    """Serve one stack's issuer on a loopback port."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True, help="the stack's folder")
    arguments = parser.parse_args()
    url = f"http://{LOOPBACK}:{arguments.port}"
    try:
        app = create_issuer(StackFolder(arguments.folder), url=url, environment=os.environ)
    except StackError as error:
        sys.exit(str(error))
    uvicorn.run(app, host=LOOPBACK, port=arguments.port, log_level="warning")


if __name__ == "__main__":
    main()
