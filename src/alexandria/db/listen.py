"""Hearing of NOTIFY: on a connection of its own, which PgBouncer in transaction mode cannot give.

Nobody may depend on a notice: those sent while the connection is away are lost.
"""

import asyncio
from collections.abc import Callable

import psycopg
from psycopg import AsyncConnection, sql

from alexandria.db.connect import CONNECT_SECONDS, read_url

PAUSE = 1.0  # seconds between two attempts to connect


async def listen(url: str, channel: str, on_notice: Callable[[str], None]) -> None:
    """Nothing, ever; `on_notice` gets the payload of each notice, and "" whenever some may have been missed.

    Ends when it is cancelled. Raises SettingsInvalid for a URL that cannot be read.
    """
    read_url(url)
    while True:
        try:
            await _hear(url, channel, on_notice)
        except psycopg.OperationalError:
            await asyncio.sleep(PAUSE)


async def _hear(url: str, channel: str, on_notice: Callable[[str], None]) -> None:
    """Nothing; raises OperationalError when the connection breaks."""
    connection = await AsyncConnection.connect(
        url, autocommit=True, connect_timeout=CONNECT_SECONDS, fallback_application_name="alexandria"
    )
    async with connection:
        await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
        on_notice("")
        async for notice in connection.notifies():
            on_notice(notice.payload)
