"""What the lines about one pupil make of its places at the school."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final
from uuid import UUID

from attendance_contracts.faults import Fault
from attendance_contracts.identifiers import is_temporary_upn
from register_service.contacts.domain import Contact
from register_service.imports.domain import identity as identities
from register_service.imports.domain.known import Load, Place
from register_service.imports.domain.lines import Checked, RollLine
from register_service.imports.domain.places import (
    enrolment_after,
    place_meant,
    place_warnings,
    sent_after,
)
from register_service.roll.domain import Identity, check_place

PERMANENT_UPN_STAYS: Final = (
    "This pupil has a permanent UPN, which stays; registers find the pupil by both."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The UPN by which some places of one pupil are known, and those by which they were."""

    upn: str
    former_upns: frozenset[str]
    enrolments: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A line, and the place that it speaks of: as it was, and as it will be.

    Attributes:
        before: None where the place is new.
        said_before: the school's word on the child until now, on this place or on another one.
        names: which places go by which UPNs now; None where that is as it was.
        released: enrolments of others that go by the line's MIS id no more.
    """

    number: int
    line: RollLine
    before: Place | None
    after: Place
    said_before: Identity | None
    names: Names | None = None
    released: tuple[UUID, ...] = ()
    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()

    @property
    def child_id(self) -> UUID:
        """The child whom the line speaks of."""
        return self.after.child_id


@dataclass(kw_only=True)
class Pupil:
    """A child of the school while the lines about it are entered, in order of starting days.

    Attributes:
        standing: its places as they will be, by enrolment, none for a newcomer.
        entered: the enrolments that a line has spoken of.
    """

    child_id: UUID
    standing: dict[UUID, Place] = field(default_factory=dict)
    entered: set[UUID] = field(default_factory=set)

    def plan(self, lines: Sequence[tuple[int, Checked]], load: Load) -> list[Draft]:
        """Decide each line: one may end a place, and another begin the next.

        A line that is refused changes nothing for those after it.
        """
        known = next(iter(self.standing.values()), None)
        drafts = []
        for number, checked in lines:
            other_days = {other.line.starts_on for at, other in lines if at != number}
            before = place_meant(checked.line, self.standing.values(), other_days)
            draft = self._drafted(number, checked, before, load)
            if not draft.faults:
                self.standing[draft.after.enrolment.id] = draft.after
                self.entered.add(draft.after.enrolment.id)
            drafts.append(draft)
        return self._named(drafts, known)

    def _drafted(self, number: int, checked: Checked, before: Place | None, load: Load) -> Draft:
        line = checked.line
        enrolment = enrolment_after(line, before, load, child_id=self.child_id)
        said_before = self._said_before(before)
        kept = None if before is None else before.identity
        sender = load.organisation
        after = Place(
            enrolment=enrolment,
            identity=identities.said_by(line, kept, said_before, organisation=sender),
            upn=line.upn,
            mis_id=line.mis_id or (None if before is None else before.mis_id),
            contacts=_contacts_after(line, before),
            sent=sent_after(line, before),
        )
        flags = identities.flag_warnings(line, kept, said_before, organisation=sender)
        return Draft(
            number=number,
            line=line,
            before=before,
            after=after,
            said_before=said_before,
            faults=tuple(self._faults(line, after)),
            warnings=(*checked.warnings, *flags, *place_warnings(line, before)),
        )

    def _said_before(self, before: Place | None) -> Identity | None:
        """Return the school's word on the child: on this place, or else on the newest one."""
        if before is None and self.standing:
            before = max(self.standing.values(), key=lambda place: place.enrolment.starts_on)
        return None if before is None else before.identity

    def _faults(self, line: RollLine, after: Place) -> Iterator[Fault]:
        places = self.standing.values()
        yield from check_place(after.enrolment, [place.enrolment for place in places])
        if after.enrolment.id in self.entered:
            yield Fault("An earlier line of this request names the same enrolment.", "#/starts_on")
        lately = {facts for place in places for facts in place.lately}
        yield from identities.changes_too_often(line, [one.identity for one in places], lately)

    def _named(self, drafts: Sequence[Draft], known: Place | None) -> list[Draft]:
        """Say in every accepted line by which UPNs its pupil goes after all of them."""
        said = [draft.line.upn for draft in drafts if not draft.faults]
        if not said:
            return list(drafts)
        upns = upns_after(said, known)
        renamed = known is None or (known.upn, known.former_upns) != upns
        everywhere = tuple(self.standing) if renamed else ()
        return [draft if draft.faults else _called(draft, upns, everywhere) for draft in drafts]


def _called(draft: Draft, upns: tuple[str, frozenset[str]], everywhere: tuple[UUID, ...]) -> Draft:
    """Return a draft of a pupil who goes by these UPNs, at all these places if they are news."""
    upn, former_upns = upns
    places = everywhere or ((draft.after.enrolment.id,) if draft.before is None else ())
    names = Names(upn=upn, former_upns=former_upns, enrolments=places)
    return replace(
        draft,
        after=replace(draft.after, upn=upn, former_upns=former_upns),
        names=names if places else None,
        warnings=(*draft.warnings, *_upn_warnings(draft.line, upn)),
    )


def upns_after(said: Sequence[str], known: Place | None) -> tuple[str, frozenset[str]]:
    """Return the UPN that a pupil goes by once lines have said these, and all its former ones.

    The last one said holds, except that a temporary one never takes a permanent one's place.
    """
    before = {known.upn, *known.former_upns} if known else set()
    upn = said[-1]
    if known and is_temporary_upn(upn) and not is_temporary_upn(known.upn):
        upn = known.upn
    return upn, frozenset(before.union(said) - {upn})


def _upn_warnings(line: RollLine, upn: str) -> Iterator[Fault]:
    if is_temporary_upn(line.upn) and not is_temporary_upn(upn):
        yield Fault(PERMANENT_UPN_STAYS, "#/upn")


def _contacts_after(line: RollLine, before: Place | None) -> tuple[Contact, ...]:
    if line.contacts is not None:
        return line.contacts
    return () if before is None else before.contacts
