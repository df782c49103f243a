"""The shortest way from an asyncio task to PostgreSQL and back, for the few reads that must be fast.

A pool asks for, checks and returns a connection around every statement and turns every value into Python and back;
that costs more than such a read itself. A reader keeps connections of its own, registers each socket once, sends
prepared statements with text parameters and hands out the bytes that came. It runs one statement at a time on each
connection; who asks while all are busy waits in line.
"""

import asyncio
import re
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import psycopg
from psycopg import AsyncConnection, pq

from alexandria.db.connect import unavailable
from alexandria.db.statements import Statement
from alexandria.errors import StatementTimeout

Value = bytes | None
PLACEHOLDER = re.compile(r"%\((\w+)\)s|%%")
CANCELED, SHUTTING_DOWN = b"57014", b"57P"
CONNECT_SECONDS = 2


class Reader:
    """Runs reads on up to `connections` connections. Its methods raise DatabaseUnavailable and StatementTimeout."""

    def __init__(
        self, url: str, *, connections: int, prepared: bool = True, options: str = "", spread: bool = False
    ) -> None:
        self._url, self._prepared, self._options, self._spread = url, prepared, options, spread
        self._idle: list[_Channel] = []
        self._free = connections
        self._queue: deque[asyncio.Future[None]] = deque()

    async def fetch(self, statement: Statement, params: Mapping[str, bytes]) -> list[list[Value]]:
        """All rows, each a list of values in PostgreSQL's text form; runs once more when the connection breaks."""
        await self._enter()
        try:
            while self._idle:
                with suppress(_Broken):  # the server was restarted: all that idled are dead, a new one is needed
                    return await self._run(self._idle.pop(), statement, params)
            return await self._run(await self._connect(), statement, params)
        except _Broken as error:
            raise unavailable(self._url, error) from None
        finally:
            self._leave()

    async def close(self) -> None:
        """Nothing; idle connections are closed."""
        while self._idle:
            self._idle.pop().close()

    async def _enter(self) -> None:
        if self._free > 0:
            self._free -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._leave()  # it was our turn already
            raise

    def _leave(self) -> None:
        while self._queue:
            turn = self._queue.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1

    async def _run(self, channel: "_Channel", statement: Statement, params: Mapping[str, bytes]) -> list[list[Value]]:
        try:
            rows = await channel.run(statement, params)
        except StatementTimeout:
            self._idle.append(channel)
            raise
        except BaseException:  # also cancellation: what is in flight on it can no longer be told apart
            channel.close()
            raise
        self._idle.append(channel)
        return rows

    async def _connect(self) -> "_Channel":
        settings: dict[str, Any] = {"options": self._options} if self._options else {}
        try:
            connection = await AsyncConnection[Any].connect(
                self._url,
                autocommit=True,
                connect_timeout=CONNECT_SECONDS,
                fallback_application_name="alexandria",
                **settings,
            )
        except psycopg.OperationalError as error:
            raise unavailable(self._url, error) from None
        return _Channel(connection, self._prepared, self._spread)


class _Broken(Exception):
    """The connection died under a statement."""


class _Channel:
    """One connection whose socket the event loop watches as long as it lives."""

    def __init__(self, connection: AsyncConnection[Any], prepared: bool, spread: bool) -> None:
        self._connection, self._is_preparing, self._spread = connection, prepared, spread
        self._pgconn = connection.pgconn
        self._pgconn.nonblocking = 1
        self._names: dict[str, tuple[bytes, list[str]]] = {}
        self._results: list[pq.abc.PGresult] = []
        self._done: asyncio.Future[list[pq.abc.PGresult]] | None = None
        self._loop = asyncio.get_running_loop()
        self._socket = self._pgconn.socket  # libpq forgets it as soon as the server hangs up
        self._is_watched = True
        self._loop.add_reader(self._socket, self._on_readable)

    async def run(self, statement: Statement, params: Mapping[str, bytes]) -> list[list[Value]]:
        """All rows of a statement."""
        name, order = await self._prepare(statement)
        values = [params[param] for param in order]
        if self._is_preparing:
            self._send(self._pgconn.send_query_prepared, name, values)
        else:
            self._send(self._pgconn.send_query_params, name, values)
        result = self._only(await self._answer())
        columns = range(result.nfields)
        value = result.get_value
        return [[value(row, column) for column in columns] for row in range(result.ntuples)]

    async def _prepare(self, statement: Statement) -> tuple[bytes, list[str]]:
        """The name of the prepared statement (without preparing: its text) and the order of its parameters."""
        known = self._names.get(statement.name)
        if known:
            return known
        sql, order = number_params(statement.text(self._spread))
        name = statement.name.encode() if self._is_preparing else sql.encode()
        if self._is_preparing:
            self._send(self._pgconn.send_prepare, name, sql.encode())
            self._only(await self._answer())
        self._names[statement.name] = (name, order)
        return name, order

    def _send(self, send: Any, *args: Any) -> None:
        try:
            send(*args)
            if self._pgconn.flush():
                self._loop.add_writer(self._socket, self._on_writable)
        except psycopg.OperationalError as error:
            raise _Broken(str(error)) from None

    async def _answer(self) -> list[pq.abc.PGresult]:
        self._done = self._loop.create_future()
        return await self._done

    def _on_readable(self) -> None:
        pgconn, done = self._pgconn, self._done
        try:
            pgconn.consume_input()
            while not pgconn.is_busy():
                result = pgconn.get_result()
                if result is None:
                    break
                self._results.append(result)
            else:
                return
        except psycopg.OperationalError as error:
            self._fail(str(error))
            return
        if done is None or done.done() or not self._results:  # nobody asked: the server says goodbye
            self._fail("the server closed the connection")
            return
        self._done, results, self._results = None, self._results, []
        done.set_result(results)

    def _on_writable(self) -> None:
        try:
            if self._pgconn.flush():
                return
        except psycopg.OperationalError as error:
            self._fail(str(error))
            return
        self._loop.remove_writer(self._socket)

    def _fail(self, reason: str) -> None:
        self.close()
        if self._done is not None and not self._done.done():
            self._done.set_exception(_Broken(reason))
        self._done = None

    @staticmethod
    def _only(results: list[pq.abc.PGresult]) -> pq.abc.PGresult:
        """The one result of a statement. Raises what went wrong."""
        result = results[-1]
        if result.status in (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK):
            return result
        state = result.error_field(pq.DiagnosticField.SQLSTATE) or b""
        message = result.get_error_message()
        if state == CANCELED:
            raise StatementTimeout(f"PostgreSQL gave up on a statement: {message}; try again later")
        if state.startswith(SHUTTING_DOWN):
            raise _Broken(message)
        raise psycopg.errors.lookup(state.decode())(message)

    def close(self) -> None:
        """Closes the connection at once, whatever is in flight on it."""
        if self._is_watched:  # once: the number of a closed socket may soon be another one's
            self._is_watched = False
            self._loop.remove_writer(self._socket)
            self._loop.remove_reader(self._socket)
        self._pgconn.finish()


def number_params(sql: str) -> tuple[str, list[str]]:
    """The statement with $1, $2, … for `%(name)s`, and the names in that order."""
    order: list[str] = []

    def number(match: re.Match[str]) -> str:
        name = match[1]
        if name is None:
            return "%"
        if name not in order:
            order.append(name)
        return f"${order.index(name) + 1}"

    return PLACEHOLDER.sub(number, sql), order


def array_param(numbers: list[int]) -> bytes:
    """Whole numbers as the text form of an array."""
    return b"{%s}" % ",".join(map(str, numbers)).encode()
