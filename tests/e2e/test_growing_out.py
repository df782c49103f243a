"""Several API, worker and scheduler processes behind nginx and PgBouncer, with one PostgreSQL: nothing is different.

Debian's nginx and pgbouncer are needed; they are looked for, not installed. The database is reached by two addresses:
through PgBouncer in transaction mode, and for loads without it, as docs/how-to/use-your-own-postgresql.md says.
"""

import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from alexandria.cli.address import free_port
from alexandria.sample.catalogue import write_sample
from alexandria.sample.numbers import nth_isbn
from alexandria.simulator.launch import Simulator
from bench import fleet
from tests.cli.conftest import HOST, Program
from tests.e2e.conftest import KEY
from tests.waiting import until

pytestmark = pytest.mark.skipif(bool(fleet.missing()), reason=fleet.missing() or "all is here")
APIS, WORKERS, SCHEDULERS = 2, 2, 2
START = 150  # seconds, on a machine that has much else to do
RunSQL = Callable[[str, str], list[tuple[Any, ...]]]


@dataclass
class Fleet:
    """What runs: a client of nginx, one of each API process, the database's own address, the log of nginx."""

    front: httpx2.Client
    apis: list[httpx2.Client]
    url: str
    log: Path
    processes: list[subprocess.Popen[str]]

    def asked(self) -> Counter[str]:
        """How many requests each API process got."""
        return Counter(self.log.read_text().split())


@pytest.fixture(scope="module")
def grown(simulator: Simulator, session_database: Callable[[], str], open_disk_dir: Path) -> Iterator[Fleet]:
    url, folder = session_database(), open_disk_dir / "fleet"
    folder.mkdir(mode=0o755)
    with ExitStack() as stack:
        pooled = stack.enter_context(fleet.pgbouncer(folder, url))
        program = Program(
            folder, database_url=pooled, database_direct_url=url, pooler="transaction", data_dir=folder / "data",
            internal_api_key=KEY, contact="tests@example.org", trusted_proxies=HOST, isbndb_plan="basic",
            isbndb_api_key="one", google_books_api_key="two",
        )  # fmt: skip
        program.environ |= simulator.environ
        done = program.run("mirror", "load", *write_sample(folder))
        assert done.returncode == 0, done.stderr
        ports = [free_port(HOST) for _ in range(APIS)]
        commands = [["api", "--port", str(port)] for port in ports] + [["worker"]] * WORKERS
        processes: list[subprocess.Popen[str]] = []
        stack.callback(_end, processes)
        for command in [*commands, *[["scheduler"]] * SCHEDULERS]:
            processes.append(program.start(*command))
        base = stack.enter_context(fleet.nginx(folder, ports))
        clients = [
            stack.enter_context(httpx2.Client(base_url=each, headers={"X-API-Key": KEY}, timeout=30))
            for each in (base, *(f"http://{HOST}:{port}" for port in ports))
        ]
        for client in clients[1:]:
            until(lambda client=client: _is_ready(client, processes, program), START)  # type: ignore[misc]
        yield Fleet(clients[0], clients[1:], url, folder / "nginx" / "upstream.log", processes)


def _end(processes: list[subprocess.Popen[str]]) -> None:
    """Nothing; asks all to end, and waits for each."""
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait(60)
        if process.stdout:
            process.stdout.close()


def _is_ready(client: httpx2.Client, processes: list[subprocess.Popen[str]], program: Program) -> bool:
    """Whether a process answers; fails the test, with what was said, when one of them has ended."""
    assert [process.poll() for process in processes] == [None] * len(processes), program.said()
    try:
        return client.get("/ready").status_code == 200
    except httpx2.TransportError:
        return False


def invented(first: int, count: int) -> list[str]:
    """So many ISBNs that providers may know and we do not."""
    found = dict.fromkeys(str(isbn) for isbn in map(nth_isbn, range(first, first + 10 * count)) if isbn)
    return list(found)[:count]


def test_every_process_answers_the_same(grown: Fleet, run_sql: RunSQL) -> None:
    rows = run_sql(grown.url, "select isbn from mirror.edition_isbns where completeness >= 0 order by isbn limit 60")
    isbns = [str(isbn) for (isbn,) in rows]
    assert len(isbns) == 60

    def ask(isbn: str) -> tuple[int, Any]:
        answer = grown.front.get("/api/isbn", params={"isbn": isbn})
        return answer.status_code, answer.json()["results"]

    with ThreadPoolExecutor(8) as pool:
        through_nginx = list(pool.map(ask, isbns))
    assert {status for status, _ in through_nginx} == {200}
    for api in grown.apis:
        batch = api.post("/api/isbn/batch", json={"isbns": isbns}).json()["results"]
        assert [[each["edition"]] for each in batch] == [results for _, results in through_nginx]
    until(lambda: len(grown.asked()) == APIS and min(grown.asked().values()) >= 10)


def test_what_one_process_was_told_all_know(grown: Fleet) -> None:
    isbns = invented(7_000, 20)

    def tell(isbn: str) -> int:
        body = {"isbn": isbn, "title": f"Told {isbn}", "page_count": 7}
        return grown.front.post("/api/enrich/edition", json=body).status_code

    with ThreadPoolExecutor(8) as pool:
        assert Counter(pool.map(tell, isbns * 2)) == {201: len(isbns), 200: len(isbns)}
    for api in grown.apis:
        told = api.post("/api/isbn/batch", json={"isbns": isbns}).json()["results"]
        assert [each["edition"]["title"] for each in told] == [f"Told {isbn}" for isbn in isbns]


def test_misses_become_hits_once_each(grown: Fleet, run_sql: RunSQL, simulator: Simulator) -> None:
    isbns = invented(8_000, 40)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda isbn: grown.front.get("/api/isbn", params={"isbn": isbn}), isbns * 2))

    waiting = "select 1 from queue.jobs where kind = 'edition'"
    until(lambda: not run_sql(grown.url, waiting))
    rows = run_sql(grown.url, "select count(*), count(distinct key) from queue.finished where kind = 'edition'")
    assert rows == [(len(isbns), len(isbns))]  # nothing was asked for twice
    for api in grown.apis:
        found = api.post("/api/isbn/batch", json={"isbns": isbns}).json()["results"]
        assert [each["status"] for each in found].count("found") > len(isbns) / 2
    assert simulator.violations() == {}


def test_most_go_through_pgbouncer_and_nobody_died(grown: Fleet, run_sql: RunSQL) -> None:
    """PgBouncer adds to the name of a session where it came from; only who listens goes around it."""
    sessions = "select application_name from pg_stat_activity where datname = current_database() and pid <> {}"
    names = [str(name) for (name,) in run_sql(grown.url, sessions.format("pg_backend_pid()"))]
    pooled = [name for name in names if f" - {HOST}:" in name]
    assert pooled
    assert len(names) - len(pooled) <= WORKERS + SCHEDULERS
    assert [process.poll() for process in grown.processes] == [None] * len(grown.processes)
