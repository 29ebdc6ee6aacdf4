"""Which children have a social worker, who that is, and which authority answers for them.

Only the responsible authority says so, never a school's file: it may be another authority than the
school's. Kept are kinds, dates and people; reasons and plans are not ours to know.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from attendance_contracts.events import CareChanged, CareStatus
from attendance_contracts.faults import Fault
from attendance_contracts.identifiers import is_upn
from register_service.states import State, state_of

Kind = Literal["CIN", "CP", "LAC", "EARLY_HELP"]
"""Child in need, child protection plan, looked-after child, early help."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CareLine:
    """One status of one child, who is named by UPN or by our id.

    Kind, authority and first day are its natural key; `worker` and `team` are opaque ids.
    """

    kind: Kind
    authority_code: str
    valid_from: date
    valid_to: date | None = None
    worker: str | None = None
    team: str | None = None
    upn: str | None = None
    child_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What becomes of one line; `status` stands here where it must be written."""

    line: int
    state: State
    child_id: UUID | None = None
    status: CareStatus | None = None
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The children whom lines name, as far as the register knows them, and their statuses."""

    by_upn: Mapping[str, UUID]
    statuses: Mapping[UUID, Sequence[CareStatus]]
    """By child; a child without any has an empty sequence."""


def decide_lines(lines: Mapping[int, CareLine], known: Known, *, organisation: str) -> list[Entry]:
    """Decide each line in order: created, changed, unchanged, or refused with its faults."""
    kept = {
        (child_id, *_key(status)): status
        for child_id, statuses in known.statuses.items()
        for status in statuses
    }
    entries = []
    for number, line in lines.items():
        child_id = _child_named(line, known)
        faults = check_line(line, organisation=organisation)
        if not faults and child_id is None:
            faults = [Fault("The register knows no such child.", "#")]
        if faults or child_id is None:
            entries.append(Entry(line=number, state=State.REFUSED, faults=tuple(faults)))
            continue
        status = _status(line)
        key = (child_id, *_key(status))
        state = state_of(kept.get(key), status)
        kept[key] = status
        news = None if state is State.UNCHANGED else status
        entries.append(Entry(line=number, state=state, child_id=child_id, status=news))
    return entries


def check_line(line: CareLine, *, organisation: str) -> list[Fault]:
    """Return what is wrong with a line itself, each fault with its pointer."""
    faults = []
    if organisation != f"authority:{line.authority_code}":
        faults.append(Fault("Only the responsible authority says this.", "#/authority_code"))
    if (line.upn is None) == (line.child_id is None):
        faults.append(Fault("Name the child either by `upn` or by `child_id`.", "#"))
    if line.upn is not None and not is_upn(line.upn):
        faults.append(Fault("This is not a UPN; look for a typing error.", "#/upn"))
    if line.valid_to is not None and line.valid_to < line.valid_from:
        faults.append(Fault("A status ends on or after its first day.", "#/valid_to"))
    return faults


def newest(entries: Sequence[Entry]) -> list[Entry]:
    """Return what must be written, the last line's word where several speak of one status."""
    news = {
        (entry.child_id, *_key(entry.status)): entry
        for entry in entries
        if entry.status is not None
    }
    return list(news.values())


def care_changed(child_id: UUID, statuses: Sequence[CareStatus], version: int) -> CareChanged:
    """Tell the other services all that is known of a child's care."""
    return CareChanged(child_id=child_id, statuses=tuple(statuses), version=version)


def _child_named(line: CareLine, known: Known) -> UUID | None:
    if line.upn is not None:
        return known.by_upn.get(line.upn.strip().upper())
    return line.child_id if line.child_id in known.statuses else None


def _key(status: CareStatus) -> tuple[str, str, date]:
    return status.kind, status.authority_code, status.valid_from


def _status(line: CareLine) -> CareStatus:
    return CareStatus(
        kind=line.kind,
        authority_code=line.authority_code,
        worker=line.worker,
        team=line.team,
        valid_from=line.valid_from,
        valid_to=line.valid_to,
    )
