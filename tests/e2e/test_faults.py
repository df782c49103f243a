"""Workers and PostgreSQL are killed, providers are down, quota is used up: no job is lost, doubled or stuck."""

import os
import random
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from alexandria.db import EmbeddedServer, OperationalError, connect, migrate
from alexandria.errors import DatabaseUnavailable
from alexandria.sample.numbers import nth_isbn
from alexandria.simulator.launch import Simulator
from tests.cli.conftest import Program
from tests.conftest import RunSQL
from tests.waiting import until

pytestmark = pytest.mark.slow
WORKER = "worker"
KILLS = (0.95, 0.5, 0.2)  # when so much is left to do
STORM_KILLS = tuple(left / 20 for left in range(19, 0, -1))
SLOWEST = 180.0  # seconds: several leases of a killed worker, on a machine that does much else
UNLIMITED = {"isbndb_rate": 5_000, "isbndb_daily_limit": 10_000_000, "google_books_rate": 5_000,
             "google_books_daily_limit": 10_000_000, "open_library_rate": 5_000, "wikimedia_rate": 5_000}  # fmt: skip


def isbns(count: int, first: int = 2_000) -> list[int]:
    """So many ISBNs that only the providers know."""
    numbers = (nth_isbn(index) for index in range(first, first + 3 * count))
    return list(dict.fromkeys(number for number in numbers if number))[:count]


def program_on(url: str, folder: Path, simulator: Simulator, **settings: object) -> Program:
    own = {"contact": "tests@example.org", "isbndb_plan": "pro", "isbndb_api_key": "one", "google_books_api_key": "two"}
    program = Program(folder, database_url=url, data_dir=folder / "data", **own, **settings)
    program.environ |= simulator.environ
    return program


@contextmanager
def workers(program: Program, count: int) -> Iterator[list[subprocess.Popen[str]]]:
    """Running workers; whatever is in the list at the end is ended."""
    running = [program.start(WORKER) for _ in range(count)]
    try:
        yield running
    finally:
        for process in running:
            process.kill()
            process.wait()
            if process.stdout:
                process.stdout.close()


def replace_one(program: Program, running: list[subprocess.Popen[str]]) -> None:
    """Kills one of the workers, without a word, and starts another."""
    victim = running.pop(random.randrange(len(running)))
    victim.kill()
    victim.wait()
    if victim.stdout:
        victim.stdout.close()
    running.append(program.start(WORKER))


def check_whole(url: str, run_sql: RunSQL, wanted: list[int], simulator: Simulator) -> None:
    """Every ISBN was asked for and is known or a miss; nothing is doubled; no request is missing in the ledger."""
    assert run_sql(url, "select count(*) from queue.jobs where kind = 'edition'") == [(0,)]
    finished = run_sql(url, "select key, count(*) from queue.finished where kind = 'edition' group by key")
    assert {key for key, _ in finished} == set(wanted)
    assert {count for _, count in finished} == {1}
    known = {key for (key,) in run_sql(url, "select isbn from enriched.editions")}
    missed = {key for (key,) in run_sql(url, "select isbn from enriched.misses")}
    assert known | missed == set(wanted)
    assert not known & missed
    [(units,)] = run_sql(url, "select sum(units) from quota.calls where bucket = 'isbndb' and sent is not false")
    assert simulator.state()["isbndb"]["units"] <= units
    doubles = "select match_key from enriched.names group by kind, match_key having count(*) > 1"
    assert run_sql(url, doubles) == []


def left(url: str, run_sql: RunSQL) -> int:
    return int(run_sql(url, "select count(*) from queue.jobs where kind = 'edition'")[0][0])


def has_at_most(url: str, run_sql: RunSQL, jobs: int) -> bool:
    return left(url, run_sql) <= jobs


def answers(url: str) -> bool:
    """Whether the server runs statements."""
    try:
        with connect(url) as connection:
            connection.execute("select 1")
    except (DatabaseUnavailable, OperationalError):
        return False
    return True


def asleep(url: str, run_sql: RunSQL) -> int:
    """How many jobs wait for a later time, and are nobody's."""
    waiting = "kind = 'edition' and run_at > now() and worker is null"
    return int(run_sql(url, f"select count(*) from queue.jobs where {waiting}")[0][0])


def test_workers_killed_at_random(database_url: str, run_sql: RunSQL, tmp_path: Path, jobs: int | None) -> None:
    wanted = isbns(jobs or 600)
    kills = KILLS if jobs is None else STORM_KILLS
    with Simulator(limited=False) as simulator:
        program = program_on(database_url, tmp_path, simulator, **UNLIMITED)
        (tmp_path / "keys").write_text("\n".join(map(str, wanted)))
        program.result("enqueue", "edition", "--file", "keys")
        with workers(program, 2) as running:
            for share in kills:
                until(partial(has_at_most, database_url, run_sql, int(share * len(wanted))), SLOWEST + len(wanted) / 20)
                replace_one(program, running)
            # what a killed worker had comes back after one lease
            until(lambda: left(database_url, run_sql) == 0, SLOWEST + len(wanted) / 50)
        check_whole(database_url, run_sql, wanted, simulator)


def test_postgresql_killed_in_the_middle(open_dir: Path, run_sql: RunSQL, tmp_path: Path, jobs: int | None) -> None:
    wanted = isbns(jobs or 400, 6_000)
    kills = KILLS[:1] if jobs is None else STORM_KILLS[::4]
    with Simulator(limited=False) as simulator, EmbeddedServer(open_dir / "pipeline") as server:
        with connect(server.url) as connection:
            migrate(connection)
        program = program_on(server.url, tmp_path, simulator, **UNLIMITED)
        (tmp_path / "keys").write_text("\n".join(map(str, wanted)))
        program.result("enqueue", "edition", "--file", "keys")
        with workers(program, 2):
            for share in kills:
                until(partial(has_at_most, server.url, run_sql, int(share * len(wanted))), SLOWEST + len(wanted) / 20)
                pid = int((open_dir / "pipeline" / "postgresql" / "postmaster.pid").read_text().split()[0])
                os.kill(pid, signal.SIGKILL)
                until(lambda: not answers(server.url))  # its backends end a moment after it
                server.ensure_running()
            until(lambda: left(server.url, run_sql) == 0, SLOWEST + len(wanted) / 50)
        check_whole(server.url, run_sql, wanted, simulator)


def test_all_providers_down_and_back(database_url: str, run_sql: RunSQL, tmp_path: Path) -> None:
    wanted = isbns(20, 9_000)
    with Simulator(limited=False) as simulator:
        down = [{"match": "/", "fault": "status", "status": 503}]
        hosts = ("isbndb", "google_books", "open_library", "wikidata", "wikidata_sparql", "wikipedia")
        simulator.faults(**dict.fromkeys(hosts, down))
        program = program_on(database_url, tmp_path, simulator, **UNLIMITED)
        program.result("enqueue", "edition", *wanted)
        with workers(program, 1):
            until(lambda: asleep(database_url, run_sql) == 20, 60)
        assert run_sql(database_url, "select max(attempts) from queue.jobs where kind = 'edition'") == [(0,)]
        assert run_sql(database_url, "select count(*) from enriched.misses") == [(0,)]


def test_quota_used_up_lets_jobs_sleep(database_url: str, run_sql: RunSQL, tmp_path: Path) -> None:
    wanted = isbns(30, 9_500)
    with Simulator(limited=False) as simulator:
        others = ("google_books", "open_library", "wikidata", "wikipedia")
        settings: dict[str, object] = {f"{name}_enabled": "no" for name in others}
        program = program_on(database_url, tmp_path, simulator, isbndb_daily_limit=1, isbndb_buffer=0, **settings)
        program.result("enqueue", "edition", *wanted)
        with workers(program, 1):
            until(lambda: asleep(database_url, run_sql) >= 29, 60)
        assert run_sql(database_url, "select max(attempts) from queue.jobs where kind = 'edition'") == [(0,)]
        assert simulator.state()["isbndb"]["units"] <= 1
