"""The worker's own tasks, as the process runs them."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from uuid import uuid4

import pytest
from pydantic import ValidationError
from sqlalchemy import text

from attendance_runtime.clock import FixedClock
from attendance_runtime.runtime import Runtime
from attendance_runtime.settings import KafkaSettings, ServiceSettings
from attendance_testing.facts import a_school
from attendance_testing.tokens import TokenIssuer
from notification_service.main import SERVICE
from notification_service.providers.notify.settings import Templates
from notification_service.sending.repository import SCHOOLS_A_CLAIM
from notification_service.sending.use_cases import Desk
from notification_service.sending.worker import send_due_forever
from notification_service.settings import NotificationSettings, settings_of
from notification_testing.facts import Pupil, at, hear, hear_of, states
from notification_testing.stand_ins import Sandbox, StandInRegister
from notify_sandbox import templates

_WITHIN_SECONDS = 10


def a_runtime(desk: Desk) -> Runtime:
    return Runtime(
        settings=desk.settings,
        kafka=KafkaSettings(bootstrap_servers="127.0.0.1:1"),
        clock=desk.clock,
        database=desk.database,
        verifier=TokenIssuer().verifier,
    )


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(_WITHIN_SECONDS):
        while not await holds():  # noqa: ASYNC110 - another process decides when
            await asyncio.sleep(0.02)


async def test_a_worker_sends_hears_back_and_stops_when_told(
    desk: Desk, clock: FixedClock, robin: Pupil, sandbox: Sandbox
) -> None:
    stopping = asyncio.Event()
    await hear(desk, robin.absent())
    clock.set(at("08:20"))

    async def receipt_is_applied() -> bool:
        return await states(desk, robin) == ["first delivered"]

    async def is_sent() -> bool:
        return await states(desk, robin) == ["first sent"]

    async with asyncio.TaskGroup() as group:
        for task in SERVICE.tasks:
            group.create_task(task(a_runtime(desk), stopping))
        await until(is_sent)
        async with desk.database.transaction() as db:
            await db.execute(
                text("""
                    INSERT INTO receipts (reference, notify_id, status)
                    SELECT reference, notify_id, 'delivered' FROM messages
                """)
            )
        await until(receipt_is_applied)
        stopping.set()

    assert len(sandbox.texts()) == 1


@asynccontextmanager
async def a_patient_sender(desk: Desk) -> AsyncIterator[Runtime]:
    """Run a sender whose next look by itself is five seconds away; end it."""
    patient = replace(desk, settings=desk.settings.model_copy(update={"idle_seconds": 5.0}))
    runtime, stopping = a_runtime(patient), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(send_due_forever(runtime, stopping))
        await asyncio.sleep(0.2)  # it has begun to wait
        yield runtime
        stopping.set()
        runtime.commits.tell()
        runtime.commits.tell()


async def test_what_the_consumer_commits_is_sent_at_once(
    desk: Desk, clock: FixedClock, robin: Pupil
) -> None:
    async def is_sent() -> bool:
        return await states(desk, robin) == ["first sent"]

    async with a_patient_sender(desk) as runtime:
        await hear(desk, robin.absent())
        clock.set(at("08:20"))
        started = time.monotonic()
        runtime.commits.tell()
        await until(is_sent)
        assert time.monotonic() - started < 2


async def test_schools_beyond_one_claim_do_not_wait_for_the_next_look(
    desk: Desk, clock: FixedClock, register: StandInRegister, sandbox: Sandbox
) -> None:
    schools = [a_school(urn=str(100_000 + place)) for place in range(SCHOOLS_A_CLAIM + 5)]
    pupils = [Pupil(school.school_id) for school in schools]
    for pupil in pupils:
        register.knows(pupil)

    async def all_are_sent() -> bool:
        return len(sandbox.texts()) == len(pupils)

    async with a_patient_sender(desk) as runtime:
        await hear_of(desk, *schools)
        await hear(desk, *(pupil.absent() for pupil in pupils))
        clock.set(at("08:20"))
        started = time.monotonic()
        runtime.commits.tell()
        await until(all_are_sent)
        assert time.monotonic() - started < 3


def test_a_lease_shorter_than_its_calls_is_refused(settings: NotificationSettings) -> None:
    with pytest.raises(ValueError, match="LEASE_SECONDS"):
        NotificationSettings.model_validate(settings.model_dump() | {"lease_seconds": 1})


@pytest.mark.parametrize("name", ["notify_url", "register_url"])
def test_an_address_with_a_path_is_refused(settings: NotificationSettings, name: str) -> None:
    """The path would be passed over, and every call go astray."""
    with pytest.raises(ValueError, match="host alone"):
        NotificationSettings.model_validate(
            settings.model_dump() | {name: "https://gateway.example.org/prefix"}
        )


@pytest.mark.parametrize(
    ("messages", "seconds"), [(0, 0), (1, 0.004), (5, 0.02), (10, 0.04), (500, 0.04)]
)
def test_few_messages_are_hardly_held_up_and_many_gather(
    settings: NotificationSettings, messages: int, seconds: float
) -> None:
    assert settings.gather_after(messages) == pytest.approx(seconds)


def test_another_services_settings_are_refused(desk: Desk) -> None:
    shared = desk.settings.model_dump(include=set(ServiceSettings.model_fields))
    foreign = replace(a_runtime(desk), settings=ServiceSettings(**shared))

    with pytest.raises(TypeError, match="notification-service"):
        settings_of(foreign)


def test_the_templates_are_the_sandboxs_unless_others_are_named() -> None:
    of_the_sandbox = {template.id for template in templates.Catalogue.read().of_kind(None)}

    assert {str(template) for template in Templates().model_dump().values()} == of_the_sandbox


def test_production_does_not_start_with_the_sandboxs_templates(
    settings: NotificationSettings,
) -> None:
    """The provider knows none of them: every family's first text would fail."""
    given = settings.model_dump(exclude={"templates"}) | {"environment": "production"}
    own = {name: uuid4() for name in Templates.model_fields}
    assert NotificationSettings(**given, templates=own).templates == Templates(**own)

    own.pop("correction_email")

    with pytest.raises(ValidationError, match="set NOTIFICATION_TEMPLATES__CORRECTION_EMAIL\\."):
        NotificationSettings(**given, templates=own)


def test_templates_are_named_one_by_one_in_the_environment(
    settings: NotificationSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = "6f2a1c1e-9d63-4a56-8f1d-3b7d5f1f7c11"
    monkeypatch.setenv("NOTIFICATION_TEMPLATES__FIRST_SMS", own)
    given = settings.model_dump(exclude={"templates"})

    named = NotificationSettings(**given).templates

    assert str(named.first_sms) == own
    assert named.first_email == Templates().first_email
