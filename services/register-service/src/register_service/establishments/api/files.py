"""The file of the register of schools (`edubasealldata`, CSV), read into the list's own words.

It comes as Windows-1252 or as UTF-8, with or without a byte order mark, and with some hundred more
columns than are read here.
"""

import csv
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from io import StringIO
from typing import Any, Final

from attendance_runtime.errors import Fault, Invalid
from register_service.establishments.domain import (
    Establishment,
    Phase,
    Status,
    check_establishment,
)
from register_service.lines.api import Body, Faults

COLUMNS: Final[Mapping[str, str]] = {
    "urn": "URN",
    "authority_code": "LA (code)",
    "number": "EstablishmentNumber",
    "name": "EstablishmentName",
    "kind": "TypeOfEstablishment (name)",
    "phase": "PhaseOfEducation (name)",
    "status": "EstablishmentStatus (name)",
    "opened_on": "OpenDate",
    "closed_on": "CloseDate",
}
"""The file's column for each field of an establishment."""

_STATUSES: Final = {
    "Open": Status.OPEN,
    "Open, but proposed to close": Status.PROPOSED_TO_CLOSE,
    "Closed": Status.CLOSED,
    "Proposed to open": Status.PROPOSED_TO_OPEN,
}
_PHASES: Final[Mapping[str, Phase]] = {
    "Nursery": "nursery",
    "Primary": "primary",
    "Middle deemed primary": "middle",
    "Middle deemed secondary": "middle",
    "Secondary": "secondary",
    "All-through": "all-through",
    "16 plus": "sixth-form",
}
_CUT_SHORT: Final = "This line has other columns than the heading."
_KIND_COLUMN: Final = "TypeOfEstablishment (name)"


def read_file(raw: bytes) -> Body[Establishment]:
    """Return the file's lines by number, the heading being 1, with the faults of those not read.

    Faults point at columns by their names. Raises `Invalid` for what is no such file at all.
    """
    lines: dict[int, Establishment] = {}
    unreadable: dict[int, Faults] = {}
    for number, row in _rows(_text_of(raw)):
        found = (Fault(_CUT_SHORT, "#"),) if row is None else _read(row)
        if isinstance(found, Establishment):
            lines[number] = found
        else:
            unreadable[number] = found
    return Body(lines, unreadable, ndjson=True, columns=COLUMNS)


def phase_of(phase: str, kind: str) -> Phase | None:
    """Return our phase for the file's; special schools and pupil referral units go by their type.

    None for "Not applicable", and for a phase new to us: it keeps no school out.
    """
    if "special" in kind.casefold():
        return "special"
    if kind == "Pupil referral unit" or "alternative provision" in kind.casefold():
        return "alternative-provision"
    return _PHASES.get(phase)


def _text_of(raw: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:  # UTF-16 is full of them, and PostgreSQL keeps none
            return text
    raise _not_the_file("The file is neither UTF-8 nor Windows-1252.")


def _rows(text: str) -> Iterator[tuple[int, Mapping[str, str] | None]]:
    """Yield each row with the line it begins on; None for one that does not fit the heading."""
    reader = csv.reader(StringIO(text, newline=""))
    try:
        heading = [name.strip() for name in next(reader, [])]
        if absent := [column for column in COLUMNS.values() if column not in heading]:
            raise _not_the_file(f"The file has no column {', '.join(absent)}.")
        begins = reader.line_num + 1
        for row in reader:
            if row:
                fits = len(row) == len(heading)
                yield begins, dict(zip(heading, row, strict=True)) if fits else None
            begins = reader.line_num + 1
    except csv.Error:
        raise _not_the_file(f"Line {reader.line_num} cannot be read as CSV.") from None


def _not_the_file(detail: str) -> Invalid:
    wanted = "Send the register of schools as CSV: edubasealldata, or these columns of it: "
    return Invalid(wanted + ", ".join(COLUMNS.values()) + ".", [Fault(detail, "#")])


def _read(row: Mapping[str, str]) -> Establishment | Faults:
    values: dict[str, Any] = {}
    faults: list[Fault] = []
    for field, column in COLUMNS.items():
        try:
            values[field] = _READERS.get(field, str)(row[column].strip())
        except ValueError as error:
            faults.append(Fault(str(error), f"#/{column}"))
    if faults:
        return tuple(faults)
    values["phase"] = phase_of(values["phase"], row[_KIND_COLUMN].strip())
    found = Establishment(**values)
    wrong = check_establishment(found)
    if not wrong:
        return found
    columns = (COLUMNS[fault.pointer.removeprefix("#/")] for fault in wrong)
    return tuple(
        Fault(fault.detail, f"#/{column}") for fault, column in zip(wrong, columns, strict=True)
    )


def _status(text: str) -> Status:
    try:
        return _STATUSES[text]
    except KeyError:
        raise ValueError(f"A status is one of: {'; '.join(_STATUSES)}.") from None


def _day(text: str) -> date | None:
    """Read a day as the file writes it, or as a spreadsheet that saved it again."""
    if not text:
        return None
    try:
        day, month, year = text.replace("/", "-").split("-")
        return date.fromisoformat(f"{year}-{month}-{day}")
    except ValueError:
        raise ValueError("Write a day as dd-mm-yyyy.") from None


def _or_none(text: str) -> str | None:
    return text or None


_READERS: Final[Mapping[str, Callable[[str], object]]] = {
    "number": _or_none,
    "kind": _or_none,
    "status": _status,
    "opened_on": _day,
    "closed_on": _day,
}
