"""What can go wrong, as types that say what to do next.

FirstdayError
 ├─ Invalid               422  some values cannot be accepted; each is pointed at
 ├─ Unauthenticated       401  no token, or one that does not verify
 ├─ Forbidden             403  the token lacks the scope
 ├─ NotFound              404  no such thing, or not yours to see: the two look the same
 ├─ Conflict              409  the state has moved on
 ├─ PreconditionFailed    412  `If-Match` names an older version
 ├─ PayloadTooLarge       413  the body is larger than the limit
 ├─ PreconditionRequired  428  `If-Match` is missing
 ├─ TooManyRequests       429  more than its quota from one organisation; later
 └─ Unavailable           503  try again after the named seconds; nothing was kept

Domain code raises these without knowing of HTTP; `problems` translates them at the edge.
"""

from collections.abc import Sequence

from attendance_contracts.faults import NOT_ACCEPTED, NOT_FOUND, Fault, Refusal

__all__ = [
    "Conflict",
    "Fault",
    "FirstdayError",
    "Forbidden",
    "Invalid",
    "NotFound",
    "PayloadTooLarge",
    "PreconditionFailed",
    "PreconditionRequired",
    "TooManyRequests",
    "Unauthenticated",
    "Unavailable",
    "error_of",
]


class FirstdayError(Exception):
    """The root of the tree; the message is one sentence for the person who gets it."""

    title = "Something went wrong"


class Invalid(FirstdayError):
    """Values that cannot be accepted, each with a pointer."""

    title = NOT_ACCEPTED

    def __init__(self, detail: str, faults: Sequence[Fault] = ()) -> None:
        super().__init__(detail)
        self.faults = tuple(faults)


class Unauthenticated(FirstdayError):
    """No access token, or one that does not verify."""

    title = "Sign in first"


class Forbidden(FirstdayError):
    """The token does not carry the scope that this needs."""

    title = "Not allowed"


class NotFound(FirstdayError):
    """No such thing, or not the reader's to see: both look the same, existence is a secret."""

    title = NOT_FOUND


class Conflict(FirstdayError):
    """The state has moved on; read it again."""

    title = "The state has moved on"


class PreconditionFailed(FirstdayError):
    """`If-Match` names a version that is no longer the current one."""

    title = "Somebody changed this meanwhile"


class PayloadTooLarge(FirstdayError):
    """The body is larger than the documented limit."""

    title = "The body is too large"


class PreconditionRequired(FirstdayError):
    """`If-Match` is missing where two people may edit."""

    title = "Say which version you change"


class TooManyRequests(FirstdayError):
    """The caller's organisation is beyond its quota; nothing of this request was read."""

    title = "Too many requests"

    def __init__(self, detail: str, *, retry_after_seconds: int) -> None:
        super().__init__(detail)
        self.retry_after_seconds = retry_after_seconds


class Unavailable(FirstdayError):
    """Nothing was kept; the same request may be sent again."""

    title = "Try again shortly"

    def __init__(self, detail: str, *, retry_after_seconds: int = 1) -> None:
        super().__init__(detail)
        self.retry_after_seconds = retry_after_seconds


def error_of(refusal: Refusal) -> FirstdayError:
    """Return the error that a rule's refusal is answered with."""
    if refusal.title == NOT_FOUND:
        return NotFound(refusal.detail)
    return Invalid(refusal.detail, refusal.faults)
