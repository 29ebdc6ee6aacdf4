"""Nothing was lost and nothing said twice: what families were owed against what they were sent."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from attendance_contracts.calendar import Session, register_closes_at
from attendance_contracts.codes import ABSENCE
from demo_authority.checks import Check
from demo_authority.generator import DemoAuthority
from demo_authority.inbox import Inbox, Told, day_in_words, recipient_of
from demo_authority.journal import Journal
from demo_authority.model import Contact, Enrolment, School
from demo_authority.owed import NOTHING, Outcome, outcomes, person_to_tell, together


@dataclass(frozen=True, slots=True)
class MessagesProof:
    """The figures of the proof, by enrolment and day.

    Attributes:
        absences: absences that were recorded while playing.
        owed: first messages that were certainly owed.
        owed_or_not: first messages that may or may not have been, too close to a change to say.
        told: first messages that reached somebody's inbox; siblings share one text.
        corrected: corrections that did.
    """

    absences: int
    owed: int
    owed_or_not: int
    told: int
    corrected: int
    checks: tuple[Check, ...]


def prove_messages(authority: DemoAuthority, journal: Journal, inbox: Inbox) -> MessagesProof:
    """Compare what each person was owed about each child and day with what they were sent."""
    right: defaultdict[_Key, list[frozenset[Outcome]]] = defaultdict(list)
    who = _Who.of(authority)
    for (enrolment, day), changes in journal.changes.items():
        key = who.key(enrolment, day)
        if key is not None:
            hours = _contact_from(who.school(enrolment), day, journal)
            right[key].append(outcomes(changes, hours, journal.rested_between))
    each = [one for several in right.values() for one in several]
    owed = sum(min(way.firsts for way in ways) for ways in each)
    most = sum(max(way.firsts for way in ways) for ways in each)
    return MessagesProof(
        absences=_absences(journal),
        owed=owed,
        owed_or_not=most - owed,
        told=_total(inbox.told, "first"),
        corrected=_total(inbox.told, "correction"),
        checks=(
            _told_as_owed({key: together(several) for key, several in right.items()}, inbox),
            _handed_over_once(inbox),
        ),
    )


@dataclass(frozen=True, slots=True)
class _Who:
    """Which person hears of which child's absence, and how messages call both."""

    authority: DemoAuthority
    enrolments: Mapping[int, Enrolment]
    contacts: Mapping[int, list[Contact]]

    @classmethod
    def of(cls, authority: DemoAuthority) -> "_Who":
        contacts: defaultdict[int, list[Contact]] = defaultdict(list)
        for contact in authority.roll.contacts:
            contacts[contact.enrolment].append(contact)
        return cls(authority, {one.key: one for one in authority.roll.enrolments}, contacts)

    def school(self, enrolment: int) -> School:
        return self.authority.roll.school_by_urn[self.enrolments[enrolment].school_urn]

    def key(self, enrolment: int, day: date) -> _Key | None:
        """Return whom to tell of what; None when nobody may be told."""
        child = self.authority.roll.children[self.enrolments[enrolment].child]
        person = person_to_tell(child, self.contacts[enrolment])
        if person is None:
            return None
        recipient = recipient_of(person.mobile, person.email)
        return recipient, self.school(enrolment).name, day_in_words(day), child.forename


def _contact_from(school: School, day: date, journal: Journal) -> dict[Session, float]:
    """Return the real moments from which contact about each session is due."""
    settings = school.settings
    starts = {Session.AM: settings.am_starts_at, Session.PM: settings.pm_starts_at}
    grace = timedelta(minutes=settings.contact_grace_minutes)
    return {
        session: journal.real_moment(
            register_closes_at(day, at, settings.register_open_minutes) + grace
        )
        for session, at in starts.items()
    }


def _told_as_owed(right: Mapping[_Key, frozenset[Outcome]], inbox: Inbox) -> Check:
    told: defaultdict[_Key, Outcome] = defaultdict(Outcome)
    for (*key, kind), times in inbox.told.items():
        news = Outcome(firsts=times) if kind == "first" else Outcome(corrections=times)
        told[_key(key)] += news
    faults = [
        f"Of {day}: {found.firsts} first messages and {found.corrections} corrections "
        f"where {_in_words(right.get((recipient, school, day, forename), {NOTHING}))} are owed."
        for (recipient, school, day, forename) in right.keys() | told.keys()
        if (found := told.get((recipient, school, day, forename), NOTHING))
        not in right.get((recipient, school, day, forename), {NOTHING})
    ]
    claim = "every family heard what it was owed, once, and no family anything else"
    return Check(claim, len(right), faults)


def _key(parts: list[str]) -> _Key:
    recipient, school, day, forename = parts
    return recipient, school, day, forename


def _handed_over_once(inbox: Inbox) -> Check:
    faults = []
    if inbox.repeated:
        faults.append(f"{inbox.repeated} references were accepted more than once.")
    if inbox.statuses != {"delivered": inbox.messages}:
        faults.append(f"Of {inbox.messages} messages the sandbox says {inbox.statuses}.")
    acknowledged = inbox.receipts.get("2xx", 0)
    if acknowledged != inbox.messages:
        faults.append(f"{acknowledged} delivery receipts of {inbox.messages} were taken.")
    return Check("every message was handed over and delivered once", inbox.messages, faults)


def _in_words(right: Iterable[Outcome]) -> str:
    pairs = sorted((outcome.firsts, outcome.corrections) for outcome in right)
    return " or ".join(f"{firsts} and {corrections}" for firsts, corrections in pairs)


def _absences(journal: Journal) -> int:
    """Count the sessions that were, at first or later, marked as an absence."""
    return len(
        {
            (enrolment, day, change.session)
            for (enrolment, day), changes in journal.changes.items()
            for change in changes
            if change.code in ABSENCE
        }
    )


def _total(told: Counter[Told], kind: str) -> int:
    return sum(times for one, times in told.items() if one.kind == kind)
