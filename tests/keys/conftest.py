"""A database that counts what it is asked."""

from collections.abc import AsyncIterator

import pytest

from alexandria.db import Database, Statement
from alexandria.db.pool import Params, Row


class CountingDatabase(Database):
    """The real one; `asked` counts the statements that read one row."""

    asked = 0

    async def fetch_one(self, statement: Statement, params: Params | None = None) -> Row | None:
        self.asked += 1
        return await super().fetch_one(statement, params)


@pytest.fixture
async def db(database_url: str, anyio_backend: str) -> AsyncIterator[CountingDatabase]:
    """A fresh, migrated database."""
    made = CountingDatabase(database_url)
    await made.open()
    yield made
    await made.close()
