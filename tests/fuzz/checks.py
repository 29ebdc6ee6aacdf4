"""What every answer must be, whatever was asked: no server error, and a document we promise.

503 is the one answer above 499 that is promised; it says when to come back.
"""

import json
from collections.abc import Iterator
from typing import Any, Protocol

PROBLEM = "application/problem+json"
_SHORTEST_TOLD_APART = 8


class Answer(Protocol):
    """The parts of an answer that are looked at, whoever fetched it."""

    status_code: int

    @property
    def text(self) -> str:
        """The body."""

    @property
    def headers(self) -> Any:
        """The headers, by name."""


def faults_of(answer: Answer, content_type: str) -> Iterator[str]:
    """Yield what is wrong with an answer, in words."""
    status = answer.status_code
    if status < 400:
        return
    if status >= 500 and (status != 503 or "retry-after" not in answer.headers):
        yield f"a server error, {status}"
    if content_type != PROBLEM:
        yield f"{status} as {content_type}: {answer.text[:200]}"
        return
    document = json.loads(answer.text)
    if document.get("status") != status or not {"type", "title"} <= set(document):
        yield f"no problem document: {answer.text[:200]}"
    for fault in document.get("errors", ()):
        if not isinstance(fault.get("detail"), str) or not isinstance(fault.get("pointer"), str):
            yield f"a fault without detail or pointer: {fault}"


def repeats(answer: Answer, value: str) -> bool:
    """Tell whether a refusal says back a value that was sent: it may have been about a person."""
    if answer.status_code < 400 or len(value.strip()) < _SHORTEST_TOLD_APART:
        return False
    return value in "\n".join(_strings(json.loads(answer.text)))


def _strings(document: Any) -> Iterator[str]:
    if isinstance(document, str):
        yield document
    elif isinstance(document, dict | list):
        for value in document.values() if isinstance(document, dict) else document:
            yield from _strings(value)
