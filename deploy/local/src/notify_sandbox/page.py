"""The pages that show the messages as the people who got them would read them."""

from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from notify_sandbox.messages import Message
from notify_sandbox.recipients import normalised
from notify_sandbox.request_parts import TheSandbox

CONVERSATIONS_A_PAGE = 50
MESSAGES_A_PAGE = 50
REFRESH_SECONDS = 5

_LONDON = ZoneInfo("Europe/London")
_pages = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("pages")),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

Refresh = Literal["yes", "no"]
PageNumber = Annotated[int, Query(ge=1, le=1_000_000)]


@router.get("/")
async def show_inbox(
    sandbox: TheSandbox, page: PageNumber = 1, refresh: Refresh = "no", find: str = ""
) -> str:
    """Everybody who was written to, the most recently written-to first."""
    store = sandbox.store
    if find:
        wanted = normalised(find)
        messages = store.to_recipient(wanted)
        conversations, pages = ([(wanted, messages)] if messages else []), 1
    else:
        start = (page - 1) * CONVERSATIONS_A_PAGE
        conversations = store.conversations(start, CONVERSATIONS_A_PAGE)
        pages = -(-store.recipients // CONVERSATIONS_A_PAGE) or 1
    return _pages.get_template("inbox.html").render(
        conversations=[(who, messages[-1], len(messages)) for who, messages in conversations],
        counts=store.counts("status"),
        total=len(store),
        recipients=store.recipients,
        find=find,
        **_frame("/", page, pages, refresh=refresh == "yes"),
    )


@router.get("/conversations/{recipient}")
async def show_conversation(
    recipient: str, sandbox: TheSandbox, page: PageNumber = 1, refresh: Refresh = "no"
) -> HTMLResponse:
    """One person's messages, newest first."""
    messages = sandbox.store.to_recipient(recipient)
    end = len(messages) - (page - 1) * MESSAGES_A_PAGE
    pages = -(-len(messages) // MESSAGES_A_PAGE) or 1
    text = _pages.get_template("conversation.html").render(
        recipient=recipient,
        total=len(messages),
        messages=messages[max(end - MESSAGES_A_PAGE, 0) : max(end, 0)][::-1],
        **_frame(f"/conversations/{recipient}", page, pages, refresh=refresh == "yes"),
    )
    return HTMLResponse(text, 200 if messages else 404)


def _frame(path: str, page: int, pages: int, *, refresh: bool) -> dict[str, object]:
    def link(page: int, *, refresh: bool = refresh) -> str:
        query = {"page": page} if page > 1 else {}
        return f"{path}?{urlencode(query | ({'refresh': 'yes'} if refresh else {}))}".rstrip("?")

    return {
        "here": link(page),
        "newer": link(page - 1) if page > 1 else None,
        "older": link(page + 1) if page < pages else None,
        "page": page,
        "pages": pages,
        "refresh_seconds": REFRESH_SECONDS if refresh else None,
        "refreshing": link(page, refresh=True),
        "resting": link(page, refresh=False),
    }


def _clock_time(moment: float) -> str:
    return datetime.fromtimestamp(moment, _LONDON).strftime("%H:%M")


def _date(moment: float) -> str:
    when = datetime.fromtimestamp(moment, _LONDON)
    return f"{when:%A} {when.day} {when:%B %Y}"


def _readable(recipient: str) -> str:
    """A UK mobile as people write it, 07700 900123; anything else as it is."""
    if recipient.startswith("447") and recipient.isdigit():
        return f"0{recipient[2:6]} {recipient[6:]}"
    return recipient


def _by_day(messages: list[Message]) -> list[tuple[str, list[Message]]]:
    days = groupby(messages, lambda message: _date(message.created_at))
    return [(day, list(sent)) for day, sent in days]


_pages.filters |= {"clock_time": _clock_time, "groupby_day": _by_day, "readable": _readable}
