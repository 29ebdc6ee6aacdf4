"""How an event is declared, and the registry of all that are."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Final, TypeAlias, TypeVar, dataclass_transform
from uuid import UUID

from attendance_contracts.topics import Topic

E = TypeVar("E")
EventClass: TypeAlias = type[object]


@dataclass(frozen=True, slots=True)
class EventType:
    """How one event class travels: its CloudEvents type, topic, and field that gives the partition.

    `compaction` is the format of the Kafka record key, with the event as its only argument.
    """

    type: str
    cls: EventClass
    topic: Topic
    key: str
    compaction: str


EVENTS: Final[dict[str, EventType]] = {}
"""Event types by their CloudEvents type."""

TYPE_OF: Final[dict[EventClass, EventType]] = {}
"""Event types by their class."""


@dataclass_transform(kw_only_default=True, frozen_default=True)
def event(
    type_: str, *, topic: Topic, key: str, compaction: str | None = None
) -> Callable[[type[E]], type[E]]:
    """Make a class a frozen, slotted, keyword-only dataclass and enter it in the registry."""

    def declare(cls: type[E]) -> type[E]:
        declared = dataclass(frozen=True, slots=True, kw_only=True)(cls)
        entry = EventType(type_, declared, topic, key, compaction or f"{{0.{key}}}")
        EVENTS[type_] = TYPE_OF[declared] = entry
        return declared

    return declare


def partition_key(event: object) -> UUID:
    """The id whose events keep their order; the partition comes from it and nothing else."""
    key: UUID = getattr(event, TYPE_OF[type(event)].key)
    return key


def single_rows(event: E) -> list[E]:
    """Cut a columnar event into its rows, so that one that cannot be applied keeps no other out.

    Every tuple among its fields is a column.
    """
    columns = {
        field.name: column
        for field in fields(event)  # type: ignore[arg-type] # each event is a dataclass
        if isinstance(column := getattr(event, field.name), tuple)
    }
    rows = zip(*columns.values(), strict=True)
    return [
        replace(event, **{name: (value,) for name, value in zip(columns, row, strict=True)})  # type: ignore[type-var]
        for row in rows
    ]


def compaction_key(event: object) -> str:
    """The Kafka record key: on a compacted topic an event replaces only its own predecessor."""
    return TYPE_OF[type(event)].compaction.format(event)
