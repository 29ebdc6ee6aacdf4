"""A client of a running stack, built from its `stack.json` and nothing else.

Everything that drives a stack from outside (the demo, tests over the whole platform) talks through
this: tokens per client, addresses in turn, patience with a service that is briefly away.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import httpx
import msgspec

from attendance_runtime.clock import (
    Clock,
    DrivenClock,
    SystemClock,
    read_driven_rate,
    write_driven_clock,
)
from attendance_testing.stack_document import Client, Stack

TOKEN_SPARE_SECONDS: Final = 60.0
"""A token is fetched anew when it would expire within so many seconds."""
PATIENCE_SECONDS: Final = 30.0
"""How long a request is tried again while its service is away."""
ADMINISTRATOR: Final = "platform-administrator"
"""The client, known to every stack, that says which schools are whose."""
_TIMEOUT_SECONDS: Final = 60.0
_NOT_NOW: Final = {httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE}
_FIRST_PAUSE_SECONDS: Final = 0.1
_LONGEST_PAUSE_SECONDS: Final = 2.0
_NOT_DRIVEN: Final = "This stack runs on the system clock; start it with a driven one."


class Refused(Exception):
    """A service answered with an error that trying again cannot mend."""

    def __init__(self, answer: httpx.Response) -> None:
        request = answer.request
        super().__init__(
            f"{request.method} {request.url.path}: {answer.status_code} {answer.text[:500]}"
        )
        self.answer = answer


@dataclass(frozen=True, slots=True)
class _Token:
    value: str
    expires_at: float


class Platform:
    """A running stack, as seen by whoever holds its `stack.json`.

    Args:
        stack: what the file states.
        http: the connections to use instead of the platform's own.
    """

    def __init__(self, stack: Stack, http: httpx.AsyncClient | None = None) -> None:
        self.stack = stack
        self.http = http or httpx.AsyncClient(timeout=_TIMEOUT_SECONDS)
        driven = stack.clock.kind == "driven"
        self._clock_file = Path(stack.clock.file) if driven else None
        self.clock: Clock = DrivenClock(self._clock_file) if self._clock_file else SystemClock()
        self._clients = dict(stack.clients)
        self._tokens: dict[str, _Token] = {}
        self._fetching: dict[str, asyncio.Lock] = {}
        self._apis = {name: cycle(service.api) for name, service in stack.services.items()}

    @classmethod
    async def from_file(cls, path: Path) -> Self:
        """Read a running stack's file; `FileNotFoundError` if the stack is not up."""
        text = await asyncio.to_thread(path.read_bytes)
        return cls(msgspec.json.decode(text, type=Stack))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close every connection."""
        await self.http.aclose()

    async def add_client(self, client_id: str, *, sub: str, org: str, scopes: str) -> Client:
        """Make a client known to the issuer, or replace the one of the same id."""
        body = {"client_id": client_id, "sub": sub, "org": org, "scopes": scopes}
        answer = await self._patiently(
            lambda: self.http.post(self.stack.issuer.clients_endpoint, json=body)
        )
        client = msgspec.json.decode(_good(answer).content, type=Client)
        self._clients[client_id] = client
        self._tokens.pop(client_id, None)
        return client

    def client(self, client_id: str) -> Client:
        """Return a client of the stack file's, or one added here."""
        return self._clients[client_id]

    async def token(self, client_id: str) -> str:
        """Return an access token of a client's, kept until it is about to expire."""
        async with self._fetching.setdefault(client_id, asyncio.Lock()):
            token = self._tokens.get(client_id)
            if token is None or token.expires_at < time.time() + TOKEN_SPARE_SECONDS:
                token = self._tokens[client_id] = await self._fetch_token(client_id)
            return token.value

    def api(self, service: str) -> str:
        """Return the address of one of a service's API processes, each in its turn."""
        try:
            return next(self._apis[service])
        except (KeyError, StopIteration):
            raise LookupError(f"No API of the service `{service}` runs in this stack.") from None

    async def send(
        self,
        client_id: str,
        method: str,
        service: str,
        path: str,
        **options: Any,  # noqa: ANN401 - whatever httpx takes: json, content, params
    ) -> httpx.Response:
        """Send a request as a client and return its answer, whatever it says.

        A service that is away or asks for patience (503, 429, no connection) is tried again,
        `Retry-After` honoured, for `PATIENCE_SECONDS` at most.
        """
        sent_headers: Mapping[str, str] = options.pop("headers", {})

        async def attempt() -> httpx.Response:
            headers = {"Authorization": f"Bearer {await self.token(client_id)}", **sent_headers}
            url = self.api(service) + path
            return await self.http.request(method, url, headers=headers, **options)

        return await self._patiently(attempt)

    async def call(
        self,
        client_id: str,
        method: str,
        service: str,
        path: str,
        **options: Any,  # noqa: ANN401 - as `send`
    ) -> httpx.Response:
        """Send a request as a client; raise `Refused` unless it succeeds."""
        return _good(await self.send(client_id, method, service, path, **options))

    async def give_schools(self, urns: Iterable[str], authority: str) -> None:
        """List schools as an authority's, which may then set them up; raise `Refused` otherwise."""
        lines = [
            {"urn": urn, "authority_code": authority, "name": f"Example School {urn}"}
            for urn in urns
        ]
        answer = await self.call(
            ADMINISTRATOR, "POST", "register", "/v1/establishments", json=lines
        )
        if any(line["state"] == "refused" for line in answer.json()):
            raise Refused(answer)

    def environment(self, service: str) -> dict[str, str]:
        """Return the settings with which another process of a service joins the stack."""
        prefix, client = service.upper(), self._clients[f"{service}-service"]
        clock = self.stack.clock
        return {
            "FIRSTDAY_ENVIRONMENT": "local",
            "FIRSTDAY_ISSUER_URL": self.stack.issuer.url,
            "FIRSTDAY_CLOCK": f"driven:{clock.file}" if clock.kind == "driven" else "system",
            "KAFKA_BOOTSTRAP_SERVERS": self.stack.kafka.bootstrap_servers,
            f"{prefix}_AUDIENCE": self.stack.issuer.audiences[service],
            f"{prefix}_DATABASE_URL": self.stack.services[service].database_url,
            f"{prefix}_REGISTER_URL": self.api("register"),
            f"{prefix}_CLIENT_ID": client.client_id,
            f"{prefix}_CLIENT_SECRET": client.secret,
        }

    @property
    def rate(self) -> float:
        """Domain seconds that pass in a real one; 1 on the system clock."""
        return read_driven_rate(self._clock_file) if self._clock_file else 1.0

    async def set_clock(self, now: datetime, *, rate: float = 1.0) -> None:
        """Set the driven clock: domain time now, and how fast it runs (0 stands still)."""
        body = {"now": now.isoformat(), "rate": rate}
        _good(await self.http.put(self._clock_control(), json=body))

    def set_rate(self, rate: float) -> None:
        """Let the driven clock go on from where it stands at another rate.

        Written into its file at once: while a request is on its way the clock would run on, and the
        request would set it back.
        """
        if self._clock_file is None:
            raise LookupError(_NOT_DRIVEN)
        write_driven_clock(self._clock_file, domain=self.clock.now(), rate=rate)

    async def advance(self, by: timedelta) -> None:
        """Jump the driven clock ahead; its rate stays as it is."""
        body = {"seconds": by.total_seconds()}
        _good(await self.http.post(f"{self._clock_control()}/advance", json=body))

    def _clock_control(self) -> str:
        if not self.stack.clock.control_url:
            raise LookupError(_NOT_DRIVEN)
        return self.stack.clock.control_url

    async def _fetch_token(self, client_id: str) -> _Token:
        client = self._clients[client_id]
        answer = await self._patiently(
            lambda: self.http.post(
                self.stack.issuer.token_endpoint,
                data={"grant_type": "client_credentials"},
                auth=(client.client_id, client.secret),
            )
        )
        body = _good(answer).json()
        return _Token(str(body["access_token"]), time.time() + float(body["expires_in"]))

    async def _patiently(self, attempt: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
        give_up = time.monotonic() + PATIENCE_SECONDS
        pause = _FIRST_PAUSE_SECONDS
        while True:
            try:
                answer = await attempt()
            except httpx.TransportError:
                if time.monotonic() + pause > give_up:
                    raise
            else:
                if answer.status_code not in _NOT_NOW:
                    return answer
                pause = max(pause, _retry_after(answer))
                if time.monotonic() + pause > give_up:
                    return answer
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)


def _good(answer: httpx.Response) -> httpx.Response:
    if not answer.is_success:
        raise Refused(answer)
    return answer


def _retry_after(answer: httpx.Response) -> float:
    """Return the seconds a service asks for; 0 where it names none, or a date."""
    try:
        return float(answer.headers.get("Retry-After", "0"))
    except ValueError:
        return 0.0
