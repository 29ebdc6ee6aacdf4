"""The events in words: `make events` puts them on a page.

What a class cannot say about its fields in a type, `MEANINGS` says in words: one meaning per
field name, for a name means the same in every event that has it. Where it cannot, the entry is
"ClassName.field".
"""

from collections.abc import Iterator
from types import UnionType
from typing import Final, Literal, get_args, get_origin, get_type_hints

from attendance_contracts.events import EventClass

MEANINGS: Final = {
    "am_starts_at": "When the morning session starts, on the school's wall clock.",
    "assigned_to": "The person who has the case, as an opaque subject id.",
    "attendance_lead": "The school's attendance lead, as an opaque subject id.",
    "authority_code": "The local authority's three-digit number.",
    "case_id": "The case.",
    "channel": "How the message went.",
    "child_id": "The child, by an id of the platform's own; never a UPN.",
    "children": "The child of each enrolment, by an id of the platform's own; never a UPN.",
    "class_code": "The registration class.",
    "begins_at": "When the session begins at the school, UTC; marks of before it are planned.",
    "codes": "The code now in force, one for each enrolment; null where a mark was taken back.",
    "contact_codes": "The codes that start first-day contact; N unless the school chose others.",
    "contact_grace_minutes": "Minutes between register closing and first-day contact.",
    "date": "The school day, in England.",
    "decision_id": "The decision that explains the event: rule, window, marks and calendar.",
    "ends_on": "The last day on roll; null while no end is known.",
    "enrolment_id": "The child's place at this school.",
    "enrolments": "The enrolments that it is about; the other columns follow them.",
    "hours_per_day": "Hours of education in a school day, for figures in hours.",
    "kind": "The first message about the day, or the one that corrects it.",
    "CareStatus.kind": "The status, such as looked after, child protection or child in need.",
    "messages": "The messages, each with its enrolment and child in the other columns.",
    "minutes_late": "Minutes late, or null, for each enrolment; null if nobody was late.",
    "mis_supplier": "Who supplies the school's management information system.",
    "name": "The school's name.",
    "outcome": "How the case ended.",
    "phase": "Primary, secondary, special and so on.",
    "pm_starts_at": "When the afternoon session starts, on the school's wall clock.",
    "policy": "The policy's name.",
    "previous": "The code before, or null if new, for each enrolment; null if all are new.",
    "recorded_at": "When the producer recorded the fact, in domain time, UTC.",
    "quiet_from": "When the hours begin in which no family is sent a correction, wall clock.",
    "quiet_until": "When they end, on the following morning.",
    "register_missing_after_minutes": "Minutes from closing until one is missing; null: the grace.",
    "register_open_minutes": "Minutes a register stays open from the start of its session.",
    "rule": "The rule within the policy.",
    "school_id": "The school.",
    "school_year": "The year in which the school year starts: 2026 for 2026/27.",
    "session": "Morning or afternoon.",
    "slots": "Every session of the year: days since 1 September times two, plus one if afternoon.",
    "starts_on": "The first day on roll.",
    "state": "Whether a reason is known; withdrawn if there is no absence, else as the fact says.",
    "status": "The main school of a dual-registered child, or the other; main for any other child.",
    "statuses": "Every status known, past ones included.",
    "team": "The worker's team, as an opaque id.",
    "trust": "The academy trust the school belongs to.",
    "urn": "The school's unique reference number.",
    "valid_from": "The first day of the status.",
    "valid_to": "The last day of the status; null while no end is known.",
    "version": "Grows with each change of the same thing; a lower one is out of date.",
    "worker": "The allocated worker, as an opaque subject id.",
    "year_group": "N1, N2, R, or 1 to 13.",
}

_PLAIN_NAMES: Final = {
    "UUID": "UUID",
    "str": "text",
    "int": "whole number",
    "float": "number",
    "date": "date",
    "time": "local time",
    "datetime": "moment (UTC)",
    "Session": "AM or PM",
    "NoneType": "null",
}


def plain_type(hint: object) -> str:
    """A field's type in words: `tuple[str, ...] | None` is "list of text, or null"."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return " or ".join(f"`{value}`" for value in arguments)
    if origin is tuple:
        item = plain_type(arguments[0])
        return f"list of ({item})" if " or " in item else f"list of {item}"
    if origin is UnionType:
        return " or ".join(plain_type(member) for member in arguments)
    name = getattr(hint, "__name__", str(hint))
    return _PLAIN_NAMES.get(name, name)


def meaning_of(cls: EventClass, field: str) -> str:
    """What the field says, in words; KeyError if nobody has written it yet."""
    return MEANINGS.get(f"{cls.__name__}.{field}") or MEANINGS[field]


def producer_of(cls: EventClass) -> str:
    """The service that tells an event: each has a module of its own among the events."""
    return cls.__module__.rpartition(".")[2]


def field_table(cls: EventClass) -> Iterator[str]:
    """An event's fields as a Markdown table, line by line."""
    yield "| field | type | meaning |"
    yield "|---|---|---|"
    for field, hint in get_type_hints(cls).items():
        yield f"| `{field}` | {plain_type(hint)} | {meaning_of(cls, field)} |"
