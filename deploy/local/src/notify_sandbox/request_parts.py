"""What Notify's reading routes ask of a request: the sandbox, the key, the address it came to."""

from typing import Annotated

from fastapi import Depends, Request

from notify_sandbox.keys import ApiKey
from notify_sandbox.sandbox import Sandbox


def sandbox_of(request: Request) -> Sandbox:
    """The running sandbox."""
    sandbox: Sandbox = request.app.state.sandbox
    return sandbox


TheSandbox = Annotated[Sandbox, Depends(sandbox_of)]


def key_of(request: Request, sandbox: TheSandbox) -> ApiKey:
    """The API key behind the request's token, or AuthError."""
    authorization = request.headers.get("authorization", "")
    return sandbox.keys.holder(authorization, sandbox.switches.clock.now())


TheKey = Annotated[ApiKey, Depends(key_of)]


def _base_of(request: Request) -> str:
    return str(request.base_url).rstrip("/")


BaseUrl = Annotated[str, Depends(_base_of)]
