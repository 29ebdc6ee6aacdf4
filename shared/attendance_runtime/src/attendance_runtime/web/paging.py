"""Cursor paging: an opaque cursor names the last row seen, so pages neither skip nor repeat."""

import base64
import binascii
import re
from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec
from starlette.requests import Request

from attendance_runtime.errors import Fault, Invalid

_BEFORE_ALL: Final = UUID(int=0)
_NUMBER: Final = re.compile(r"[0-9]{1,9}")


def encode(place: Sequence[str]) -> str:
    """Turn the key of the last row of a page into a cursor."""
    return base64.urlsafe_b64encode(msgspec.json.encode(list(place))).decode().rstrip("=")


def decode(cursor: str, *, length: int) -> list[str]:
    """Return the key that a cursor names, or raise `Invalid` for one we never gave out."""
    padded = cursor + "=" * (-len(cursor) % 4)
    try:
        place = msgspec.json.decode(base64.urlsafe_b64decode(padded), type=list[str])
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        place = []
    if len(place) != length:
        raise leads_nowhere()
    return place


def decode_id(cursor: str | None) -> UUID:
    """Return the id that a cursor of one id names; without a cursor, what is before every id."""
    if cursor is None:
        return _BEFORE_ALL
    [place] = decode(cursor, length=1)
    try:
        return UUID(place)
    except ValueError:
        raise leads_nowhere() from None


def decode_number(cursor: str | None) -> int:
    """Return the number that a cursor of one number names; without a cursor, 0."""
    if cursor is None:
        return 0
    [place] = decode(cursor, length=1)
    if not _NUMBER.fullmatch(place):
        raise leads_nowhere()
    return int(place)


def leads_nowhere() -> Invalid:
    """Return the refusal of a cursor that we never gave out."""
    detail = "Take the cursor from the previous page's `next`."
    return Invalid("This cursor leads nowhere.", [Fault(detail, "query:after")])


def link_header(request: Request, cursor: str | None) -> dict[str, str]:
    """Return the `Link` header (RFC 8288) that leads to the next page, if there is one.

    It is relative to the request's own address, which a proxy may have under another path.
    """
    if cursor is None:
        return {}
    following = request.url.include_query_params(after=cursor)
    return {"Link": f'<?{following.query}>; rel="next"'}
