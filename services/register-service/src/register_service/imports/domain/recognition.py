"""Whom a line speaks of: a pupil of the school, whatever its UPN was until now, or a newcomer.

A pupil goes by its UPN. That is replaced when the permanent one becomes known (*Unique pupil
numbers: a guide for schools*) or a mistyped one is found out; the line then says a UPN that the
school has not said before. It speaks of the pupil who has the line's MIS id, or who had the UPN
that it names as a former one, where name and date of birth say that this is the same person.

Only the school's own pupils are looked at: nobody becomes another school's child by a UPN.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from attendance_contracts.identifiers import is_temporary_upn
from register_service.imports.domain.known import Known, Place
from register_service.imports.domain.lines import RollLine
from register_service.roll.domain import compared


@dataclass(kw_only=True)
class Roster:
    """The pupils of a school by all that they go by, each with the newest of its places."""

    pupils: dict[UUID, Place] = field(default_factory=dict)
    by_upn: dict[str, UUID] = field(default_factory=dict)
    by_former_upn: dict[str, list[UUID]] = field(default_factory=lambda: defaultdict(list))
    by_mis_id: dict[str, list[UUID]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, known: Known) -> "Roster":
        """Write down who goes by what."""
        roster = cls()
        for place in sorted(known.here, key=lambda place: place.enrolment.starts_on):
            child = place.child_id
            roster.pupils[child] = place
            roster.by_upn[place.upn] = child
            for upn in place.former_upns:
                roster.by_former_upn[upn].append(child)
            if place.mis_id is not None:
                roster.by_mis_id[place.mis_id].append(child)
        return roster

    def has_said(self, upn: str) -> bool:
        """Whether the school has called one of its pupils by this UPN, now or before."""
        return upn in self.by_upn or upn in self.by_former_upn


def recognise(lines: Mapping[int, RollLine], roster: Roster) -> dict[int, UUID]:
    """Return the pupil that each line speaks of; a line that is left out brings a newcomer.

    The UPN says so where name and date of birth agree, and else what the pupil goes by besides.
    Where nothing else does, the UPN's pupil has other names from now on.
    """
    found = {
        number: child
        for number, line in lines.items()
        if (child := roster.by_upn.get(line.upn)) and is_same_person(line, roster.pupils[child])
    }
    # Whoever takes another MIS id in this load gives its own one up.
    goes_by = {child: lines[number].mis_id for number, child in found.items()}
    for number, line in lines.items():
        if number not in found:
            for child in _candidates(line, roster, goes_by):
                if is_same_person(line, roster.pupils[child]):
                    found[number] = child
                    break
    # Whoever got another UPN in this load leaves the old one to another child.
    said = set(found.values())
    renamed = {
        number: child
        for number, line in lines.items()
        if number not in found and (child := roster.by_upn.get(line.upn)) and child not in said
    }
    return found | renamed


def _candidates(
    line: RollLine, roster: Roster, goes_by: Mapping[UUID, str | None]
) -> Iterator[UUID]:
    yield from roster.by_former_upn.get(line.upn, ())
    if line.former_upn is not None:
        if line.former_upn in roster.by_upn:
            yield roster.by_upn[line.former_upn]
        yield from roster.by_former_upn.get(line.former_upn, ())
    if line.mis_id is not None:
        for child in roster.by_mis_id.get(line.mis_id, ()):
            if goes_by.get(child) in {None, line.mis_id}:
                yield child


def is_same_person(line: RollLine, place: Place) -> bool:
    """Whether a line with a new UPN is about the pupil of a place: born that day, of that name.

    The forename must agree, since twins share the rest. The surname may be spelled anew where the
    UPN was a temporary one, which is there to be replaced.
    """
    said = place.identity
    return (
        line.date_of_birth == said.date_of_birth
        and compared(line.forename) == compared(said.forename)
        and (is_temporary_upn(place.upn) or compared(line.surname) == compared(said.surname))
    )
