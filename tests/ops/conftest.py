"""A pool on a fresh database for each test."""

from collections.abc import AsyncIterator

import pytest

from alexandria.db import Database
from tests.pools import opened


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with opened(database_url, max_size=8, timeout_ms=60_000) as pool:
        yield pool
