"""Addresses stand in other people's logs: none that this service asks names a family."""

import logging

import pytest

from notification_service.sending.desk import Desk
from notification_service.sending.use_cases import send_due
from notification_service.stand_ins import Sandbox, StandInRegister, a_contact
from notification_service.testing import Pupil, recover

MOBILE, EMAIL = "07700 900977", "ottoline.marsh@example.org"


async def test_no_address_that_is_asked_names_a_family(
    desk: Desk,
    absent: Pupil,
    register: StandInRegister,
    sandbox: Sandbox,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Asked, sent, lost, looked up by reference: every request is seen by its address."""
    caplog.set_level(logging.INFO, logger="httpx")
    contacts = [a_contact(mobile=MOBILE), a_contact(mobile=None, email=EMAIL)]
    register.knows(absent, child_name="Zephyrine", contacts=contacts)
    sandbox.fail("accept-then-close", count=1)

    await send_due(desk)
    await recover(desk)

    asked = [line.getMessage() for line in caplog.records if line.name == "httpx"]
    assert any("/v1/contacts/eligible" in line for line in asked)
    assert any("/v2/notifications?" in line for line in asked)
    assert len(sandbox.texts()) == 2
    told = ("900977", "ottoline", "marsh", "zephyrine")
    assert [line for line in asked if any(word in line.lower() for word in told)] == []
