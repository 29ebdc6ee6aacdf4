"""Who gets a message, which messages travel together, and what they say."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

from attendance_contracts.calendar import Session
from notification_service.contacts.domain import Kind
from notification_service.sending.fates import Failed, NotOpen, PutOff
from notification_service.sending.messages import (
    Addressed,
    Answer,
    Channel,
    Claimed,
    Handover,
    fingerprint,
)


def answered(
    claimed: Claimed, answer: Answer, key: bytes, *, now: datetime
) -> Addressed | NotOpen | PutOff | Failed:
    """Say what the register's answer makes of a message: whom it goes to, or what becomes of it."""
    return withheld(claimed, answer, now=now) or address(claimed, answer, key)


def address(claimed: Claimed, answer: Answer, key: bytes) -> Addressed | NotOpen | Failed:
    """Find the one person a message goes to, and how; `key` is that of the fingerprints.

    A first message goes to the first who can be reached, in the register's order: by text, by
    e-mail, then the next person, and never to an address at which it failed before. A correction
    goes to the one who was told and nobody else.
    """
    if not is_true(claimed, answer):
        return NotOpen()
    for recipient in sorted(answer.recipients, key=lambda recipient: recipient.priority):
        if claimed.kind is Kind.FIRST or recipient.contact_id == claimed.contact_id:
            for channel, written in recipient.ways:
                mark = fingerprint(written, key)
                if mark not in claimed.failed_at:
                    return Addressed(
                        claimed=claimed,
                        missed=answer.missed,
                        contact_id=recipient.contact_id,
                        channel=channel,
                        address=written,
                        fingerprint=mark,
                        child_name=answer.child_name,
                        school_name=answer.school_name,
                    )
    return Failed("nobody-to-tell" if claimed.kind is Kind.FIRST else "no-longer-allowed")


def is_true(claimed: Claimed, answer: Answer) -> bool:
    """Tell whether what a message says is what the register says now.

    A first message: that nobody knows where the child is. A correction: that the child was there,
    or not expected, in every session in which somebody looked for them.
    """
    if claimed.kind is Kind.FIRST:
        return bool(answer.missed)
    return not answer.missed and all(
        answer.stands.get(session) == "withdrawn" for session in claimed.sessions
    )


def withheld(claimed: Claimed, answer: Answer, *, now: datetime) -> PutOff | Failed | None:
    """Tell whether a correction that is true waits for the morning, or has become too late.

    A first message is never withheld: somebody has to look for the child at once.
    """
    if claimed.kind is Kind.FIRST or not is_true(claimed, answer):
        return None
    may_go_at = answer.hours.may_go_at(now)
    if may_go_at is None:
        return Failed("too-late")
    return PutOff(may_go_at) if may_go_at > now else None


def merge(addressed: Sequence[Addressed]) -> list[Sequence[Addressed]]:
    """Put together what one person is to be told by one school of one day: one text, not three.

    Never across schools: a parent of one must not learn of another.
    """
    together = sorted(addressed, key=_same_text)
    return [tuple(group) for _, group in groupby(together, key=_same_text)]


def _same_text(message: Addressed) -> tuple[UUID, date, Kind, Channel, UUID]:
    claimed = message.claimed
    return claimed.school_id, claimed.date, claimed.kind, message.channel, message.fingerprint


def personalisation(handover: Handover) -> Mapping[str, str]:
    """Return the values for the template's places."""
    first = handover.messages[0]
    day = first.claimed.date
    values = {
        "school": first.school_name,
        "date": f"{day:%A} {day.day} {day:%B}",
    }
    if handover.kind is Kind.FIRST:
        values["session"] = _part_of_day(handover.messages)
    if handover.names_siblings:
        *others, last = sorted(message.child_name for message in handover.messages)
        values["children"] = f"{', '.join(others)} and {last}"
    else:
        values["child"] = first.child_name
    return values


def _part_of_day(messages: Sequence[Addressed]) -> str:
    parts = {message.missed for message in messages}
    if parts == {(Session.AM,)}:
        return "in the morning"
    if parts == {(Session.PM,)}:
        return "in the afternoon"
    if parts == {(Session.AM, Session.PM)}:
        return "all day"
    return "for at least one session"
