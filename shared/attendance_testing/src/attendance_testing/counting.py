"""What tests count in place of time, the same on every machine: statements and instructions."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType
from typing import Any
from unittest.mock import patch

import asyncpg


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect what a block sends to PostgreSQL, `COMMIT` among it; a `BEGIN` is not counted."""
    sent: list[str] = []

    def noting(method: Callable[..., Any]) -> Callable[..., Any]:
        def noted(connection: asyncpg.Connection, sql: str, *given: Any, **named: Any) -> Any:  # noqa: ANN401 - passed on
            if not sql.startswith("BEGIN"):
                sent.append(sql.rstrip(";"))
            return method(connection, sql, *given, **named)

        return noted

    with ExitStack() as stack:
        for name in ("fetch", "execute"):
            method = getattr(asyncpg.Connection, name)
            stack.enter_context(patch.object(asyncpg.Connection, name, noting(method)))
        yield sent


def instructions_of(work: Callable[[], object]) -> int:
    """Count the Python instructions that some work runs; what runs in C is not among them."""
    count = 0

    def trace(frame: FrameType, what: str, _: Any) -> Any:  # noqa: ANN401 - as sys.settrace has it
        nonlocal count
        frame.f_trace_opcodes = True
        count += what == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def instructions_a_piece(
    work: Callable[[int], object], *, few: int = 500, many: int = 1500
) -> float:
    """Count what one more piece costs: fixed costs and whatever is cached after the first stay out.

    Args:
        work: does its work on so many pieces.
        few: pieces of the smaller amount, done twice, the first time to fill caches.
        many: pieces of the larger one.
    """
    work(few)
    smaller = instructions_of(lambda: work(few))
    return (instructions_of(lambda: work(many)) - smaller) / (many - few)
