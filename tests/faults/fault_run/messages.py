"""Each absence owed a message has one, and its correction if one is owed; read from the inbox."""

from collections.abc import Mapping
from datetime import date, timedelta

from attendance_contracts.calendar import Session, register_closes_at
from demo_authority.play.journal import Journal
from demo_authority.proof.inbox import Inbox, Subject, Told, day_in_words, read_inbox, recipient_of
from demo_authority.proof.owed import Outcome, outcomes
from fault_run.findings import Findings
from fault_run.stage import Stage
from fault_run.town import CONTACT_GRACE_MINUTES, OPEN_MINUTES, STARTS_AT, Pupil


async def check_messages(stage: Stage, findings: Findings) -> None:
    """Compare what every family was owed, on every day played, with what it was sent."""
    inbox = await read_inbox(stage.platform)
    journal = stage.ledger.journal
    names = {school.name for school in stage.town.schools}
    known = {
        pupil.number: (pupil, school.name)
        for school in stage.town.schools
        for pupil in school.pupils
    }
    owed: set[Subject] = set()
    for (number, day), changes in journal.changes.items():
        subject = _subject(*known[number], day)
        owed.add(subject)
        right = outcomes(changes, _contact_from(day, journal), journal.rested_between)
        _compare(subject, right, _found(inbox, subject), findings)
    for told in inbox.told:
        if told.subject.school in names and told.subject not in owed:
            findings.repeat(f"A {told.kind} message of {told.subject.day} that nobody was owed.")
    findings.compared["children's days"] = len(owed)
    findings.compared["messages"] = sum(
        len(moments) for told, moments in inbox.told.items() if told.subject.school in names
    )
    if inbox.repeated:
        findings.repeat(f"{inbox.repeated} references were accepted twice.", inbox.repeated)


def _subject(pupil: Pupil, school: str, day: date) -> Subject:
    return Subject(recipient_of(None, pupil.address), school, day_in_words(day), pupil.forename)


def _contact_from(day: date, journal: Journal) -> Mapping[Session, float]:
    grace = timedelta(minutes=CONTACT_GRACE_MINUTES)
    return {
        session: journal.real_moment(register_closes_at(day, starts, OPEN_MINUTES) + grace)
        for session, starts in STARTS_AT.items()
    }


def _found(inbox: Inbox, subject: Subject) -> Outcome:
    return Outcome(
        firsts=len(inbox.told.get(Told(subject, "first"), ())),
        corrections=len(inbox.told.get(Told(subject, "correction"), ())),
    )


def _compare(
    subject: Subject, right: frozenset[Outcome], found: Outcome, findings: Findings
) -> None:
    if found in right:
        return
    nearest = min(right, key=lambda one: _distance(one, found))
    said = (
        f"{subject.day}, {subject.recipient}: {found.firsts} first messages and "
        f"{found.corrections} corrections, where {nearest.firsts} and {nearest.corrections} "
        "are right."
    )
    more = max(0, found.firsts - nearest.firsts) + max(0, found.corrections - nearest.corrections)
    less = max(0, nearest.firsts - found.firsts) + max(0, nearest.corrections - found.corrections)
    if more:
        findings.repeat(said, more)
    if less:
        findings.miss(said, less)


def _distance(one: Outcome, other: Outcome) -> int:
    return abs(one.firsts - other.firsts) + abs(one.corrections - other.corrections)
