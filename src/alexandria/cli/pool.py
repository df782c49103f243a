"""What a command does on the database of its settings, over a pool of its own."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from alexandria.cli.running import tell_wait
from alexandria.config import Settings
from alexandria.db import Database, connect, database, require_current

Found = TypeVar("Found")


def on_database(settings: Settings, work: Callable[[Database], Awaitable[Found]], *, connections: int = 2) -> Found:
    """What `work` gives on the database of these settings. Raises SchemaMismatch, DatabaseUnavailable."""
    with database(settings, tell_wait) as url:
        with connect(url) as connection:
            require_current(connection)
        return asyncio.run(_with_pool(Database(url, max_size=connections, prepared=settings.pooler == "none"), work))


async def _with_pool(pool: Database, work: Callable[[Database], Awaitable[Found]]) -> Found:
    await pool.open()
    try:
        return await work(pool)
    finally:
        await pool.close()
