"""What a load makes of a school's roll: line by line created, changed, unchanged or refused."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from attendance_contracts.faults import Fault
from register_service.imports.domain.entries import Entry, entry_of
from register_service.imports.domain.known import Known, Load
from register_service.imports.domain.lines import (
    PLACES_AT_MOST,
    TOO_MANY_PLACES,
    Checked,
    RollLine,
)
from register_service.imports.domain.mis_ids import settle
from register_service.imports.domain.pupil import Draft, Pupil
from register_service.imports.domain.recognition import Roster, recognise
from register_service.lines.domain import State
from register_service.links.domain import Proposal, child_meant, proposals
from register_service.roll.domain import Facts


def plan_roll(checked: Mapping[int, Checked], known: Known, load: Load) -> list[Entry]:
    """Decide every line of a load.

    Lines are taken by starting day, so that one may end an enrolment and another begin the next;
    in that order they come back, the newest word on a child last.
    """
    by_start = sorted(checked, key=lambda number: (checked[number].line.starts_on, number))
    good = {number: checked[number] for number in by_start if not checked[number].faults}
    plan = _Plan(known=known, load=load)
    entries = {entry.number: entry for entry in plan.enter(good)}
    return [
        entries[number] if number in entries else _refused(number, checked[number])
        for number in by_start
    ]


def _refused(number: int, checked: Checked) -> Entry:
    return Entry(number=number, state=State.REFUSED, upn=checked.line.upn, faults=checked.faults)


def _too_many(checked: Checked) -> Checked:
    return replace(checked, faults=(Fault(TOO_MANY_PLACES, "#/upn"),))


@dataclass(kw_only=True)
class _Plan:
    """A load's lines by the pupil that they speak of, newcomers among them."""

    known: Known
    load: Load
    roster: Roster = field(init=False)
    pupils: dict[UUID, Pupil] = field(init=False, default_factory=dict)
    newcomers: dict[str, UUID] = field(init=False, default_factory=dict)
    linked: set[UUID] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        self.roster = Roster.of(self.known)
        for place in self.known.here:
            pupil = self.pupils.setdefault(place.child_id, Pupil(child_id=place.child_id))
            pupil.standing[place.enrolment.id] = place

    def enter(self, checked: Mapping[int, Checked]) -> Iterator[Entry]:
        """Decide every line beside the others of its pupil, then all of them beside each other."""
        drafts: list[Draft] = []
        for child, lines in self._by_pupil(checked).items():
            if len(lines) > PLACES_AT_MOST:
                yield from (_refused(number, _too_many(one)) for number, one in lines)
            else:
                pupil = self.pupils.setdefault(child, Pupil(child_id=child))
                drafts += pupil.plan(lines, self.load)
        settled = settle(drafts, self.known.here, today=self.load.today)
        described: set[UUID] = set()
        for draft in settled:
            entry = entry_of(draft)
            if draft.faults or draft.child_id in described:
                yield entry
            else:
                described.add(draft.child_id)
                yield self._linked(entry, draft)

    def _by_pupil(self, checked: Mapping[int, Checked]) -> dict[UUID, list[tuple[int, Checked]]]:
        meant = recognise({number: one.line for number, one in checked.items()}, self.roster)
        by_pupil: dict[UUID, list[tuple[int, Checked]]] = {}
        for number, one in checked.items():
            child = meant.get(number) or self._newcomer(one.line)
            by_pupil.setdefault(child, []).append((number, one))
        return by_pupil

    def _newcomer(self, line: RollLine) -> UUID:
        """Return the child of a UPN that no pupil goes by: another school's, or a new one.

        Two pupils of one school are two children, and a UPN that this school has said of another
        pupil before links nobody.
        """
        if line.upn not in self.newcomers:
            facts = Facts.of(line.date_of_birth, line.surname)
            meant = child_meant(facts, self.known.first_words.get(line.upn, ()))
            if meant is None or meant in self.linked or self.roster.has_said(line.upn):
                meant = next(self.load.child_ids)
            else:
                self.linked.add(meant)
            self.newcomers[line.upn] = meant
        return self.newcomers[line.upn]

    def _linked(self, entry: Entry, draft: Draft) -> Entry:
        """Say what a pupil's first good line is beside other schools' words of its UPN.

        A pupil that goes by another UPN than before stays who it was; a person is asked.
        """
        newcomer = draft.child_id not in self.roster.pupils
        first_words = not self.roster.has_said(draft.after.upn)
        linked = draft.child_id in self.linked
        asked = () if linked or not (newcomer or first_words) else self._asked(draft)
        return replace(
            entry,
            new_child=newcomer and not linked,
            first_words=newcomer and first_words,
            proposals=asked,
        )

    def _asked(self, draft: Draft) -> tuple[Proposal, ...]:
        """Ask of each child who goes, or went, by one of the line's UPNs at another school."""
        upns = {draft.after.upn, draft.line.former_upn or draft.after.upn}
        elsewhere = [
            one
            for upn in sorted(upns)
            for one in self.known.elsewhere.get(upn, ())
            if one.enrolment.child_id != draft.child_id
        ]
        said = draft.after.identity.facts
        return tuple(proposals(draft.after.enrolment.id, said, elsewhere))
