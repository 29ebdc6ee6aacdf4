"""What a test may make the sandbox do wrong, each for a count of requests or until reset."""

import time
from enum import StrEnum
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, StringConstraints


class FailureMode(StrEnum):
    """How the API misbehaves."""

    DOWN = "down"
    """The connection is closed without a byte of answer."""
    UNAVAILABLE = "unavailable"
    """A load balancer's 503, an HTML page rather than one of Notify's documents."""
    SLOW = "slow"
    """The request waits `seconds` before it is worked on; it is worked on even if the client
    has given up meanwhile, as Notify does."""
    ACCEPT_THEN_TIME_OUT = "accept-then-time-out"
    """Worked on at once, but the answer is held for `seconds` or until the client has gone."""
    ACCEPT_THEN_CLOSE = "accept-then-close"
    """Worked on at once, then the connection is closed without an answer."""
    SERVER_ERROR = "server-error"
    """500; nothing is kept."""
    RATE_LIMITED = "rate-limited"
    """429 RateLimitError."""
    REFUSED = "refused"
    """400, as for a recipient to whom Notify does not send; nothing is kept."""
    DAILY_LIMIT = "daily-limit"
    """429 TooManyRequestsError."""


def _visible_ascii(token: SecretStr) -> SecretStr:
    text = token.get_secret_value()
    if not (text.isascii() and text.isprintable() and " " not in text):
        raise ValueError("a token is made of visible ASCII characters, without spaces")
    return token


HttpUrl = Annotated[str, StringConstraints(pattern=r"^https?://[!-~]+$")]
BearerToken = Annotated[SecretStr, AfterValidator(_visible_ascii)]

Counted = TypeVar("Counted", "Failure", "Receipts")


class _Switch(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Failure(_Switch):
    """A failure and whom it meets: `sends` (POST of a message), `lookups` (all else) or `all`.

    The count, if there is one, is of requests still to be met. Without `applies_to`, the limits and
    the accept-then… modes meet sends, and the others everything.
    """

    mode: FailureMode
    seconds: float = Field(default=60.0, ge=0, le=3600)
    count: int | None = Field(default=None, ge=1)
    applies_to: Literal["sends", "lookups", "all"] | None = None

    def meets(self, *, is_send: bool) -> bool:
        """Whether a request is one that this failure is for."""
        reach = self.applies_to or ("all" if self.mode in _MEETS_EVERYTHING else "sends")
        return reach == "all" or (reach == "sends") == is_send


_MEETS_EVERYTHING = {FailureMode.DOWN, FailureMode.UNAVAILABLE, FailureMode.SLOW}


class Receipts(_Switch):
    """When delivery receipts are sent: `early` is before the answer to the send itself."""

    mode: Literal["normal", "early", "late", "twice", "never"] = "normal"
    seconds: float = Field(default=0.0, ge=0, le=3600, description="How late is late.")
    count: int | None = Field(default=None, ge=1)


class Callback(_Switch):
    """Where delivery receipts go. Notify waits 5 s, and tries five times more, 300 s apart."""

    url: HttpUrl | None = None
    token: BearerToken = SecretStr("")
    retry_seconds: float = Field(default=300.0, ge=0)
    retries: int = Field(default=5, ge=0)
    timeout_seconds: float = Field(default=5.0, gt=0)


class Clock(_Switch):
    """How far the sandbox's clock is ahead of the machine's (behind when negative), in seconds."""

    offset_seconds: float = 0.0

    def now(self) -> float:
        """The sandbox's time in epoch seconds."""
        return time.time() + self.offset_seconds


class Delivery(_Switch):
    """How long a message takes from accepted to its final status, in seconds."""

    delay_seconds: float = Field(default=0.2, ge=0, le=3600)


class Switches(_Switch):
    """Every switch as it stands."""

    failure: Failure | None = None
    receipts: Receipts = Receipts()
    callback: Callback = Callback()
    clock: Clock = Clock()
    delivery: Delivery = Delivery()

    def take_failure(self, *, is_send: bool) -> Failure | None:
        """The failure this request meets, if any; it counts as met."""
        failure = self.failure
        if failure is None or not failure.meets(is_send=is_send):
            return None
        self.failure = _one_less(failure)
        return failure

    def take_receipts(self) -> Receipts:
        """How this message's receipt is sent; it counts as sent so."""
        receipts = self.receipts
        self.receipts = _one_less(receipts) or Receipts()
        return receipts


def _one_less(switch: Counted) -> Counted | None:
    if switch.count is None:
        return switch
    return switch.model_copy(update={"count": switch.count - 1}) if switch.count > 1 else None
