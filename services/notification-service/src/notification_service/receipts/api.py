"""`POST /v1/notify/receipts`: where GOV.UK Notify tells what became of a message.

It waits five seconds and never repeats a receipt that met a 4xx other than 429. A receipt is kept
and answered at once, whatever it says; if it cannot be kept the answer is 503, which is repeated.
"""

import secrets
from http import HTTPStatus
from typing import Final
from uuid import UUID

import msgspec
import structlog
from fastapi import APIRouter, Depends, Request, Response
from fastapi.openapi.models import HTTPBearer

from attendance_runtime.access import Rule
from attendance_runtime.errors import Unauthenticated
from attendance_runtime.runtime import Runtime
from attendance_runtime.web.coalescing import Limits, coalescing
from attendance_runtime.web.direct import DirectRoute
from notification_service.providers.notify import receipts
from notification_service.receipts.domain import NewReceipt
from notification_service.receipts.use_cases import keep_receipts
from notification_service.settings import settings_of

_log = structlog.get_logger()

router = APIRouter(prefix="/v1/notify", tags=["notify"], route_class=DirectRoute)


class CallbackToken(Rule):
    """A route's authorisation rule for the provider: the bearer token agreed with it.

    It is no access token of the platform's: it opens this one route and names nobody.
    """

    model = HTTPBearer(description="The token that was agreed with GOV.UK Notify.")
    scheme_name = "callbackToken"
    refuses = frozenset({401, 503})

    async def __call__(self, request: Request) -> None:
        """Let the provider pass, or raise `Unauthenticated`."""
        runtime: Runtime = request.app.state.runtime
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        # Each is compared to its end: the time it takes tells neither which it is, nor how near.
        same = [
            secrets.compare_digest(token.encode(), agreed.encode())
            for agreed in settings_of(runtime).callback_tokens
        ]
        if scheme.lower() != "bearer" or not any(same):
            raise Unauthenticated("Send the token that was agreed with the provider.")


_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": receipts.SCHEMA,
                "example": receipts.EXAMPLE,
            }
        },
    }
}


# They are applied every fifth of a second, and the provider waits five for its answer; but one that
# posts eight at a time brings eight for each pause, and 5,000 in a minute must get through.
_PATIENTLY: Final = Limits(gather_seconds=0.1)


@router.post(
    "/receipts",
    summary="Take a delivery receipt",
    status_code=HTTPStatus.NO_CONTENT,
    dependencies=[Depends(CallbackToken())],
    openapi_extra=_BODY,
)
async def take_receipt(request: Request) -> Response:
    """Keep a receipt; it is applied to its message within a second."""
    receipt = _read(await request.body())
    if receipt is not None:
        await coalescing(request, keep_receipts, _PATIENTLY).submit(receipt)
    return Response(status_code=HTTPStatus.NO_CONTENT)


def _read(body: bytes) -> NewReceipt | None:
    """Return what a receipt tells; None for a receipt of something we did not send."""
    try:
        receipt = receipts.decode(body)
        reference = UUID(receipt.reference or "")
        return NewReceipt(reference, receipt.id, receipts.tidy_status(receipt.status))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        _log.warning("receipt.not_ours")
        return None
