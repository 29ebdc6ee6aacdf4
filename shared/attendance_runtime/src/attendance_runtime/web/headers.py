"""The headers of answers, as the OpenAPI documents describe them; a route names those it sends."""

from typing import Any, Final

from attendance_runtime.web.problems import TRACE_HEADER

A_TRACE: Final = "4bf92f3577b34da6a3ce929d0e0e4736"
_REFERENCE: Final = "#/components/headers/"

HEADERS: Final[dict[str, dict[str, Any]]] = {
    "ETag": {
        "description": "The version that was answered: send it as `If-Match` with a change.",
        "required": True,
        "schema": {"type": "string", "pattern": '^"r[0-9]+"$'},
        "example": '"r2"',
    },
    "Link": {
        "description": "The next page (RFC 8288), relative to this address; left out on the last.",
        "schema": {"type": "string", "pattern": '^<[?][^>]+>; rel="next"$'},
        "example": '<?limit=50&after=WyIwMTlhIl0>; rel="next"',
    },
    "Location": {
        "description": "Where that which was created answers, relative to this address.",
        "required": True,
        "schema": {"type": "string", "format": "uri-reference"},
        "example": "cases/0199f0d2-7c3e-7b6a-9d57-6a3d8f2c1b46",
    },
    "Retry-After": {
        "description": "Seconds after which the same request may be sent again.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
        "example": 1,
    },
    TRACE_HEADER: {
        "description": "In every answer: the logs know the request by it.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
        "example": A_TRACE,
    },
    "WWW-Authenticate": {
        "description": "The scheme of the token that is wanted.",
        "required": True,
        "schema": {"type": "string", "const": "Bearer"},
        "example": "Bearer",
    },
}


def sent(*names: str) -> dict[str, Any]:
    """Return what an answer's `headers` say of headers that stand in `HEADERS`."""
    return {name: {"$ref": _REFERENCE + name} for name in names if name in HEADERS}


ETAG: Final = sent("ETag")
LINK: Final = sent("Link")
LOCATION: Final = sent("Location")
ALWAYS: Final = sent(TRACE_HEADER)
