"""Which of a pupil's places at the school a line is, and what stands there after it."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import date
from typing import Final
from uuid import UUID

from attendance_contracts.faults import Fault
from register_service.imports.domain.known import Load, Place
from register_service.imports.domain.lines import RollLine
from register_service.roll.domain import Enrolment, Sent

KEPT_AS_CHANGED_HERE: Final = (
    "Kept as it was changed here since; it follows the source again once the source sends another "
    "value than until now."
)
LATER_START: Final = (
    "The starting day is now a later one; marks from before stay in the register and count nowhere."
)


def place_meant(
    line: RollLine, places: Collection[Place], days_of_other_lines: Collection[date]
) -> Place | None:
    """Return the place that a line speaks of, or None where it is a new one.

    It is the one with the line's starting day. Else the starting day is corrected: of the one place
    that shares days with the line and that no other line of the load names.
    """
    for place in places:
        if place.enrolment.starts_on == line.starts_on:
            return place
    sharing = [
        place
        for place in places
        if place.enrolment.starts_on not in days_of_other_lines
        and place.enrolment.starts_on <= (line.ends_on or date.max)
        and line.starts_on <= (place.enrolment.ends_on or date.max)
    ]
    return sharing[0] if len(sharing) == 1 else None


def enrolment_after(
    line: RollLine, before: Place | None, load: Load, *, child_id: UUID
) -> Enrolment:
    """Return the enrolment that a line makes of a place, or of no place yet."""
    if before is None:
        return Enrolment(
            id=next(load.enrolment_ids),
            child_id=child_id,
            school_id=load.school_id,
            starts_on=line.starts_on,
            ends_on=line.ends_on,
            year_group=line.year_group,
            class_code=line.class_code,
            status=line.status,
            version=1,
        )
    followed = set(Sent._fields) - kept_here(line, before)
    news = {name: getattr(line, name) for name in followed}
    enrolment = replace(before.enrolment, starts_on=line.starts_on, status=line.status, **news)
    if enrolment == before.enrolment:
        return enrolment
    return replace(enrolment, version=enrolment.version + 1)


def sent_after(line: RollLine, before: Place | None) -> Sent | None:
    """Return what the source has sent last of a place that the office has changed."""
    if before is None or before.sent is None:
        return None
    return Sent(line.year_group, line.class_code, line.ends_on)


def kept_here(line: RollLine, before: Place) -> set[str]:
    """Return the fields in which the office's change stands: the source says nothing new there."""
    if before.sent is None:
        return set()
    return {name for name in Sent._fields if getattr(line, name) == getattr(before.sent, name)}


def place_warnings(line: RollLine, before: Place | None) -> Iterator[Fault]:
    """Point at what of a line does not stand, and at what a moved starting day leaves out."""
    if before is None:
        return
    for name in sorted(kept_here(line, before)):
        if getattr(line, name) != getattr(before.enrolment, name):
            yield Fault(KEPT_AS_CHANGED_HERE, f"#/{name}")
    if line.starts_on > before.enrolment.starts_on:
        yield Fault(LATER_START, "#/starts_on")
