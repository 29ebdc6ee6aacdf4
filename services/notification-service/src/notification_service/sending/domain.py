"""Who gets a message, which messages travel together, and what stands in them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

from notification_service.messages.domain import (
    Addressed,
    Claimed,
    Failed,
    NotOpen,
    PutOff,
    Rules,
)
from notification_service.recipients.domain import Answer, Channel, Question, fingerprint


def question(rules: Rules, claimed: Claimed) -> Question:
    """Return what the register is asked about a message."""
    return claimed.enrolment_id, claimed.date, rules.question


def answered(
    rules: Rules, claimed: Claimed, answer: Answer, key: bytes, *, now: datetime
) -> Addressed | NotOpen | PutOff | Failed:
    """Say what the register's answer makes of a message: whom it goes to, or what becomes of it.

    `key` is that of the fingerprints.
    """
    if not rules.is_true(claimed, answer):
        return NotOpen()
    return rules.withheld(answer, now=now) or address(rules, claimed, answer, key)


def address(rules: Rules, claimed: Claimed, answer: Answer, key: bytes) -> Addressed | Failed:
    """Find the one person a message goes to, and how.

    It goes to the first whom it is for and who can be reached, in the register's order: by text, by
    e-mail, then the next person, and never to an address at which one failed before.
    """
    for recipient in sorted(answer.recipients, key=lambda recipient: recipient.priority):
        if rules.is_for(recipient, claimed):
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
    return rules.nobody


def merge(addressed: Sequence[Addressed]) -> list[Sequence[Addressed]]:
    """Put together what one person is to be told by one school of one day: one text, not three.

    Never across schools: a parent of one must not learn of another.
    """
    together = sorted(addressed, key=_same_text)
    return [tuple(group) for _, group in groupby(together, key=_same_text)]


def _same_text(message: Addressed) -> tuple[UUID, date, str, Channel, UUID]:
    claimed = message.claimed
    return claimed.school_id, claimed.date, claimed.kind, message.channel, message.fingerprint


def values(rules: Rules, messages: Sequence[Addressed]) -> Mapping[str, str]:
    """Return what stands in the template's places, of messages that travel together."""
    first, day = messages[0], messages[0].claimed.date
    return {
        "school": first.school_name,
        "date": f"{day:%A} {day.day} {day:%B}",
        **_names(messages),
        **rules.values(messages),
    }


def _names(messages: Sequence[Addressed]) -> Mapping[str, str]:
    *others, last = sorted(message.child_name for message in messages)
    return {"children": f"{', '.join(others)} and {last}"} if others else {"child": last}
