"""A pool for the length of a block."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from alexandria.db import Database


@asynccontextmanager
async def opened(url: str, **options: Any) -> AsyncIterator[Database]:
    """A pool on the database, with options of `Database`."""
    database = Database(url, **options)
    await database.open()
    try:
        yield database
    finally:
        await database.close()
