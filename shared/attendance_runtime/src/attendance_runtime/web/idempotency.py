"""`Idempotency-Key`: a creating POST sent twice creates once and answers the same both times.

The answer is stored in the transaction that creates, so there is no moment in which one exists
without the other. A key belongs to one client and one route, and is kept for a day.
"""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel
from sqlalchemy import Column, DateTime, LargeBinary, MetaData, Table, Text, text

from attendance_runtime.access import Principal, current_principal
from attendance_runtime.database import SqlSession
from attendance_runtime.errors import Conflict, Fault, Invalid
from attendance_runtime.web.refusals import refuses

_LONGEST_KEY = 200


def idempotency_table(metadata: MetaData) -> Table:
    """Define the table of used keys in a service's own metadata."""
    return Table(
        "idempotency_keys",
        metadata,
        Column("client", Text, primary_key=True),
        Column("route", Text, primary_key=True),
        Column("key", Text, primary_key=True),
        Column("fingerprint", LargeBinary, nullable=False),
        Column("answer", LargeBinary, nullable=False),
        Column("used_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    )


@dataclass(frozen=True, slots=True)
class IdempotentRequest:
    """A creating request: who sends it, where to, under which key, and its body's fingerprint."""

    client: str
    route: str
    key: str
    fingerprint: bytes

    async def create(self, db: SqlSession, work: Callable[[], Awaitable[BaseModel]]) -> Response:
        """Do the work and keep its answer, or give the answer that was kept.

        Raises `Conflict` while the first request is still at work, `Invalid` when the key comes
        with another body.
        """
        await self._lock(db)
        kept = await self._find(db)
        if kept is None:
            answer = (await work()).model_dump_json().encode()
            await self._keep(db, answer)
        elif kept[0] != self.fingerprint:
            detail = "This key was used with another body; use a new one."
            raise Invalid(
                "The key belongs to another request.", [Fault(detail, "header:Idempotency-Key")]
            )
        else:
            answer = kept[1]
        return Response(answer, status_code=201, media_type="application/json")

    async def _lock(self, db: SqlSession) -> None:
        name = f"{self.client} {self.route} {self.key}"
        locked = await db.scalar(
            text("SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name}
        )
        if not locked:
            raise Conflict("The first request with this key is still at work; wait for it.")

    async def _find(self, db: SqlSession) -> tuple[bytes, bytes] | None:
        found = await db.execute(
            text("""
                SELECT fingerprint, answer FROM idempotency_keys
                WHERE client = :client AND route = :route AND key = :key
                  AND used_at > now() - interval '1 day'
            """),
            {"client": self.client, "route": self.route, "key": self.key},
        )
        row = found.one_or_none()
        return None if row is None else (row[0], row[1])

    async def _keep(self, db: SqlSession, answer: bytes) -> None:
        await db.execute(
            text("""
                INSERT INTO idempotency_keys (client, route, key, fingerprint, answer)
                VALUES (:client, :route, :key, :fingerprint, :answer)
                ON CONFLICT (client, route, key) DO UPDATE
                SET fingerprint = excluded.fingerprint, answer = excluded.answer, used_at = now()
            """),
            {
                "client": self.client,
                "route": self.route,
                "key": self.key,
                "fingerprint": self.fingerprint,
                "answer": answer,
            },
        )


@refuses(409)
async def idempotent_request(
    request: Request,
    principal: Annotated[Principal, Depends(current_principal)],
    idempotency_key: Annotated[str, Header(alias="Idempotency-Key")],
) -> IdempotentRequest:
    """Read the key of a creating request; a structured-field string, quoted or bare."""
    key = idempotency_key.strip().strip('"')
    if not key or len(key) > _LONGEST_KEY:
        raise Invalid(
            "Send a key of your own, one for each thing to create.",
            [Fault("1 to 200 characters, a UUID for instance.", "header:Idempotency-Key")],
        )
    fingerprint = hashlib.sha256(await request.body()).digest()
    return IdempotentRequest(principal.subject, request.url.path, key, fingerprint)


Idempotent = Annotated[IdempotentRequest, Depends(idempotent_request)]
