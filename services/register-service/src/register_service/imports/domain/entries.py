"""What becomes of each line of a load, and what must be written for it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import TypeVar
from uuid import UUID

from attendance_contracts.faults import Fault
from register_service.contacts.domain import Contact, newly_reached
from register_service.imports.domain import identity as identities
from register_service.imports.domain.lines import TOO_MANY_PLACES, TWO_IDENTITIES
from register_service.imports.domain.pupil import Draft, Names
from register_service.lines.domain import State
from register_service.links.domain import Proposal
from register_service.roll.domain import Enrolment, Identity, Sent

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What becomes of one line.

    `enrolment`, `identity`, `names`, `mis_id`, `contacts` and `sent` stand here where they must be
    written: new, or other than before.

    Attributes:
        new_child: whether the line brings a child that no record is kept of.
        first_words: whether it is the school's first word of its UPN.
        reason: why a confidential flag is lifted.
        released: enrolments of others that go by the line's MIS id no more.
        proposals: the links that a person must confirm or refuse.
        facts_changed: whether the school has said another date of birth or surname until now.
        newly_reached: whether somebody may be told of a child on roll who could not be before.
    """

    number: int
    state: State
    upn: str
    enrolment_id: UUID | None = None
    child_id: UUID | None = None
    new_child: bool = False
    first_words: bool = False
    enrolment: Enrolment | None = None
    identity: Identity | None = None
    reason: str | None = None
    names: Names | None = None
    mis_id: str | None = None
    released: tuple[UUID, ...] = ()
    contacts: tuple[Contact, ...] | None = None
    sent: Sent | None = None
    proposals: tuple[Proposal, ...] = ()
    facts_changed: bool = False
    newly_reached: bool = False
    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()


def entry_of(draft: Draft) -> Entry:
    """Say what a draft writes, and so what its line has done."""
    before, after = draft.before, draft.after
    if draft.faults:
        return Entry(
            number=draft.number, state=State.REFUSED, upn=draft.line.upn, faults=draft.faults
        )
    kept = None if before is None else before.identity
    entry = Entry(
        number=draft.number,
        state=State.CREATED if before is None else State.UNCHANGED,
        upn=after.upn,
        enrolment_id=after.enrolment.id,
        child_id=after.child_id,
        enrolment=_if_new(after.enrolment, before.enrolment if before else None),
        identity=_if_new(after.identity, kept),
        reason=draft.line.confidential_address_reason if _lifts(after.identity, kept) else None,
        names=draft.names,
        mis_id=_if_new(after.mis_id, before.mis_id if before else None),
        released=draft.released,
        contacts=_if_new(after.contacts, before.contacts if before else ()),
        sent=_if_new(after.sent, before.sent if before else None),
        facts_changed=_says_other_facts(draft),
        warnings=draft.warnings,
    )
    writes = (entry.enrolment, entry.identity, entry.names, entry.mis_id, entry.contacts)
    if before is not None and any(part is not None for part in writes):
        reached = newly_reached(before.contacts, after.contacts)
        return replace(entry, state=State.CHANGED, newly_reached=reached)
    return entry


def _if_new(said: T | None, known: T | None) -> T | None:
    return None if said == known else said


def _lifts(identity: Identity, kept: Identity | None) -> bool:
    return kept is not None and kept.confidential_address and not identity.confidential_address


def _says_other_facts(draft: Draft) -> bool:
    said = draft.said_before
    return said is not None and said.facts != draft.after.identity.facts


def contacts_of(entries: Sequence[Entry]) -> dict[UUID, tuple[Contact, ...]]:
    """Return the contacts to be written, by enrolment."""
    return {
        entry.enrolment_id: entry.contacts
        for entry in entries
        if entry.enrolment_id is not None and entry.contacts is not None
    }


def facts_changed(entries: Sequence[Entry]) -> list[UUID]:
    """Return the children of whom the school says another date of birth or surname now."""
    return [entry.child_id for entry in entries if entry.facts_changed and entry.child_id]


def enrolments_newly_reached(entries: Sequence[Entry]) -> list[UUID]:
    """Return the enrolments known before of which somebody may be told now who could not be."""
    return [entry.enrolment_id for entry in entries if entry.newly_reached and entry.enrolment_id]


def upns_of(entries: Sequence[Entry]) -> set[str]:
    """Return the UPNs of all of whom something is said anew, the former ones too."""
    said = {entry.upn for entry in entries if entry.enrolment or entry.identity}
    names = [entry.names for entry in entries if entry.names]
    return said.union(chain.from_iterable((one.upn, *one.former_upns) for one in names))


def guesses_refused(entries: Sequence[Entry]) -> Mapping[str, int]:
    """Count the lines refused for facts that look tried out: within this request, or a day."""
    kinds = {
        TWO_IDENTITIES: "request",
        TOO_MANY_PLACES: "request",
        identities.TOO_OFTEN: "day",
    }
    return Counter(
        next(kinds[fault.detail] for fault in entry.faults if fault.detail in kinds)
        for entry in entries
        if any(fault.detail in kinds for fault in entry.faults)
    )
