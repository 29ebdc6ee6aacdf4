"""Nothing was lost and nothing said twice: what families were owed against what they were sent."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from attendance_contracts.calendar import Session, register_closes_at
from attendance_contracts.codes import ABSENCE
from demo_authority.authority.generator import DemoAuthority
from demo_authority.authority.model import Contact, Enrolment, School
from demo_authority.play.journal import Change, Journal
from demo_authority.proof.checks import Check
from demo_authority.proof.inbox import Inbox, Subject, Told, day_in_words, recipient_of
from demo_authority.proof.owed import Outcome, outcomes, person_to_tell, seconds_since_due, together


@dataclass(frozen=True, slots=True)
class MessagesProof:
    """The figures of the proof, by enrolment and day.

    Attributes:
        absences: absences that were recorded while playing.
        owed: first messages that were certainly owed.
        owed_or_not: first messages that may or may not have been, too close to a change to say.
        told: first messages that reached somebody's inbox; siblings share one text.
        corrected: corrections that did.
        seconds: real seconds from when each first message was due, or its mark accepted if later,
            to the moment at which the provider had it.
    """

    absences: int
    owed: int
    owed_or_not: int
    told: int
    corrected: int
    seconds: Sequence[float]
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class _Owed:
    """What somebody was owed about one enrolment's day."""

    changes: Sequence[Change]
    contact_from: Mapping[Session, float]
    right: frozenset[Outcome]


def prove_messages(authority: DemoAuthority, journal: Journal, inbox: Inbox) -> MessagesProof:
    """Compare what each person was owed about each child and day with what they were sent."""
    owed: defaultdict[Subject, list[_Owed]] = defaultdict(list)
    who = _Who.of(authority)
    for (enrolment, day), changes in journal.changes.items():
        subject = who.subject(enrolment, day)
        if subject is not None:
            hours = _contact_from(who.school(enrolment), day, journal)
            right = outcomes(changes, hours, journal.rested_between)
            owed[subject].append(_Owed(changes, hours, right))
    every = [one for several in owed.values() for one in several]
    least = sum(min(way.firsts for way in one.right) for one in every)
    most = sum(max(way.firsts for way in one.right) for one in every)
    seconds, early = _promptness(owed, inbox)
    return MessagesProof(
        absences=_absences(journal),
        owed=least,
        owed_or_not=most - least,
        told=_total(inbox.told, "first"),
        corrected=_total(inbox.told, "correction"),
        seconds=seconds,
        checks=(_told_as_owed(owed, inbox), early, _handed_over_once(inbox)),
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

    def subject(self, enrolment: int, day: date) -> Subject | None:
        """Return whom to tell of what; None when nobody may be told."""
        child = self.authority.roll.children[self.enrolments[enrolment].child]
        person = person_to_tell(child, self.contacts[enrolment])
        if person is None:
            return None
        recipient = recipient_of(person.mobile, person.email)
        school = self.school(enrolment).name
        return Subject(recipient, school, day_in_words(day), child.forename)


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


def _told_as_owed(owed: Mapping[Subject, Sequence[_Owed]], inbox: Inbox) -> Check:
    faults = []
    for subject in owed.keys() | {told.subject for told in inbox.told}:
        right = together(one.right for one in owed.get(subject, ()))
        found = Outcome(
            firsts=len(inbox.told.get(Told(subject, "first"), ())),
            corrections=len(inbox.told.get(Told(subject, "correction"), ())),
        )
        if found not in right:
            faults.append(
                f"Of {subject.day}: {found.firsts} first messages and {found.corrections} "
                f"corrections, where {_in_words(right)} are right."
            )
    claim = "every family heard what it was owed, once, and no family anything else"
    return Check(claim, len(owed), faults)


def _promptness(owed: Mapping[Subject, Sequence[_Owed]], inbox: Inbox) -> tuple[list[float], Check]:
    """Return how long first messages took, and that none came before it was due.

    Children who read alike in messages are left out: nobody can say whose message it was.
    """
    waits = [
        seconds_since_due(one.changes, one.contact_from, at)
        for subject, (one, *others) in owed.items()
        for at in inbox.told.get(Told(subject, "first"), ())
        if not others
    ]
    found = [seconds for seconds in waits if seconds is not None]
    faults = [f"A first message came {-one:.2f} s before it was due." for one in found if one < 0]
    return found, Check("no first message came before it was due", len(found), faults)


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


def _total(told: Mapping[Told, Sequence[float]], kind: str) -> int:
    return sum(len(moments) for one, moments in told.items() if one.kind == kind)
