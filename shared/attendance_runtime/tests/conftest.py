from collections.abc import AsyncIterator

import pytest

from attendance_runtime.database import Database
from attendance_testing.databases import created_database


@pytest.fixture(scope="module")
async def runtime_database(postgres_url: str) -> AsyncIterator[Database]:
    """An empty database of the module's own."""
    async with created_database(postgres_url, "test_runtime") as url:
        database = Database(url, pool_size=4)
        yield database
        await database.dispose()
