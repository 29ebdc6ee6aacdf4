"""The provider or the register fails: one message all the same."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from sqlalchemy import text

from attendance_runtime.copies.service_tokens import ServiceToken
from attendance_testing.serving import serving
from notification_service.providers.notify.client import Notify
from notification_service.recipients.repository import RegisterClient
from notification_service.sending.use_cases import Desk, reconcile, send_due
from notification_testing.facts import (
    Pupil,
    announced,
    carried_by,
    let_waits_end,
    recover,
    states,
)
from notification_testing.stand_ins import Sandbox, StandInRegister
from notify_sandbox.keys import LIVE_API_KEY


@pytest.mark.parametrize("mode", ["accept-then-time-out", "accept-then-close"])
async def test_a_provider_that_accepts_and_does_not_answer_has_one_message(
    desk: Desk, absent: Pupil, sandbox: Sandbox, mode: str
) -> None:
    sandbox.fail(mode, count=1, seconds=2)

    await send_due(desk)
    assert await states(desk, absent) == ["first sending"]
    await recover(desk)

    assert len(sandbox.texts()) == 1
    assert await states(desk, absent) == ["first sent"]
    assert await announced(desk) == ["uk.firstday.contact.sent.v1"]


async def test_a_provider_that_accepts_late_is_found_within_the_settling_time(
    desk: Desk, absent: Pupil, sandbox: Sandbox
) -> None:
    patient = replace(desk, settings=desk.settings.model_copy(update={"settling_seconds": 1}))
    sandbox.fail("slow", count=1, seconds=0.8)

    await send_due(patient)
    assert await reconcile(patient) == 0
    await asyncio.sleep(1)
    assert await reconcile(patient) == 1

    assert len(sandbox.texts()) == 1
    assert await states(desk, absent) == ["first sent"]


@pytest.mark.parametrize("mode", ["down", "unavailable", "server-error"])
async def test_a_provider_that_fails_is_tried_until_it_is_back(
    desk: Desk, absent: Pupil, sandbox: Sandbox, mode: str
) -> None:
    sandbox.fail(mode, applies_to="all")
    for _ in range(3):
        await send_due(desk)
        await recover(desk)
    assert sandbox.texts() == []

    sandbox.recover()
    await recover(desk)
    await recover(desk)

    assert len(sandbox.texts()) == 1
    assert await states(desk, absent) == ["first sent"]


async def test_a_provider_that_cannot_be_connected_to_is_tried_again_after_a_wait(
    desk: Desk, absent: Pupil
) -> None:
    async with Notify("http://127.0.0.1:1", LIVE_API_KEY, timeout_seconds=0.5) as unreachable:
        await send_due(replace(desk, providers=carried_by(unreachable)))

    assert await states(desk, absent) == ["first due"]
    assert 0 < await seconds_to_wait(desk) <= 0.5


async def seconds_to_wait(desk: Desk) -> float:
    async with desk.database.transaction() as db:
        waits = await db.execute(
            text("SELECT extract(epoch FROM retry_at - clock_timestamp()) FROM messages")
        )
        return float(waits.scalar_one())


async def test_a_provider_away_for_too_long_has_failed_the_family(
    desk: Desk, absent: Pupil
) -> None:
    async with desk.database.transaction() as db:
        await db.execute(
            text("UPDATE messages SET tried_at = clock_timestamp() - interval '241 minutes'")
        )
    async with Notify("http://127.0.0.1:1", LIVE_API_KEY, timeout_seconds=0.5) as unreachable:
        await send_due(replace(desk, providers=carried_by(unreachable)))

    assert await states(desk, absent) == ["first failed"]
    assert await announced(desk) == [
        "uk.firstday.contact.failed.v1",
        "uk.firstday.contact.exhausted.v1",
    ]


async def test_a_rate_limit_slows_the_sender_and_loses_nothing(
    desk: Desk, absent: Pupil, sandbox: Sandbox
) -> None:
    sandbox.fail("rate-limited", count=1)
    async with Notify(sandbox.url, LIVE_API_KEY, timeout_seconds=0.5) as notify:
        await send_due(replace(desk, providers=carried_by(notify)))
        assert 9 < notify.slow_seconds <= 10
        assert 9 < await seconds_to_wait(desk) <= 10

        await let_waits_end(desk)
        await send_due(replace(desk, providers=carried_by(notify)))

    assert await states(desk, absent) == ["first sent"]


async def test_a_daily_limit_waits_until_midnight_utc(
    desk: Desk, absent: Pupil, sandbox: Sandbox
) -> None:
    sandbox.fail("daily-limit", count=1)

    await send_due(desk)

    async with desk.database.transaction() as db:
        row = await db.execute(text("SELECT retry_at, clock_timestamp() FROM messages"))
        retry_at, now = row.one()
    midnight = datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), datetime.min.time())
    assert retry_at == midnight.replace(tzinfo=UTC)
    assert await states(desk, absent) == ["first due"]


async def test_a_number_the_provider_refuses_has_failed_for_good(
    desk: Desk, absent: Pupil, sandbox: Sandbox
) -> None:
    sandbox.fail("refused", count=1)

    await send_due(desk)
    await recover(desk)
    await recover(desk)

    assert await states(desk, absent) == ["first failed", "first failed"]
    assert sandbox.texts() == []
    assert await announced(desk) == [
        "uk.firstday.contact.failed.v1",
        "uk.firstday.contact.exhausted.v1",
    ]


async def test_a_clock_forty_seconds_off_is_our_fault_and_not_the_messages(
    desk: Desk, absent: Pupil, sandbox: Sandbox
) -> None:
    sandbox.put("clock", offset_seconds=40)
    await send_due(desk)
    assert await states(desk, absent) == ["first due"]

    sandbox.put("clock", offset_seconds=0)
    await let_waits_end(desk)
    await send_due(desk)

    assert await states(desk, absent) == ["first sent"]


async def test_a_register_that_is_away_keeps_the_message_due(
    desk: Desk, absent: Pupil, register: StandInRegister, sandbox: Sandbox
) -> None:
    register.is_away = True
    await send_due(desk)
    assert await states(desk, absent) == ["first due"]

    register.is_away = False
    await let_waits_end(desk)
    await send_due(desk)

    assert len(sandbox.texts()) == 1


async def test_a_token_that_was_revoked_is_replaced(
    desk: Desk, absent: Pupil, register: StandInRegister
) -> None:
    register.refused_tokens = 1

    await send_due(desk)

    assert await states(desk, absent) == ["first sent"]


async def test_a_child_the_register_does_not_know_is_asked_for_again(
    desk: Desk, absent: Pupil, register: StandInRegister, sandbox: Sandbox
) -> None:
    family = register.families.pop(absent.enrolment_id)
    await send_due(desk)
    assert sandbox.texts() == []

    register.families[absent.enrolment_id] = family
    await let_waits_end(desk)
    await send_due(desk)

    assert len(sandbox.texts()) == 1


async def test_an_acceptance_nobody_can_read_is_looked_up(desk: Desk, absent: Pupil) -> None:
    garbled = FastAPI()

    @garbled.post("/v2/notifications/sms", status_code=201)
    async def accept() -> str:
        return "thanks"

    async with (
        serving(garbled) as url,
        Notify(url, LIVE_API_KEY, timeout_seconds=0.5) as notify,
    ):
        await send_due(replace(desk, providers=carried_by(notify)))

    assert await states(desk, absent) == ["first sending"]


async def test_a_redirect_is_not_followed_and_proves_nothing(
    desk: Desk, absent: Pupil, sandbox: Sandbox
) -> None:
    elsewhere = FastAPI()

    @elsewhere.post("/v2/notifications/sms")
    async def moved() -> Response:
        return RedirectResponse(f"{sandbox.url}/v2/notifications/sms", status_code=307)

    async with (
        serving(elsewhere) as url,
        Notify(url, LIVE_API_KEY, timeout_seconds=0.5) as notify,
    ):
        await send_due(replace(desk, providers=carried_by(notify)))

    assert await states(desk, absent) == ["first sending"]
    assert sandbox.texts() == []


async def test_a_register_that_points_elsewhere_is_not_followed(
    desk: Desk, absent: Pupil, running_register: StandInRegister
) -> None:
    """Our token is for the register alone."""
    register, followed = FastAPI(), []

    @register.post("/v1/contacts/eligible")
    async def moved() -> Response:
        return RedirectResponse("/elsewhere", status_code=307)

    @register.post("/elsewhere")
    async def elsewhere(request: Request) -> None:
        followed.append(request.url.path)

    token = ServiceToken(running_register.url, "notification-service", "secret")
    async with serving(register) as url, RegisterClient(url, token, timeout_seconds=1) as pointing:
        await send_due(replace(desk, register=pointing))

    assert followed == []
    assert await states(desk, absent) == ["first due"]


async def test_messages_go_by_the_proxy_that_the_environment_names(
    desk: Desk, absent: Pupil, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy, passed = FastAPI(), []

    @proxy.middleware("http")
    async def note(request: Request, _: object) -> Response:
        passed.append(str(request.url))
        return JSONResponse({"id": "740e5834-3a29-46b4-9a6f-16142fde533a"}, status_code=201)

    async with serving(proxy) as url:
        monkeypatch.setenv("http_proxy", url)
        async with Notify("http://notify.example", LIVE_API_KEY, timeout_seconds=0.5) as notify:
            await send_due(replace(desk, providers=carried_by(notify)))

    assert passed == ["http://notify.example/v2/notifications/sms"]
    assert await states(desk, absent) == ["first sent"]
