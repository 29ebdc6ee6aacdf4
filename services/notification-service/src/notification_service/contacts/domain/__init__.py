"""What is known of a child's day, what its family has been told, and what it is owed."""

from notification_service.contacts.domain.days import Call, CallOutcome, ContactedDay
from notification_service.contacts.domain.facts import (
    Absence,
    Day,
    Episode,
    Fact,
    Stands,
    as_it_stands,
    fold,
    opened,
)
from notification_service.contacts.domain.news import News, NewState, exhausted_in, news_of
from notification_service.contacts.domain.owed import (
    Decision,
    Plan,
    Step,
    decide,
    look_again,
    owed,
)
from notification_service.contacts.domain.purposes import KINDS, Correction, FirstContact, Kind
from notification_service.contacts.domain.standing import (
    Message,
    Standing,
    passes_on,
    standing,
)

__all__ = [
    "KINDS",
    "Absence",
    "Call",
    "CallOutcome",
    "ContactedDay",
    "Correction",
    "Day",
    "Decision",
    "Episode",
    "Fact",
    "FirstContact",
    "Kind",
    "Message",
    "NewState",
    "News",
    "Plan",
    "Standing",
    "Stands",
    "Step",
    "as_it_stands",
    "decide",
    "exhausted_in",
    "fold",
    "look_again",
    "news_of",
    "opened",
    "owed",
    "passes_on",
    "standing",
]
