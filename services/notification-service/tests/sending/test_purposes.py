"""Every kind of message can be sent: it has its rules, its question and its templates."""

from itertools import product

import pytest

from notification_service.providers.notify.settings import Templates
from notification_service.purposes import PURPOSES
from notification_service.recipients.domain import Channel
from notification_service.sending.domain import values
from notify_sandbox.templates import Catalogue

from .test_addressing import addressed, claimed

KINDS = sorted(PURPOSES)
WAYS = list(product(Channel, (False, True)))


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_has_a_template_of_its_own_for_each_channel_and_number_of_children(
    kind: str,
) -> None:
    given = Templates()
    others = {
        given.of(other, channel, siblings=siblings)
        for other in KINDS
        if other != kind
        for channel, siblings in WAYS
    }

    own = [given.of(kind, channel, siblings=siblings) for channel, siblings in WAYS]

    assert len(set(own)) == len(WAYS)
    assert not others & set(own)


def test_no_template_belongs_to_no_kind() -> None:
    given = Templates()
    used = {
        given.of(kind, channel, siblings=siblings) for kind in KINDS for channel, siblings in WAYS
    }

    assert used == set(given.model_dump().values())


@pytest.mark.parametrize(("channel", "siblings"), WAYS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_gives_the_values_that_its_template_asks_for(
    kind: str, channel: Channel, *, siblings: bool
) -> None:
    template = Catalogue.read().get(str(Templates().of(kind, channel, siblings=siblings)))
    messages = [addressed(claimed(kind=kind), name) for name in ("Robin", "Alex")[: siblings + 1]]

    assert template is not None
    assert template.kind == channel
    assert set(template.placeholders) <= set(values(PURPOSES[kind].rules, messages))


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_kept_under_the_name_that_its_rules_say(kind: str) -> None:
    assert PURPOSES[kind].rules.kind == kind


def test_the_register_is_asked_in_the_words_that_it_knows() -> None:
    """`purpose` of `POST /v1/contacts/eligible` at register-service."""
    assert {one.rules.question for one in PURPOSES.values()} <= {"first-contact", "correction"}
