"""The queue's statements find jobs by an index at every size, also by a plan that was made while there were none."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest

from alexandria.db import Connection, Database, connect, load_statements
from alexandria.db.reader import number_params
from alexandria.queue import manage
from alexandria.queue.job import Dead, Done, Job, NewJob, Outcome, Result, Snooze
from alexandria.queue.store import claim, claim_now, enqueue, hand_back, heartbeat, settle_in
from tests.queue.looking import sql

SQL = load_statements("alexandria.queue")
HOT = {
    "claim": ("jobs_due", "jobs_pkey"),
    "settle": ("jobs_pkey",),
    "raise_jobs": ("jobs_active", "jobs_pkey"),
    "extend": ("jobs_pkey",),
    "drop_jobs": ("jobs_pkey",),
    "hurry": ("jobs_pkey",),
    "hand_back": ("jobs_pkey",),
    "lease_waiting": ("jobs_pkey",),
}
FILL = """
    insert into queue.jobs (id, kind, key, lane, priority, payload, most_attempts, run_at, created_at)
    select gen_random_uuid(), 'edition', n, 'enrichment', 5, '{}', 5, now(), now() from generate_series(1, {n}) n"""
FINISHED = """
    insert into queue.finished (id, kind, key, lane, priority, payload, result, state, attempts, most_attempts,
                                created_at, finished_at)
    select gen_random_uuid(), 'edition', n, 'enrichment', 5, '{}', '{}',
           case when n % 1000 = 0 then 'dead' else 'completed' end, 1, 5, now(), now()
    from generate_series(1, 20000) n"""


def plan(connection: Connection, name: str) -> str:
    sql, order = number_params(SQL[name].sql)
    connection.execute(f"prepare {name} as {sql}".encode())
    rows = connection.execute(f"explain execute {name}({', '.join(['null'] * len(order))})".encode()).fetchall()
    connection.execute(f"deallocate {name}".encode())
    return "\n".join(row[0] for row in rows)


@pytest.fixture(scope="module", params=["empty", "one", "grown", "large"])
def filled(request: pytest.FixtureRequest, session_database: Callable[[], str]) -> Iterator[Connection]:
    """A queue that was empty or had one job when it was analysed, or 50,000; `grown`: by 50,000 since then."""
    with connect(session_database(), autocommit=True) as connection:
        connection.execute("alter table queue.jobs set (autovacuum_enabled = off)")
        if request.param != "empty":
            connection.execute(FILL.replace("{n}", "1" if request.param != "large" else "50000").encode())
        connection.execute("vacuum analyze queue.jobs")
        if request.param == "grown":
            connection.execute(FILL.replace("{n}", "50000").replace("'edition'", "'work'").encode())
        connection.execute("set plan_cache_mode = force_generic_plan")
        connection.execute("set random_page_cost = 1.1")
        yield connection


@pytest.mark.parametrize("name", HOT)
def test_jobs_are_found_by_an_index(filled: Connection, name: str) -> None:
    filled.execute("begin")
    filled.execute(SQL["use_indexes"].sql.encode())
    found = plan(filled, name)
    filled.execute("rollback")
    lines = [line.strip() for line in found.splitlines()]
    scans = {line: following for line, following in pairwise(lines) if re.search("Scan.* on (queue.)?jobs", line)}
    assert scans
    for scan, condition in scans.items():
        assert any(f"Index Scan using {index} " in scan for index in HOT[name]), found
        assert condition.startswith("Index Cond: "), found
    if name == "claim":
        found_by = r"kind = \S+ AND \(priority = \S+ AND \(\(worker IS NULL\) = \S+ AND \(run_at <="
        assert re.search(found_by, found), found
        assert "run_at" not in "".join(line for line in lines if line.startswith("Sort Key")), found


def test_without_it_a_plan_for_an_empty_queue_reads_it_whole(filled: Connection) -> None:
    """So that the statement before each of them is not taken away as useless."""
    [[rows]] = filled.execute("select reltuples from pg_class where oid = 'queue.jobs'::regclass").fetchall()
    [[pages]] = filled.execute("select pg_relation_size('queue.jobs')").fetchall()
    if rows < 2 and pages < 100_000:
        assert "Seq Scan on jobs" in plan(filled, "settle")


READ = """
    select sum(seq_tup_read)::int + (select sum(idx_tup_read)::int from pg_stat_user_indexes where relname = 'jobs')
    from pg_stat_user_tables where relname = 'jobs'"""


@pytest.mark.anyio
async def test_no_function_reads_a_queue_whole_that_was_empty_when_it_was_planned(
    database_url: str, run_sql: Callable[[str, str], list[tuple[Any, ...]]]
) -> None:
    run_sql(database_url, "alter table queue.jobs set (autovacuum_enabled = off)")
    run_sql(database_url, "vacuum analyze queue.jobs")
    database = Database(database_url, max_size=1)  # so that one connection has planned all and knows what it read
    await database.open()
    await use_everything(database)
    run_sql(database_url, FILL.replace("{n}", "20000").replace("'edition'", "'work'"))
    run_sql(database_url, FILL.replace("{n}", "20000").replace("5, now()", "5, now() + interval '1 hour'"))
    before = await count_read(database)
    await use_everything(database)
    read = await count_read(database) - before
    await database.close()
    assert 0 < read < 1_000


async def use_everything(database: Database) -> None:
    jobs = [NewJob("edition", -key) for key in range(1, 5)]
    await enqueue(database, jobs)
    await enqueue(database, [NewJob("edition", -key, 9) for key in range(1, 5)])
    leased = await claim(database, ["edition"], "one", 3)
    await heartbeat(database, leased)
    await hand_back(database, leased[:1])
    claimed = await claim_now(database, jobs)
    assert [type(each) for each in claimed].count(Job) == 2
    held = {job.id: job for job in (*leased[1:], *claimed) if isinstance(job, Job)}
    outcomes: list[Outcome] = [Done(), Snooze(datetime.now(UTC), "x"), Dead("x"), Done()]
    async with database.transaction() as transaction:
        await settle_in(transaction, [Result(job, each) for job, each in zip(held.values(), outcomes, strict=True)])
    await manage.drop(database, [job_id for job_id in held])


async def count_read(database: Database) -> int:
    await database.fetch(sql("select pg_stat_force_next_flush()"))
    [(read,)] = await database.fetch(sql(READ))
    return int(read)


def test_finished_jobs_are_found_by_an_index(filled: Connection) -> None:
    filled.execute("delete from queue.finished")
    filled.execute(FINISHED.encode())
    filled.execute("analyze queue.finished")
    [[partition]] = filled.execute("select 'finished_' || to_char(now(), 'YYYY_MM')").fetchall()
    for name in ("find_job", "find_over", "list_dead", "replay", "list_finished"):
        found = plan(filled, name)
        assert f"Seq Scan on {partition}" not in found, found
        assert f" on {partition}" in found
