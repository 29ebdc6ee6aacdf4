from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from attendance_runtime.clock import FixedClock
from attendance_runtime.database import Database
from attendance_testing.databases import database_fixture, transaction_fixture
from attendance_testing.serving import client_for
from attendance_testing.tokens import TokenIssuer
from escalation_service.main import SERVICE
from escalation_testing.facts import NOW, AChild, Caller, consume

database = database_fixture(Path(__file__).parents[1])
db = transaction_fixture()


@pytest.fixture(scope="session")
def issuer() -> TokenIssuer:
    return TokenIssuer()


@pytest.fixture
async def client(database: Database, issuer: TokenIssuer) -> AsyncIterator[httpx.AsyncClient]:
    async with client_for(SERVICE, database, FixedClock(NOW.isoformat()), issuer) as opened:
        yield opened


@pytest.fixture
def officer(client: httpx.AsyncClient, issuer: TokenIssuer) -> Caller:
    return Caller.of(client, issuer, "authority:332")


@pytest.fixture
async def child(database: Database) -> AChild:
    child = AChild()
    async with database.transaction() as opened:
        await consume(opened, child.facts())
    return child
