"""The reader: the right rows to the right asker, through restarts, cancellations and time-outs."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from alexandria.config import Settings
from alexandria.db import Database, EmbeddedServer, Reader, Statement, array_param, database
from alexandria.db.reader import number_params
from alexandria.errors import DatabaseUnavailable, StatementTimeout
from tests.conftest import SMALL

pytestmark = pytest.mark.anyio
ECHO = Statement("echo", "select n, n * 2 from unnest(%(numbers)s::bigint[]) n where %(yes)s::boolean", "")
SLOW = Statement("slow", "select %(number)s::bigint from pg_sleep(%(seconds)s::float)", "")
BACKENDS = Statement("backends", "select count(*) from pg_stat_activity where datname = current_database()", "")
WHO = Statement("who", "select pg_backend_pid()", "")


@pytest.fixture(params=[True, False], ids=["prepared", "pooler"])
async def reader(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[Reader]:
    made = Database(database_url, prepared=request.param, timeout_ms=400).reader(2)
    yield made
    await made.close()


def echo(number: int) -> dict[str, bytes]:
    return {"numbers": array_param([number]), "yes": b"true"}


async def test_rows_are_bytes_as_they_came(reader: Reader) -> None:
    rows = await reader.fetch(ECHO, {"numbers": array_param([1, -2, 10**13]), "yes": b"true"})
    assert rows == [[b"1", b"2"], [b"-2", b"-4"], [b"10000000000000", b"20000000000000"]]
    assert await reader.fetch(ECHO, {"numbers": array_param([]), "yes": b"true"}) == []


async def test_many_askers_share_two_connections(reader: Reader) -> None:
    answers = await asyncio.gather(*(reader.fetch(ECHO, echo(n)) for n in range(200)))
    assert [int(rows[0][0] or 0) for rows in answers] == list(range(200))
    assert await reader.fetch(BACKENDS, {}) == [[b"2"]]


async def test_who_gives_up_leaves_nothing_behind_for_the_next(reader: Reader) -> None:
    for _ in range(5):
        task = asyncio.create_task(reader.fetch(SLOW, {"number": b"1", "seconds": b"0.2"}))
        waiting = [asyncio.create_task(reader.fetch(ECHO, echo(n))) for n in range(4)]
        await asyncio.sleep(0)
        waiting[2].cancel()
        task.cancel()
        answers = await asyncio.gather(*waiting, return_exceptions=True)
        assert [rows[0][0] for rows in answers if isinstance(rows, list)] == [b"0", b"1", b"3"]
    assert (await reader.fetch(ECHO, echo(7)))[0][0] == b"7"


async def test_a_statement_has_a_bound(database_url: str) -> None:
    reader = Database(database_url, timeout_ms=50).reader(1)
    with pytest.raises(StatementTimeout):
        await reader.fetch(SLOW, {"number": b"1", "seconds": b"20"})
    assert (await reader.fetch(ECHO, echo(1)))[0][0] == b"1"
    await reader.close()


async def test_a_wrong_statement_tells_and_the_next_one_works(reader: Reader) -> None:
    with pytest.raises(Exception, match='relation "nowhere" does not exist'):
        await reader.fetch(Statement("wrong", "select from nowhere", ""), {})
    assert (await reader.fetch(ECHO, echo(1)))[0][0] == b"1"


async def test_a_large_statement_is_sent_whole(reader: Reader) -> None:
    numbers = list(range(10**12, 10**12 + 60_000))  # more than a socket takes at once
    rows = await reader.fetch(ECHO, {"numbers": array_param(numbers), "yes": b"true"})
    assert [int(row[0] or 0) for row in rows] == numbers


async def test_a_killed_backend_costs_nobody_an_answer(reader: Reader) -> None:
    for _ in range(3):
        pid = int((await reader.fetch(WHO, {}))[0][0] or 0)
        other = Database(reader._url).reader(1)
        await other.fetch(Statement("end", f"select pg_terminate_backend({pid})", ""), {})
        await other.close()
        assert (await reader.fetch(ECHO, echo(5)))[0][0] == b"5"


async def test_the_server_goes_away_and_comes_back(open_dir: Path) -> None:
    with EmbeddedServer(open_dir / "reader", extra_settings=SMALL) as server:
        reader = Database(server.url).reader(2)
        assert (await reader.fetch(ECHO, echo(1)))[0][0] == b"1"
        os.kill(int((open_dir / "reader" / "postgresql" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        assert "\n" not in await _told(reader)
        server.ensure_running()
        assert (await reader.fetch(ECHO, echo(2)))[0][0] == b"2"
        await reader.close()


async def _told(reader: Reader) -> str:
    """What the reader says once the server is away: its backends end a moment after it."""
    for _ in range(10_000):
        try:
            await reader.fetch(ECHO, echo(1))
        except DatabaseUnavailable as error:
            return str(error)
    raise AssertionError("the server is still there")


def test_placeholders_become_numbers() -> None:
    assert number_params("a %(x)s b %(y)s c %(x)s d %% 5") == ("a $1 b $2 c $1 d % 5", ["x", "y"])


def test_what_needs_a_session_of_its_own_goes_around_the_pooler() -> None:
    settings = Settings(database_url="postgresql://pooler/x", database_direct_url="postgresql://direct/x")
    with database(settings) as url:
        assert url == "postgresql://pooler/x"
    with database(settings, direct=True) as url:
        assert url == "postgresql://direct/x"
