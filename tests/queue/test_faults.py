"""Workers and PostgreSQL killed at random: no job is lost, stuck, or done twice in effect. Real processes."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from alexandria.db import Database, EmbeddedServer, connect, migrate
from alexandria.db.processes import server_processes, wait_until
from alexandria.queue.job import NewJob
from alexandria.queue.store import enqueue
from tests.queue.looking import check_tallies
from tests.waiting import until

ROOT = Path(__file__).parents[2]
RunSQL = Callable[[str, str], list[tuple[Any, ...]]]
FAST = {"fsync": "off", "shared_buffers": "32MB"}
pytestmark = [pytest.mark.anyio, pytest.mark.slow]


class Hand:
    """A worker process that was started just now."""

    def __init__(self, url: str, mode: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.queue.hand", url, mode], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )

    def wait_until_ready(self) -> None:
        assert self.process.stdout
        assert self.process.stdout.readline() == "ready\n"

    def kill(self) -> None:
        self.process.kill()
        self.end()

    def end(self) -> int:
        """The exit code, which it must give soon."""
        code = self.process.wait(120)
        if self.process.stdout:
            self.process.stdout.close()
        return code


@contextmanager
def hand(url: str, mode: str) -> Iterator[Hand]:
    """A worker process that works; killed at the end if it still does."""
    made = Hand(url, mode)
    try:
        made.wait_until_ready()
        yield made
    finally:
        made.kill()


async def fill(url: str, run_sql: RunSQL, count: int, **more: Any) -> None:
    run_sql(url, "create table public.effects (key bigint, token bigint)")
    database = Database(url, max_size=2)
    await database.open()
    await enqueue(database, [NewJob("edition", key, **more) for key in range(count)])
    await database.close()


async def check_all_done_once(url: str, run_sql: RunSQL, count: int) -> None:
    assert run_sql(url, "select key from public.effects group by key having count(*) > 1") == [], "done twice"
    assert run_sql(url, "select count(*)::int from public.effects") == [(count,)]
    assert run_sql(
        url, "select kind, count(*)::int from queue.finished where state = 'completed' group by 1 order by 1"
    ) == [
        ("after", count),
        ("edition", count),
    ]
    assert run_sql(url, "select * from queue.jobs") == []
    database = Database(url, max_size=1)
    await database.open()
    await check_tallies(database)
    await database.close()


def left(url: str, run_sql: RunSQL) -> int:
    return int(run_sql(url, "select count(*) from queue.jobs")[0][0])


async def test_workers_killed_at_random_lose_nothing_and_do_nothing_twice(database_url: str, run_sql: RunSQL) -> None:
    count, chance = 1_000, random.Random(6)
    await fill(database_url, run_sql, count, most_attempts=50)
    hands = [Hand(database_url, "quick") for _ in range(3)]
    kills = 0
    try:
        deadline = time.monotonic() + 120
        while remaining := left(database_url, run_sql):
            assert time.monotonic() < deadline, f"{remaining} jobs are stuck after {kills} kills"
            time.sleep(chance.uniform(0.1, 0.4))
            leased = run_sql(database_url, "select count(*) from queue.jobs where worker is not null")[0][0]
            if kills < 7 and leased:  # else nobody has begun
                chosen = chance.randrange(len(hands))
                hands[chosen].kill()
                hands[chosen] = Hand(database_url, "quick")
                kills += 1
    finally:
        for each in hands:
            each.kill()
    assert kills >= 3
    assert run_sql(database_url, "select 1 from queue.finished where attempts > 1 limit 1") == [(1,)], "no kill hit"
    await check_all_done_once(database_url, run_sql, count)


async def test_a_killed_worker_s_jobs_are_done_by_another_within_two_leases(database_url: str, run_sql: RunSQL) -> None:
    await fill(database_url, run_sql, 20)
    with hand(database_url, "slow") as dying:
        until(lambda: run_sql(database_url, "select count(worker) from queue.jobs") == [(20,)])
        dying.kill()
    with hand(database_url, "quick"):
        run_sql(database_url, "select now()")
        until(lambda: left(database_url, run_sql) == 0)
    await check_all_done_once(database_url, run_sql, 20)


async def test_a_killed_postgresql_stops_nothing_for_good(open_dir: Path, run_sql: RunSQL) -> None:
    count, chance = 400, random.Random(6)
    with EmbeddedServer(open_dir / "queue", extra_settings=FAST) as server, ExitStack() as stack:
        with connect(server.url, autocommit=True) as connection:
            migrate(connection)
        await fill(server.url, run_sql, count, most_attempts=50)
        for _ in range(2):
            stack.enter_context(hand(server.url, "quick"))
        for pause in (0.0, 2.5, 0.0):
            before = left(server.url, run_sql)
            until(lambda before=before: left(server.url, run_sql) != before)  # type: ignore[misc]
            time.sleep(chance.uniform(0, 0.2))
            kill(server)
            time.sleep(pause)  # longer than anybody waits for a connection
            assert not server.ensure_running()
        until(lambda: left(server.url, run_sql) == 0, 180)
        await check_all_done_once(server.url, run_sql, count)


def kill(server: EmbeddedServer) -> None:
    folder = server.cluster.folder
    os.kill(int((folder / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    assert wait_until(lambda: not any(server_processes(folder)), 60)


async def test_sigterm_hands_back_what_does_not_end(database_url: str, run_sql: RunSQL) -> None:
    await fill(database_url, run_sql, 100)
    with hand(database_url, "slow") as stopping:
        until(lambda: run_sql(database_url, "select count(worker) from queue.jobs") == [(20,)])
        stopping.process.send_signal(signal.SIGTERM)
        assert stopping.end() == 0
    rows = run_sql(database_url, "select distinct worker, attempts, run_at <= now() from queue.jobs")
    assert rows == [(None, 0, True)]


async def test_sigterm_in_the_middle_of_work_loses_nothing(database_url: str, run_sql: RunSQL) -> None:
    await fill(database_url, run_sql, 200)
    with hand(database_url, "quick") as stopping:
        until(lambda: run_sql(database_url, "select count(*) > 10 from queue.finished") == [(True,)])
        stopping.process.send_signal(signal.SIGTERM)
        assert stopping.end() == 0
    assert run_sql(database_url, "select max(attempts), count(worker) from queue.jobs") == [(0, 0)]
    with hand(database_url, "quick"):
        until(lambda: left(database_url, run_sql) == 0)
    assert run_sql(database_url, "select max(attempts) from queue.finished") == [(1,)]
    await check_all_done_once(database_url, run_sql, 200)


async def test_a_job_that_kills_its_worker_dies_alone(database_url: str, run_sql: RunSQL) -> None:
    await fill(database_url, run_sql, 16, most_attempts=5)
    deaths = 0
    while left(database_url, run_sql):
        assert deaths < 10
        with hand(database_url, "deadly") as dying:
            until(lambda: dying.process.poll() is not None or left(database_url, run_sql) == 0)  # noqa: B023
        deaths += 1
    rows = run_sql(
        database_url, "select state, count(*)::int, max(attempts), max(error) from queue.finished group by 1"
    )
    [(_, done, tries, _), (_, dead, lives, error)] = sorted(rows)
    assert (done, dead, lives) == (15, 1, 5)
    assert tries <= 4
    assert error == "its worker died, or was too slow, 5 times"
