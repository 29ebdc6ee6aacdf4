"""Who a message goes to: which numbers and addresses Notify takes, and which it only pretends to.

Simulator and smoke-test recipients: GOV.UK Notify, REST API documentation, "Testing".
"""

import re

from notify_sandbox.errors import NotifyError, bad_request, validation_error

SMOKE_RECIPIENTS = frozenset(
    {
        "447700900000",
        "447700900111",
        "447700900222",
        "simulate-delivered@notifications.service.gov.uk",
        "simulate-delivered-2@notifications.service.gov.uk",
        "simulate-delivered-3@notifications.service.gov.uk",
    }
)
"""Answered like any other, but the message is not kept and no receipt follows."""

TEST_KEY_OUTCOMES = {
    "447700900002": "permanent-failure",
    "447700900003": "temporary-failure",
    "perm-fail@simulator.notify": "permanent-failure",
    "temp-fail@simulator.notify": "temporary-failure",
}
"""What a test key meets at the simulator's numbers; everybody else receives the message."""

_WRITTEN_IN_NUMBERS = str.maketrans("", "", "()-+ \t\u00a0\u200b\ufeff")
_UK_MOBILE_DIGITS = 10
_INTERNATIONAL_DIGITS = range(8, 16)
_EMAIL = re.compile(
    r"[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~\\-]+@([a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
    r"(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)+)"
)
_EMAIL_LENGTH = 320


def normal_phone_number(written: str) -> str:
    """Return the digits with country code (`447700900123`), or refuse in Notify's words (400)."""
    digits = written.translate(_WRITTEN_IN_NUMBERS)
    if not (digits.isascii() and digits.isdigit()):
        raise validation_error("phone_number Must not contain letters or symbols")
    abroad = written.lstrip().startswith(("+", "00"))
    subscriber = digits.lstrip("0")
    if subscriber.startswith("44"):
        subscriber = subscriber[2:].lstrip("0")
    elif abroad:
        return _refuse_abroad(subscriber)
    if not subscriber.startswith("7"):
        raise validation_error("phone_number Not a UK mobile number")
    if len(subscriber) > _UK_MOBILE_DIGITS:
        raise validation_error("phone_number Too many digits")
    if len(subscriber) < _UK_MOBILE_DIGITS:
        raise validation_error("phone_number Not enough digits")
    return "44" + subscriber


def _refuse_abroad(digits: str) -> str:
    if len(digits) in _INTERNATIONAL_DIGITS:
        raise bad_request("Cannot send to international mobile numbers")
    problem = "Too many digits" if len(digits) in range(16, 99) else "Not enough digits"
    raise validation_error(f"phone_number {problem}")


def normal_email_address(written: str) -> str:
    """Return the address in lower case without spaces around it, or refuse it (400)."""
    address = written.strip()
    if len(address) > _EMAIL_LENGTH or ".." in address or not _EMAIL.fullmatch(address):
        raise validation_error("email_address Not a valid email address")
    return address.lower()


def outcome_for(recipient: str, key_type: str) -> str:
    """The final status of a message to this normalised recipient under this type of key."""
    return TEST_KEY_OUTCOMES.get(recipient, "delivered") if key_type == "test" else "delivered"


def normalised(written: str) -> str:
    """The form in which a recipient is kept, of a number or address however written."""
    try:
        return normal_email_address(written) if "@" in written else normal_phone_number(written)
    except NotifyError:
        return written
