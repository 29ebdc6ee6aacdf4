"""Sends the examples of the documents to a running platform, ids in them put right."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

import httpx

from attendance_runtime.documents.access import ways_into
from attendance_runtime.web.vocabulary import WORDS
from attendance_testing.platform import ADMINISTRATOR, Platform

from ..access.people import EVERY_SCOPE  # noqa: TID252 - every scope stands there
from .documents import JSON, OPERATIONS, Operation, in_words

# Who sends an operation's example: the first of these whom its rule lets in.
CALLERS: Final[Mapping[str, tuple[str, str]]] = {
    "staff": ("lead-7", "school:100001"),
    "area": ("officer-332", "authority:332"),
    "responsible": ("officer-332", "authority:332"),
    "worker": ("worker-7", "social-care:332"),
    "service": ("service-1", "service:firstday"),
}
WITHOUT_SCOPE: Final = "openapi-without-scope"
LATEST: Final = "latest"
"""As `if_match`: the version that the platform has at this moment."""

NO_VERSION: Final = '"r0"'

BY_NAME: Final = {str(one.described["operationId"]): one for one in OPERATIONS}


Json = Any  # a JSON document


@dataclass(frozen=True, slots=True)
class Stage:
    """A running platform, and what stands there for those values that nobody can foretell.

    Attributes:
        callback: the token that was agreed with the provider.
        real: the ids and the day of the examples, and what they are on this platform.
    """

    platform: Platform
    http: httpx.AsyncClient
    callback: str
    real: dict[str, str] = field(default_factory=dict)

    async def let_in(self) -> None:
        """Make everybody known who sends an example."""
        for relation, (subject, organisation) in CALLERS.items():
            await self.platform.add_client(
                f"openapi-{relation}", sub=subject, org=organisation, scopes=EVERY_SCOPE
            )
        await self.platform.add_client(WITHOUT_SCOPE, sub="s", org="school:100001", scopes="none")

    async def call(self, relation: str, method: str, path: str, body: Json) -> None:
        """Send register-service something beside the examples; raise `Refused` if it will not."""
        await self.platform.call(f"openapi-{relation}", method, "register", path, json=body)

    def is_called(self, word: str, there: str) -> None:
        """Say what a word's example is on this platform."""
        self.real[str(WORDS[word].example)] = there

    def nowhere(self) -> dict[str, str]:
        """Return what the examples' values become to speak of what nobody has."""
        ids = {example: str(uuid4()) for example in self.real if len(example) == len(str(uuid4()))}
        return self.real | ids | {"100001": "999997", "worker-7": "worker-999997", "332": "894"}

    async def token(self, operation: Operation) -> str:
        """Return the token of somebody who may call an operation."""
        ways = ways_into(operation.service)
        way = next(way for way in ways if f"{way.method} {way.path}" == str(operation))
        if way.scope is None:
            return self.callback
        relations = way.relations or {"service"}
        if relations == {"administrator"}:
            return await self.platform.token(ADMINISTRATOR)
        relation = next(name for name in CALLERS if name in relations)
        return await self.platform.token(f"openapi-{relation}")

    async def by_name(self, name: str, *, if_match: str = LATEST) -> httpx.Response:
        """Send the example of the operation with this operationId."""
        operation = BY_NAME[name]
        token = await self.token(operation)
        return await self.send(operation, token=token, if_match=if_match)

    async def send(
        self,
        operation: Operation,
        *,
        token: str | None,
        kind: str = JSON,
        body: bytes | None = None,
        if_match: str | None = LATEST,
        parameters: Mapping[str, str] | None = None,
        names: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Send an operation's example, but for what is said otherwise.

        Args:
            operation: what is called.
            token: as whom; None for nobody.
            kind: the media type of the body.
            body: instead of the example's.
            if_match: the version that is changed; None leaves the header out.
            parameters: instead of the examples'.
            names: instead of `real`.
        """
        names = self.real if names is None else names
        given = operation.parameters(names, parameters or {})
        bearer = {"Authorization": f"Bearer {token}"} if token else {}
        headers = given["header"] | bearer
        if headers.pop("If-Match", None) and if_match is not None:
            headers["If-Match"] = await self._tag(operation) if if_match == LATEST else if_match
        if "requestBody" in operation.described:
            headers["Content-Type"] = kind
            body = in_words(operation.body(kind), names).encode() if body is None else body
        return await self.http.request(
            operation.method,
            self._url(operation, given["path"]),
            params=given["query"],
            headers=headers,
            content=body,
        )

    async def _tag(self, operation: Operation) -> str:
        """Return the ETag of what an operation changes, as whoever changes it has read it."""
        url = self._url(operation, operation.parameters(self.real, {})["path"])
        bearer = {"Authorization": f"Bearer {await self.token(operation)}"}
        for place in (url, f"{url}/history", url.rpartition("/")[0]):
            answer = await self.http.get(place, headers=bearer)
            if "etag" in answer.headers:
                return str(answer.headers["etag"])
        raise LookupError(f"Nobody tells the ETag of what {operation} changes.")

    def _url(self, operation: Operation, parts: Mapping[str, str]) -> str:
        service = operation.service.name.removesuffix("-service")
        return self.platform.api(service) + operation.path.format_map(parts)
