from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from attendance_runtime.testing import TokenIssuer, database_fixture, session_fixture
from reporting_service.testing import ASchool, StandInRegister, stand_in_register

database = database_fixture(Path(__file__).parents[1])
session = session_fixture()


@pytest.fixture(scope="session")
def issuer() -> TokenIssuer:
    return TokenIssuer()


@pytest.fixture
async def register() -> AsyncIterator[StandInRegister]:
    async with stand_in_register() as register:
        yield register


@pytest.fixture
def school() -> ASchool:
    return ASchool()
