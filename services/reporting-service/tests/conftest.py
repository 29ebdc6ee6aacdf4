from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from attendance_runtime.clock import FixedClock
from attendance_runtime.database import Database
from attendance_runtime.runtime import Runtime
from attendance_testing.databases import database_fixture, transaction_fixture
from attendance_testing.serving import runtime_for
from attendance_testing.tokens import TokenIssuer
from reporting_service.main import SERVICE
from reporting_testing.facts import ASchool
from reporting_testing.register import StandInRegister, stand_in_register

database = database_fixture(Path(__file__).parents[1])
db = transaction_fixture()


@pytest.fixture(scope="session")
def issuer() -> TokenIssuer:
    return TokenIssuer()


@pytest.fixture
async def register() -> AsyncIterator[StandInRegister]:
    async with stand_in_register() as register:
        yield register


@pytest.fixture
def runtime(database: Database, issuer: TokenIssuer, register: StandInRegister) -> Runtime:
    """What the service works with on a Monday afternoon, when it reads the stand-in register."""
    return runtime_for(
        SERVICE,
        database,
        FixedClock("2026-09-07T15:00:00Z"),
        issuer,
        issuer_url=register.url,
        register_url=register.url,
        client_id="reporting",
        client_secret="quiet",
    )


@pytest.fixture
def school() -> ASchool:
    return ASchool()
