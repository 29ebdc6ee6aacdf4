"""Fixtures: this service's own database, a stand-in register and the real Notify sandbox."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from attendance_contracts.events import SchoolChanged
from attendance_runtime.clock import FixedClock
from attendance_runtime.copies.service_tokens import ServiceToken
from attendance_runtime.database import Database
from attendance_testing.databases import database_fixture, transaction_fixture
from attendance_testing.facts import a_school
from notification_service.providers.notify.client import Notify
from notification_service.recipients.repository import RegisterClient
from notification_service.sending.use_cases import Desk
from notification_service.settings import NotificationSettings
from notification_testing.facts import Pupil, at, carried_by, hear, hear_of
from notification_testing.stand_ins import Sandbox, StandInRegister, sandbox_process
from notify_sandbox.keys import LIVE_API_KEY

_WRITTEN_TO = (
    "receipts",
    "messages",
    "calls",
    "episodes",
    "schools",
    "reach",
    "reach_versions",
    "outbox",
    "access_log",
)

database = database_fixture(Path(__file__).parents[1])
db = transaction_fixture()


@pytest.fixture(scope="session")
async def running_sandbox(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sandbox]:
    async with sandbox_process(tmp_path_factory.mktemp("sandbox")) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running_sandbox: Sandbox) -> Sandbox:
    running_sandbox.reset()
    return running_sandbox


@pytest.fixture(scope="session")
async def running_register() -> AsyncIterator[StandInRegister]:
    async with StandInRegister().serving() as register:
        yield register


@pytest.fixture
def register(running_register: StandInRegister) -> StandInRegister:
    running_register.reset()
    return running_register


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(at("08:00"))


@pytest.fixture
def settings(
    database: Database, sandbox: Sandbox, register: StandInRegister
) -> NotificationSettings:
    return NotificationSettings(
        database_url=database.url,
        environment="test",
        issuer_url=register.url,
        notify_url=sandbox.url,
        notify_api_key=SecretStr(LIVE_API_KEY),
        register_url=register.url,
        client_id="notification-service",
        client_secret=SecretStr("secret"),
        callback_token=SecretStr("callback-token"),
        lease_seconds=2,
        settling_seconds=0,
        notify_timeout_seconds=0.5,
        register_timeout_seconds=1,
    )


@pytest.fixture
async def _empty_tables(database: Database) -> None:
    """Begin with empty tables: the sender commits, so its work cannot be rolled back."""
    async with database.transaction() as db:
        for table in _WRITTEN_TO:
            await db.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - our own tables


@pytest.fixture(scope="session")
async def clients(
    running_sandbox: Sandbox, running_register: StandInRegister
) -> AsyncIterator[tuple[RegisterClient, Notify]]:
    """Connection pools are costly to make; one pair serves the whole run."""
    token = ServiceToken(running_register.url, "notification-service", "secret")
    register = RegisterClient(running_register.url, token, timeout_seconds=1)
    notify = Notify(running_sandbox.url, LIVE_API_KEY, timeout_seconds=0.5)
    async with register, notify:
        yield register, notify


@pytest.fixture
def desk(
    settings: NotificationSettings,
    database: Database,
    clock: FixedClock,
    clients: tuple[RegisterClient, Notify],
    _empty_tables: None,
) -> Desk:
    """A sender's desk on real parts; leases last two seconds."""
    register, notify = clients
    return Desk(
        settings=settings,
        clock=clock,
        database=database,
        register=register,
        providers=carried_by(notify),
    )


@pytest.fixture
async def school(desk: Desk) -> SchoolChanged:
    """A school whose settings are known."""
    known = a_school()
    await hear_of(desk, known)
    return known


@pytest.fixture
def robin(school: SchoolChanged, register: StandInRegister) -> Pupil:
    """A pupil of that school whom the register knows, with one contact."""
    pupil = Pupil(school.school_id)
    register.knows(pupil)
    return pupil


@pytest.fixture
async def absent(desk: Desk, clock: FixedClock, robin: Pupil) -> Pupil:
    """A pupil whose family's first message is due now."""
    await hear(desk, robin.absent())
    clock.set(at("08:20"))
    return robin
