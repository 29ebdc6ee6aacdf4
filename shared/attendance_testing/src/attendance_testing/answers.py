"""What tests read off an answer."""

from typing import Any

import httpx


def next_page(answer: httpx.Response) -> str | None:
    """Return the address of the next page, as an answer's `Link` header says; None on the last."""
    link = answer.links.get("next")
    return str(answer.url.join(link["url"])) if link else None


def without_trace(answer: httpx.Response) -> dict[str, Any]:
    """Return a problem document less the one member in which two requests always differ."""
    return {name: value for name, value in answer.json().items() if name != "trace_id"}
