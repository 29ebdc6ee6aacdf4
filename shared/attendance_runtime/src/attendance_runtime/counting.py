"""What tests count in place of time, the same on every machine: statements and instructions."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from sqlalchemy import event

from attendance_runtime.database import Database


@contextmanager
def statements_of(database: Database) -> Iterator[list[str]]:
    """Collect the statements that a block sends, each commit as `COMMIT`.

    PostgreSQL's driver sends a `BEGIN` with each transaction's first statement; it is not counted.
    """
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    def note_commit(_connection: object) -> None:
        sent.append("COMMIT")

    engine = database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    event.listen(engine, "commit", note_commit)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)
        event.remove(engine, "commit", note_commit)


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
