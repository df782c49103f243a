"""A pool on a fresh database for each test."""

from collections.abc import AsyncIterator

import pytest

from alexandria.db import Database


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url, max_size=8, timeout_ms=60_000)
    await opened.open()
    yield opened
    await opened.close()
