"""Cursor paging: an opaque cursor names the last row seen, so pages neither skip nor repeat."""

import base64
import binascii
from collections.abc import Sequence

import msgspec

from attendance_runtime.errors import Fault, Invalid


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
        detail = "Take the cursor from the previous page's `next`."
        raise Invalid("This cursor leads nowhere.", [Fault(detail, "query:after")])
    return place


def link_header(url: str, cursor: str | None) -> dict[str, str]:
    """Return the `Link` header (RFC 8288) that leads to the next page, if there is one."""
    return {} if cursor is None else {"Link": f'<{url}after={cursor}>; rel="next"'}
