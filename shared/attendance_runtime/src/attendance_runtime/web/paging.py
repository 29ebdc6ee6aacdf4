"""Cursor paging: an opaque cursor names the last row seen, so pages neither skip nor repeat."""

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from typing import Annotated, Final, NamedTuple, TypeVar
from uuid import UUID

import msgspec
from fastapi import Depends, Query
from starlette.requests import Request

from attendance_runtime.errors import Fault, Invalid

Item = TypeVar("Item")

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


def cut(
    found: Sequence[Item], limit: int, key: Callable[[Item], object]
) -> tuple[Sequence[Item], str | None]:
    """Return a page, and the cursor of the next: there is one only where more was found.

    Args:
        found: what was found when asked for one more than a page holds.
        limit: how many a page holds.
        key: of an item, the id or number that a cursor names.
    """
    page = found[:limit]
    return page, encode([str(key(page[-1]))]) if len(found) > limit else None


class PlaceInCopy(NamedTuple):
    """Where a reader who rebuilds a copy has got to, and how many it takes at once."""

    after: UUID
    limit: int


def _place_in_copy(
    after: str | None = None, limit: Annotated[int, Query(ge=1, le=10_000)] = 1000
) -> PlaceInCopy:
    return PlaceInCopy(decode_id(after), limit)


CopyPlace = Annotated[PlaceInCopy, Depends(_place_in_copy)]
"""What every bulk read takes beside what it is narrowed to."""


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
