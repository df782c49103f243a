"""Providers are down, quota is used up: jobs sleep, and none is lost. Who is killed: tests/storm."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from alexandria.sample.numbers import nth_isbn
from alexandria.simulator.launch import Simulator
from tests.cli.conftest import Program
from tests.conftest import RunSQL
from tests.waiting import until

pytestmark = pytest.mark.slow
WORKER = "worker"
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


def asleep(url: str, run_sql: RunSQL) -> int:
    """How many jobs wait for a later time, and are nobody's."""
    waiting = "kind = 'edition' and run_at > now() and worker is null"
    return int(run_sql(url, f"select count(*) from queue.jobs where {waiting}")[0][0])


def test_all_providers_down_and_back(database_url: str, run_sql: RunSQL, tmp_path: Path) -> None:
    wanted = isbns(20, 9_000)
    with Simulator(limited=False) as simulator:
        down = [{"match": "/", "fault": "status", "status": 503}]
        hosts = ("isbndb", "google_books", "open_library", "wikidata", "wikidata_sparql", "wikipedia")
        simulator.faults(**dict.fromkeys(hosts, down))
        program = program_on(database_url, tmp_path, simulator, **UNLIMITED)
        program.result("enqueue", "edition", *wanted)
        with workers(program, 1):
            until(lambda: asleep(database_url, run_sql) == 20)
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
            until(lambda: asleep(database_url, run_sql) >= 29)
        assert run_sql(database_url, "select max(attempts) from queue.jobs where kind = 'edition'") == [(0,)]
        assert simulator.state()["isbndb"]["units"] <= 1
