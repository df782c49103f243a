"""The pool fails fast while PostgreSQL is away, comes back by itself, and never tells a password."""

import asyncio
import logging
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from alexandria.config import Settings
from alexandria.db import Database, EmbeddedServer, Statement, connect, database, pool
from alexandria.db.processes import server_processes, wait_until
from alexandria.errors import DatabaseUnavailable, SettingsInvalid, StatementTimeout
from tests.pools import opened

RunSQL = Callable[[str, str], list[tuple[Any, ...]]]
pytestmark = pytest.mark.anyio
SECRET = "hunter2secret"
FAST = {"fsync": "off", "shared_buffers": "32MB"}


def sql(text: str) -> Statement:
    return Statement("test", text, "A statement of a test.")


WHO = sql("SELECT pg_backend_pid()")
ADD = sql("INSERT INTO numbers VALUES (%(n)s)")
ALL = sql("SELECT n FROM numbers ORDER BY n")


@pytest.fixture
def numbers_url(empty_database_url: str, run_sql: RunSQL) -> str:
    run_sql(empty_database_url, "CREATE TABLE numbers (n int)")
    return empty_database_url


async def test_statements_and_transactions(numbers_url: str) -> None:
    async with opened(numbers_url) as db:
        await db.ping()
        assert await db.execute(ADD, {"n": 1}) == 1
        async with db.transaction() as both:
            await both.execute(ADD, {"n": 2})
            assert await both.fetch_one(sql("SELECT count(*), '%%' FROM numbers")) == (2, "%")
            assert await db.fetch(ALL) == [(1,)]
        with pytest.raises(ZeroDivisionError):
            await fail_after_adding(db)
        assert await db.fetch(ALL) == [(1,), (2,)]
        assert await db.fetch_one(sql("SELECT 1 WHERE false")) is None


async def fail_after_adding(db: Database) -> None:
    async with db.transaction() as doomed:
        await doomed.execute(ADD, {"n": 3})
        raise ZeroDivisionError


@pytest.mark.parametrize(("prepared", "timeout"), [(True, "1234ms"), (False, "0")])
async def test_behind_a_pooler_nothing_is_left_on_the_connection(
    numbers_url: str, prepared: bool, timeout: str
) -> None:
    async with opened(numbers_url, max_size=1, prepared=prepared, timeout_ms=1234) as db:
        await db.fetch(ALL)
        kept = await db.fetch(sql("SELECT statement FROM pg_prepared_statements WHERE statement LIKE '%%numbers%%'"))
        assert bool(kept) is prepared
        assert await db.fetch_one(sql("SHOW statement_timeout")) == (timeout,)


async def test_a_url_s_own_options_are_kept(numbers_url: str) -> None:
    async with opened(f"{numbers_url}&options=-c%20work_mem%3D5MB", timeout_ms=1234) as db:
        assert await db.fetch_one(sql("SHOW work_mem")) == ("5MB",)
        assert await db.fetch_one(sql("SHOW statement_timeout")) == ("1234ms",)


async def test_a_slow_statement_is_given_up(numbers_url: str) -> None:
    async with opened(numbers_url, max_size=1, timeout_ms=100) as db:
        before = await db.fetch(WHO)
        with pytest.raises(StatementTimeout):
            await db.fetch(sql("SELECT pg_sleep(5)"))
        assert await db.fetch(WHO) == before


async def test_a_cancelled_caller_gives_its_connection_back(numbers_url: str) -> None:
    async with opened(numbers_url, max_size=1) as db:
        await db.ping()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(db.fetch(sql("SELECT pg_sleep(5)")), 0.1)
        started = time.monotonic()
        await db.ping()
        assert time.monotonic() - started < 4


@pytest.mark.usefixtures("impatient")
async def test_a_busy_pool_says_so_in_time(numbers_url: str) -> None:
    async with opened(numbers_url, max_size=1) as db, db.transaction():
        with pytest.raises(DatabaseUnavailable):
            await db.ping()


async def test_a_prepared_statement_survives_the_swap_of_its_table(numbers_url: str, run_sql: RunSQL) -> None:
    async with opened(numbers_url, max_size=1) as db:
        assert await db.fetch(ALL) == []
        run_sql(numbers_url, "CREATE TABLE next (n int)")
        run_sql(numbers_url, "INSERT INTO next VALUES (7)")
        with closing(connect(numbers_url)) as swap:
            swap.execute("ALTER TABLE numbers RENAME TO old")
            swap.execute("ALTER TABLE next RENAME TO numbers")
            swap.commit()
        assert await db.fetch(ALL) == [(7,)]


async def terminate_others(url: str, run_sql: RunSQL) -> int:
    found = await asyncio.to_thread(
        run_sql,
        url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    return len(found)


async def others(url: str, run_sql: RunSQL, more: str = "") -> int:
    """How many other connections there are."""
    found = await asyncio.to_thread(
        run_sql,
        url,
        "SELECT 1 FROM pg_stat_activity"
        f" WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' {more}",
    )
    return len(found)


async def asleep(url: str, run_sql: RunSQL) -> None:
    """Nothing, as soon as one of them is in `pg_sleep`."""
    async with asyncio.timeout(60):
        while not await others(url, run_sql, "AND wait_event = 'PgSleep'"):
            await asyncio.sleep(0.01)


async def test_connections_that_broke_while_idle_cost_nobody_an_error(numbers_url: str, run_sql: RunSQL) -> None:
    async with opened(numbers_url, min_size=4, max_size=4) as db:
        slow = sql("SELECT pg_sleep(0.05)")
        await asyncio.gather(*(db.fetch(slow) for _ in range(4)))
        assert await terminate_others(numbers_url, run_sql) == 4
        async with asyncio.timeout(60):
            while await others(numbers_url, run_sql):
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)  # what they leave is a closed socket
        assert await asyncio.gather(*(db.execute(ADD, {"n": n}) for n in range(8))) == [1] * 8
        assert await db.fetch(ALL) == [(n,) for n in range(8)]


async def test_a_read_that_breaks_runs_once_more(
    numbers_url: str, run_sql: RunSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "_hung_up", lambda _: False)  # as if the news of the others had not arrived yet
    async with opened(numbers_url, min_size=4, max_size=4) as db:
        await asyncio.gather(*(db.fetch(sql("SELECT pg_sleep(0.05)")) for _ in range(4)))
        before = await db.fetch(WHO)
        reading = asyncio.create_task(db.fetch(sql("SELECT pg_backend_pid() FROM pg_sleep(1)")))
        await asleep(numbers_url, run_sql)
        assert await terminate_others(numbers_url, run_sql) >= 1
        assert await reading != before


async def test_a_write_that_breaks_is_not_repeated(numbers_url: str, run_sql: RunSQL) -> None:
    async with opened(numbers_url, max_size=2) as db:
        await db.execute(sql("CREATE SEQUENCE tries"))
        slow = sql("INSERT INTO numbers SELECT nextval('tries') FROM (SELECT pg_sleep(5)) AS wait")
        writing = asyncio.create_task(db.execute(slow))
        await asleep(numbers_url, run_sql)
        await terminate_others(numbers_url, run_sql)
        with pytest.raises(DatabaseUnavailable):
            await writing
        assert await db.fetch(ALL) == []
        assert await db.fetch_one(sql("SELECT is_called FROM tries")) == (False,)


@pytest.fixture
def server(open_dir: Path) -> Iterator[EmbeddedServer]:
    """A server of its own, which may be killed."""
    with EmbeddedServer(open_dir / "pool", extra_settings=FAST) as running:
        yield running


def kill(server: EmbeddedServer) -> None:
    """Kill the server; its processes end too, as soon as they notice."""
    folder = server.cluster.folder
    os.kill(int((folder / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    assert wait_until(lambda: not any(server_processes(folder)), 60)


async def test_a_server_that_is_away_fails_fast_and_comes_back(
    server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert pool.WAIT_SECONDS <= 5 * 2, "two seconds, of which tests/conftest.py makes more"
    monkeypatch.setattr(pool, "WAIT_SECONDS", 3.0)
    async with opened(server.url, min_size=3, max_size=3) as db:
        await db.ping()
        kill(server)
        for longest in (30, 2.5, 2.5):  # once somebody waited in vain, nobody else does
            started = time.monotonic()
            with pytest.raises(DatabaseUnavailable, match="is not available"):
                await db.fetch(WHO)
            assert time.monotonic() - started < longest
        assert not server.ensure_running()
        started = time.monotonic()
        await db.ping()
        assert time.monotonic() - started < 10


async def test_open_does_not_need_the_server(server: EmbeddedServer) -> None:
    kill(server)
    async with opened(server.url, min_size=2, max_size=2) as db:
        waiting = asyncio.create_task(db.fetch(sql("SELECT 1")))
        await asyncio.sleep(0.1)
        assert not await asyncio.to_thread(server.ensure_running)
        assert await waiting == [(1,)], "who was waiting is served when the server comes"


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://alexandria:{SECRET}@127.0.0.1:1/alexandria",
        f"postgresql://alexandria:{SECRET}@/alexandria?host=/nowhere",
    ],
)
@pytest.mark.usefixtures("impatient")
async def test_no_password_in_an_error_or_a_log(url: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(DatabaseUnavailable) as told:
        connect(url)
    async with opened(url) as db:
        with pytest.raises(DatabaseUnavailable) as told_by_pool:
            await db.ping()
        assert SECRET not in repr(db)
    for message in (str(told.value), str(told_by_pool.value)):
        assert SECRET not in message
        assert "\n" not in message
    assert SECRET not in caplog.text
    assert told.value.__cause__ is None


async def test_a_wrong_password_is_not_told(server: EmbeddedServer) -> None:
    url = server.url.replace(server.cluster.password(), SECRET)
    with pytest.raises(DatabaseUnavailable, match="password authentication failed") as told:
        connect(url)
    assert SECRET not in str(told.value)


@pytest.mark.parametrize("use", [connect, Database])
@pytest.mark.parametrize("password", [f"{SECRET}/x", f"1/{SECRET}", f"x@{SECRET}/@", f"{SECRET}%zz"])
async def test_a_url_that_cannot_be_read_is_not_repeated(use: Callable[[str], Any], password: str) -> None:
    with pytest.raises(SettingsInvalid, match="ALEXANDRIA_DATABASE_URL") as told:
        use(f"postgresql://alexandria:{password}@127.0.0.1:1/alexandria")
    assert SECRET not in str(told.value)


async def test_a_connection_error_keeps_its_kind(numbers_url: str) -> None:
    with connect(numbers_url, autocommit=True) as connection, pytest.raises(psycopg.errors.UndefinedTable):
        connection.execute("SELECT * FROM nowhere")


async def test_database_gives_the_url_of_the_settings(numbers_url: str, open_dir: Path) -> None:
    with database(Settings(database_url=numbers_url)) as url:
        assert url == numbers_url
    with database(Settings(data_dir=open_dir / "pool")) as url, connect(url) as connection:
        assert connection.execute("SELECT current_database()").fetchone() == ("alexandria",)
