"""The whole pipeline: from queued ISBNs to stored records, with everything between asked, counted and logged."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Sequence

from alexandria.db import Connection, Database, connect
from alexandria.queue.job import NewJob
from alexandria.queue.store import enqueue
from alexandria.sample.numbers import nth_isbn
from alexandria.simulator.launch import Simulator
from bench.catalogue import Catalogue
from bench.machine import ROOT
from bench.result import Result, command_of, figure
from bench.workspace import BenchFailed

TITLE = "Enrichment pipeline"
EDITIONS, QUICK_EDITIONS = 10_000, 100
GOAL = 1_500
WORKERS = (1, 2)
PATIENCE, LOOK = 600.0, 0.2  # seconds for all jobs; between two looks whether all is done
MOST_WAITING = 0.001  # of the jobs: the simulator leads a few ISBNs in a circle, asked for again ten minutes later
DATABASE = "pipeline"
_WAITS = b"""
from queue.jobs where kind = 'edition' and worker is null and attempts > 0 and run_at > now() + interval '1 min'"""
_WAITING, _FORGET = b"select count(*) " + _WAITS, b"delete " + _WAITS
_TO_DO = b"""
select count(*) from queue.jobs
where kind = 'edition' and not (worker is null and attempts > 0 and run_at > now() + interval '1 min')"""
_SECONDS = b"select extract(epoch from max(finished_at) - %s)::float8 from queue.finished where kind = 'edition'"
_LEFT = b"""
select count(*), case when worker is null then 'waiting' else 'running' end,
       extract(epoch from min(run_at) - now())::int, coalesce(min(error), 'no error')
from queue.jobs where kind = 'edition' group by 2, error order by 1 desc limit 5"""
LIFTED = {"ISBNDB_RATE": "5000", "ISBNDB_DAILY_LIMIT": "100000000", "GOOGLE_BOOKS_RATE": "5000",
          "GOOGLE_BOOKS_DAILY_LIMIT": "100000000", "OPEN_LIBRARY_RATE": "5000", "WIKIMEDIA_RATE": "5000"}  # fmt: skip
OWN = {"CONTACT": "bench@localhost", "ISBNDB_PLAN": "pro", "ISBNDB_API_KEY": "one", "GOOGLE_BOOKS_API_KEY": "two"}


def run(size: int, quick: bool) -> Result:
    """Rates of one and two workers, by ISBNdb alone and by whole chains; each on ISBNs that nobody knew before."""
    count = QUICK_EDITIONS if quick else EDITIONS
    catalogue = Catalogue(size)
    figures = []
    with catalogue.server, Simulator(limited=False) as simulator:
        url = catalogue.make_database(DATABASE)
        try:
            start = size  # beyond the editions of the catalogue
            for name, payload in (("ISBNdb alone", {"providers_to_try": ["isbndb"]}), ("whole chains", {})):
                for workers in WORKERS[:1] if quick else WORKERS:
                    isbns = _isbns(start, count)
                    start += 3 * count
                    seconds = _work(url, simulator, isbns, payload, workers)
                    rate = count / seconds
                    plural = "s" if workers > 1 else ""
                    figures.append(
                        figure(
                            f"{name}, {workers} worker{plural}",
                            [rate],
                            "editions/s",
                            goal=f"≥ {GOAL:,}",
                            met=rate >= GOAL,
                        )
                    )
        finally:
            catalogue.drop_database(DATABASE)
    return Result(
        bench="pipeline",
        title=TITLE,
        size=size,
        quick=quick,
        command=command_of("pipeline", size, quick),
        figures=figures,
        notes=[
            f"{count:,} ISBNs that only the simulated providers know, from the first enqueued to the last settled job: "
            "asked through gate and ledger (limits lifted, every request counted), parsed, matched, works and authors "
            "made, answers, fold, log and search index stored, covers asked for (and not fetched here), fsync on. "
            "Simulator, workers and PostgreSQL share the processors. "
            "ISBNdb knows about 85 % of them; a whole chain asks the others, and about the incomplete ones, of Google "
            "Books, Open Library and Wikidata one by one."
        ],
    )


def _isbns(start: int, count: int) -> list[int]:
    found = (nth_isbn(index) for index in range(start, start + 3 * count))
    return list(dict.fromkeys(isbn for isbn in found if isbn))[:count]


def _work(url: str, simulator: Simulator, isbns: Sequence[int], payload: dict[str, list[str]], workers: int) -> float:
    """Seconds from the first enqueued job to the end of the last one."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("ALEXANDRIA_")}
    environ |= {f"ALEXANDRIA_{name}": value for name, value in {**LIFTED, **OWN, "DATABASE_URL": url}.items()}
    environ |= simulator.environ
    command = [sys.executable, "-m", "alexandria.cli.main", "worker", "--kind", "edition"]
    running = [
        subprocess.Popen(command, env=environ, cwd=ROOT, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(workers)
    ]
    try:
        with connect(url, autocommit=True) as connection:
            while _listening(connection) < workers:
                if any(each.poll() is not None for each in running):
                    raise BenchFailed("a worker ended at its start")
                time.sleep(0.05)
            begun, begun_at = time.perf_counter(), connection.execute("select clock_timestamp()").fetchone()
            connection.execute("set enable_seqscan = off")  # a look must not read all that is gone
            asyncio.run(_enqueue(url, [NewJob("edition", isbn, payload=payload) for isbn in isbns]))
            while _number(connection, _TO_DO):
                if any(each.poll() is not None for each in running):
                    raise BenchFailed(f"a worker died{_left(connection)}")
                if time.perf_counter() - begun > PATIENCE:
                    raise BenchFailed(f"the jobs were not done in {PATIENCE:.0f} s{_left(connection)}")
                time.sleep(LOOK)
            if _number(connection, _WAITING) > MOST_WAITING * len(isbns):
                raise BenchFailed(f"too many jobs wait for another attempt{_left(connection)}")
            connection.execute(_FORGET)  # or the next round counts them
            row = connection.execute(_SECONDS, begun_at).fetchone()
            assert row is not None
            return float(row[0])
    finally:
        for each in running:
            each.terminate()
        for each in running:
            each.wait(30)


def _listening(connection: Connection) -> int:
    """How many workers wait for jobs."""
    sql = b"select count(*) from pg_stat_activity where datname = current_database() and query ilike 'listen%'"
    return _number(connection, sql)


def _number(connection: Connection, sql: bytes) -> int:
    row = connection.execute(sql).fetchone()
    return int(row[0]) if row else 0


def _left(connection: Connection) -> str:
    """What the jobs wait for that are left, as the end of a sentence."""
    rows = connection.execute(_LEFT).fetchall()
    return "".join(f"; {count} {state}, due in {seconds} s: {error}" for count, state, seconds, error in rows)


async def _enqueue(url: str, jobs: Sequence[NewJob]) -> None:
    database = Database(url)
    await database.open()
    for start in range(0, len(jobs), 1_000):
        await enqueue(database, jobs[start : start + 1_000])
    await database.close()
