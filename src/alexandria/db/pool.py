"""A pool of asynchronous connections for the API and the workers, which outlives its server.

A restarted server breaks every pooled connection at once. One that broke while idle is seen when it is taken
(its socket has something to read) and costs nobody an error; a read that breaks in the middle runs once more.
A write that breaks in the middle may or may not have happened, so its caller decides.
"""

import select
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from psycopg import AsyncConnection, AsyncCursor
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout, TooManyRequests

from alexandria.db.arrays import with_arrays
from alexandria.db.connect import read_url, unavailable
from alexandria.db.reader import Reader
from alexandria.db.statements import Statement
from alexandria.errors import DatabaseUnavailable, StatementTimeout

Params = Mapping[str, Any]
Row = tuple[Any, ...]
WAIT_SECONDS = 2.0  # for a connection, when the server is away or all are busy
TRIES = 8  # in that time


def read_options(url: str, timeout_ms: int) -> str:
    """The server options of connections that read, after those in the URL.

    A prepared statement is planned once: planning a lookup anew costs five times what running it does.
    """
    own = f"-c statement_timeout={timeout_ms} -c plan_cache_mode=force_generic_plan"
    return f"{read_url(url).get('options', '')} {own}".strip()


class _Connection(AsyncConnection[Row]):
    """A connection that knows when it was made."""

    born = 0.0


class Transaction:
    """Statements on one connection, which happen together or not at all."""

    def __init__(self, connection: AsyncConnection[Row], spread: bool = False) -> None:
        self._connection, self._spread = connection, spread

    async def fetch(self, statement: Statement, params: Params | None = None) -> list[Row]:
        """All rows, as tuples."""
        return await (await self._run(statement, params)).fetchall()

    async def fetch_one(self, statement: Statement, params: Params | None = None) -> Row | None:
        """The first row, as a tuple, or None."""
        return await (await self._run(statement, params)).fetchone()

    async def execute(self, statement: Statement, params: Params | None = None) -> int:
        """The number of rows changed."""
        return (await self._run(statement, params)).rowcount

    async def _run(self, statement: Statement, params: Params | None) -> AsyncCursor[Row]:
        # a mapping is always given, so that %% always means one per cent sign
        sql = statement.text(self._spread).encode()
        return await self._connection.execute(sql, with_arrays(params) if params else {})


class Database:
    """A pool of connections to one database. Statements outside `transaction` commit by themselves.

    `prepared=False` is for PgBouncer in transaction mode: neither prepared statements nor connection options.
    `timeout_ms` bounds each statement. `spread` is for a database whose tables lie on many servers (`db.distribute`).
    Raises SettingsInvalid; its methods DatabaseUnavailable, StatementTimeout.
    """

    def __init__(
        self,
        url: str,
        *,
        min_size: int = 1,
        max_size: int = 8,
        prepared: bool = True,
        timeout_ms: int = 5000,
        spread: bool = False,
    ) -> None:
        kwargs: dict[str, Any] = {
            "autocommit": True,
            "prepare_threshold": 0 if prepared else None,
            "connect_timeout": 2,
            "fallback_application_name": "alexandria",
        }
        if prepared:
            kwargs["options"] = read_options(url, timeout_ms)
        self._url, self._prepared, self._timeout_ms, self._spread = url, prepared, timeout_ms, spread
        self._is_away = False  # somebody waited in vain for a server that refused: the next ones only try once
        self._pool = AsyncConnectionPool[_Connection](
            url,
            connection_class=_Connection,
            configure=_note_birth,
            kwargs=kwargs,
            min_size=min_size,
            max_size=max_size,
            open=False,
            timeout=WAIT_SECONDS,
            reconnect_timeout=0.1,  # then whoever waits lets it try again, not an ever longer pause
        )

    def reader(self, connections: int) -> Reader:
        """A reader on the same database, with connections of its own and the same bound for each statement."""
        options = read_options(self._url, self._timeout_ms) if self._prepared else ""
        return Reader(self._url, connections=connections, prepared=self._prepared, options=options, spread=self._spread)

    @property
    def url(self) -> str:
        """Where the database is, with its password: for processes of ours, never to be shown."""
        return self._url

    async def open(self) -> None:
        """Nothing; connections are made in the background, and the server may be away."""
        await self._pool.open()

    async def close(self) -> None:
        """Nothing; waiting callers get DatabaseUnavailable."""
        await self._pool.close()

    async def fetch(self, statement: Statement, params: Params | None = None) -> list[Row]:
        """All rows, as tuples. For reads: runs once more when the connection breaks."""
        try:
            async with self._connection() as connection:
                return await Transaction(connection, self._spread).fetch(statement, params)
        except _Broken:
            broke = time.monotonic()  # the others broke with it, and may not know it yet
        try:
            async with self._connection(newer_than=broke) as connection:
                return await Transaction(connection, self._spread).fetch(statement, params)
        except _Broken as broken:
            raise broken.error from None

    async def fetch_one(self, statement: Statement, params: Params | None = None) -> Row | None:
        """The first row, as a tuple, or None. For reads, as `fetch`."""
        rows = await self.fetch(statement, params)
        return rows[0] if rows else None

    async def execute(self, statement: Statement, params: Params | None = None) -> int:
        """The number of rows changed; committed when it returns. Never runs twice."""
        try:
            async with self._connection() as connection:
                return await Transaction(connection, self._spread).execute(statement, params)
        except _Broken as broken:
            raise broken.error from None

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Statements that commit together at the end of the block, or not at all when it raises."""
        try:
            async with self._connection() as connection, connection.transaction():
                yield Transaction(connection, self._spread)
        except _Broken as broken:
            raise broken.error from None

    async def ping(self) -> None:
        """Nothing; raises DatabaseUnavailable when no statement can be run."""
        await self.fetch(_PING)

    @asynccontextmanager
    async def _connection(self, newer_than: float = 0.0) -> AsyncIterator[_Connection]:
        connection = await self._take(newer_than)
        try:
            yield connection
        except psycopg.errors.QueryCanceled as error:
            raise StatementTimeout(f"PostgreSQL gave up on a statement: {error}; try again later") from None
        except psycopg.OperationalError as error:
            if not (connection.broken or (error.sqlstate or "").startswith("57P")):  # 57P: the server shuts down
                raise unavailable(self._url, error) from None
            await connection.close()
            raise _Broken(unavailable(self._url, error)) from None
        finally:
            await self._pool.putconn(connection)

    async def _take(self, newer_than: float) -> _Connection:
        """A connection that was alive just now, and made after that time."""
        deadline = time.monotonic() + (0 if self._is_away else WAIT_SECONDS)
        refused = self._refused()
        while True:
            try:  # in short waits: each lets the pool try the server again
                connection = await self._pool.getconn(WAIT_SECONDS / TRIES)
            except (PoolTimeout, PoolClosed, TooManyRequests) as error:
                if isinstance(error, PoolTimeout) and time.monotonic() < deadline:
                    continue
                self._is_away = self._is_away or self._refused() > refused
                raise unavailable(self._url, error) from None
            self._is_away = False
            old = connection.born < newer_than
            if not (old or _hung_up(connection)) or time.monotonic() > deadline:
                return connection
            await connection.close()
            await self._pool.putconn(connection)

    def count_connections(self) -> dict[str, int]:
        """Connections by state: `open`, `idle` of these, and `failed` attempts to make one so far."""
        stats = self._pool.get_stats()
        names = {"open": "pool_size", "idle": "pool_available", "failed": "connections_errors"}
        return {state: stats.get(name, 0) for state, name in names.items()}

    def _refused(self) -> int:
        """How often the server refused a connection so far."""
        return self._pool.get_stats().get("connections_errors", 0)


class _Broken(Exception):
    """The connection died under a statement; `error` is what to tell when it is not run again."""

    def __init__(self, error: DatabaseUnavailable) -> None:
        super().__init__(str(error))
        self.error = error


async def _note_birth(connection: _Connection) -> None:
    connection.born = time.monotonic()


def _hung_up(connection: _Connection) -> bool:
    """Whether the server closed this idle connection: nobody asked anything, yet there is something to read.

    Costs a poll of the socket, no round trip. A rare notice looks the same, and costs a new connection.
    """
    if connection.closed:
        return True
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))


_PING = Statement("ping", "SELECT 1", "Whether statements can be run.")
