"""Each channel has its provider, which is given its messages and asked what became of them."""

import asyncio
from dataclasses import dataclass, field, replace
from uuid import UUID, uuid4

import pytest

from notification_service.messages.domain import Accepted, Fate, Handover, Unknown
from notification_service.providers.provider import Known, Provider, Providers
from notification_service.recipients.domain import Channel
from notification_service.sending.use_cases import Desk, reconcile, send_due
from notification_testing.facts import Pupil, let_leases_end, states
from notification_testing.stand_ins import StandInRegister, a_contact


@dataclass
class Post:
    """A provider in memory: takes everything, and answers or not."""

    is_answered: bool = True
    slow_seconds: float = 0
    timeout_seconds: float = 0.1
    room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))
    taken: dict[UUID, Handover] = field(default_factory=dict)
    asked: list[UUID] = field(default_factory=list)

    async def send(self, handover: Handover) -> Fate:
        self.taken[handover.reference] = handover
        return Accepted(handover.reference, uuid4()) if self.is_answered else Unknown()

    async def find(self, reference: UUID) -> Known | None:
        self.asked.append(reference)
        return Known(uuid4()) if reference in self.taken else None


@pytest.fixture
def by_email(absent: Pupil, register: StandInRegister) -> Pupil:
    """A pupil whose one contact has an e-mail address alone; contact is due now."""
    contact = a_contact(mobile=None, email="parent@example.org")
    register.families[absent.enrolment_id].contacts = [contact]
    return absent


async def test_a_message_goes_to_the_provider_of_its_channel(desk: Desk, by_email: Pupil) -> None:
    texts, letters = Post(), Post()
    await send_due(replace(desk, providers=carrying(texts, letters)))

    [handover] = letters.taken.values()
    assert (handover.channel, handover.address) == (Channel.EMAIL, "parent@example.org")
    assert handover.template_id == desk.settings.templates.first_email
    assert texts.taken == {}
    assert await states(desk, by_email) == ["first sent"]


async def test_what_nobody_accounts_for_is_asked_of_the_provider_of_its_channel(
    desk: Desk, by_email: Pupil
) -> None:
    texts, letters = Post(), Post(is_answered=False)
    split = replace(desk, providers=carrying(texts, letters))
    await send_due(split)
    assert await states(desk, by_email) == ["first sending"]

    await let_leases_end(desk)
    await reconcile(split)

    assert (texts.asked, letters.asked) == ([], list(letters.taken))
    assert await states(desk, by_email) == ["first sent"]


def test_all_hold_back_while_one_is_asked_too_much() -> None:
    assert carrying(Post(), Post(slow_seconds=7)).slow_seconds == 7


def carrying(texts: Provider, letters: Provider) -> Providers:
    return Providers({Channel.SMS: texts, Channel.EMAIL: letters})
