"""Addresses stand in other people's logs: none that this service asks names a family."""

import logging
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from yarl import URL

from notification_service.sending.use_cases import Desk, send_due
from notification_testing.facts import Pupil, recover
from notification_testing.stand_ins import Sandbox, StandInRegister, a_contact

MOBILE, EMAIL = "07700 900977", "ottoline.marsh@example.org"


@pytest.fixture
def asked(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> Callable[[], list[str]]:
    """Every address that was asked: httpx logs them, aiohttp's calls are watched."""
    caplog.set_level(logging.INFO, logger="httpx")
    watched: list[str] = []
    for method in ("get", "post"):
        send = getattr(aiohttp.ClientSession, method)

        def watching(client: object, url: str, send: Any = send, **options: Any) -> object:
            watched.append(str(URL(url).with_query(options.get("params"))))
            return send(client, url, **options)

        monkeypatch.setattr(aiohttp.ClientSession, method, watching)
    return lambda: watched + [line.getMessage() for line in caplog.records if line.name == "httpx"]


@pytest.mark.parametrize(
    ("mode", "asked_too"),
    [("accept-then-close", "/v2/notifications?"), ("server-error", "/v2/notifications/")],
    ids=["looked up by reference", "sent again"],
)
@pytest.mark.parametrize(
    "contact", [a_contact(mobile=MOBILE), a_contact(mobile=None, email=EMAIL)], ids=["text", "mail"]
)
async def test_no_address_that_is_asked_names_a_family(
    desk: Desk,
    absent: Pupil,
    register: StandInRegister,
    sandbox: Sandbox,
    asked: Callable[[], list[str]],
    *,
    mode: str,
    asked_too: str,
    contact: dict[str, object],
) -> None:
    """Asked, sent, lost and found again: every request is seen by its address."""
    register.knows(absent, child_name="Zephyrine", contacts=[contact])
    sandbox.fail(mode, count=1)

    await send_due(desk)
    await recover(desk)
    await recover(desk)

    assert any("/v1/contacts/eligible" in line for line in asked())
    assert any(asked_too in line for line in asked())
    assert len(sandbox.texts()) == 1
    told = ("900977", "ottoline", "marsh", "zephyrine")
    assert [line for line in asked() if any(word in line.lower() for word in told)] == []
