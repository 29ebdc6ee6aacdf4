"""What an answer tells: whether it opened anything, and what a stranger could learn from it."""

from dataclasses import asdict

import httpx

from .calls import Place

# They answer line by line, or leave out what is not the caller's: 200, whatever was refused.
ANSWERED_IN_PART = {
    "POST /v1/schools",
    "POST /v1/calendars",
    "POST /v1/care-statuses",
    "GET /v1/care-claims",
    "POST /v1/children/names",
    "GET /v1/link-proposals",
}
_ALWAYS_DIFFERENT = {"date", "x-trace-id"}


def lets_in(answer: httpx.Response) -> bool:
    """Tell whether a request got to what it asked about.

    412 counts: only who may change a thing is told that it has changed meanwhile.
    """
    if answer.status_code == httpx.codes.PRECONDITION_FAILED:
        return True
    if not answer.is_success:
        return False
    match answer.json():
        case [{"state": state}]:
            return bool(state != "refused")
        case {"children": []} | {"answers": []} | {"items": [], "next": None}:
            return False
    return True


def without_ids(answer: httpx.Response, place: Place) -> tuple[int, dict[str, str], str]:
    """Return all of an answer, each id of the place, and its own trace's, replaced by its name."""
    text = answer.text.replace(answer.headers["x-trace-id"], "<trace>")
    for name, value in asdict(place).items():
        if len(value) > len("AM"):
            text = text.replace(value, f"<{name}>")
    headers = {
        name: value for name, value in answer.headers.items() if name not in _ALWAYS_DIFFERENT
    }
    return answer.status_code, headers, text
