"""The queue's statements find jobs by an index at every size, also by a plan that was made while there were none."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from alexandria.db import Connection, Database, connect, load_statements
from alexandria.db.reader import number_params
from alexandria.queue.job import Done, NewJob, Result, Snooze
from alexandria.queue.store import claim, claim_now, enqueue, hand_back, heartbeat, settle_in
from tests.queue.looking import sql

SQL = load_statements("alexandria.queue")
HOT = {
    "claim": ("jobs_due", "jobs_pkey"),
    "settle": ("jobs_pkey",),
    "raise_jobs": ("jobs_active", "jobs_pkey"),
    "extend": ("jobs_pkey",),
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
    """A queue that was empty or had one job when it was analysed, or 100,000; `grown`: by 100,000 since then."""
    with connect(session_database(), autocommit=True) as connection:
        connection.execute("alter table queue.jobs set (autovacuum_enabled = off)")
        if request.param != "empty":
            connection.execute(FILL.replace("{n}", "1" if request.param != "large" else "100000").encode())
        connection.execute("vacuum analyze queue.jobs")
        if request.param == "grown":
            connection.execute(FILL.replace("{n}", "100000").replace("'edition'", "'work'").encode())
        connection.execute("set plan_cache_mode = force_generic_plan")
        connection.execute("set random_page_cost = 1.1")
        yield connection


@pytest.mark.parametrize("name", HOT)
def test_jobs_are_found_by_an_index(filled: Connection, name: str) -> None:
    filled.execute("begin")
    filled.execute(SQL["use_indexes"].sql.encode())
    found = plan(filled, name)
    filled.execute("rollback")
    scans = [line for line in found.splitlines() if " on jobs" in line and "Scan" in line]
    assert scans
    assert all(any(f"using {index} " in line for index in HOT[name]) for line in scans), found
    if name == "claim":
        assert found.count("Sort Key") == found.count("Sort Key: claimed"), found
        assert "Index Cond: ((kind = k.kind) AND (priority = p.priority) AND (run_at <=" in found


def test_without_it_a_plan_for_an_empty_queue_reads_it_whole(filled: Connection) -> None:
    """So that the statement before each of them is not taken away as useless."""
    [[rows]] = filled.execute("select reltuples from pg_class where oid = 'queue.jobs'::regclass").fetchall()
    [[pages]] = filled.execute("select pg_relation_size('queue.jobs')").fetchall()
    if rows < 2 and pages < 100_000:
        assert "Seq Scan on jobs" in plan(filled, "settle")


@pytest.mark.anyio
async def test_no_function_reads_a_queue_whole_that_was_empty_when_it_was_planned(
    database_url: str, run_sql: Callable[[str, str], list[tuple[Any, ...]]]
) -> None:
    run_sql(database_url, "vacuum analyze queue.jobs")
    database = Database(database_url, max_size=1)  # so that one connection has planned all and knows what it read
    await database.open()
    jobs = [NewJob("edition", key) for key in range(4)]
    await enqueue(database, jobs)
    await enqueue(database, jobs)
    leased = await claim(database, ["edition"], "one", 3)
    await heartbeat(database, leased)
    await hand_back(database, leased[:1])
    await claim_now(database, jobs)
    async with database.transaction() as transaction:
        await settle_in(transaction, [Result(leased[1], Done()), Result(leased[2], Snooze(datetime.now(UTC), "x"))])
    await database.fetch(sql("select pg_stat_force_next_flush()"))
    rows = await database.fetch(sql("select seq_scan, idx_scan > 0 from pg_stat_user_tables where relname = 'jobs'"))
    await database.close()
    assert rows == [(0, True)]


def test_finished_jobs_are_found_by_an_index(filled: Connection) -> None:
    filled.execute("delete from queue.finished")
    filled.execute(FINISHED.encode())
    filled.execute("analyze queue.finished")
    [[partition]] = filled.execute("select 'finished_' || to_char(now(), 'YYYY_MM')").fetchall()
    for name in ("find_job", "find_over", "list_dead", "replay", "list_finished"):
        found = plan(filled, name)
        assert f"Seq Scan on {partition}" not in found, found
        assert f" on {partition}" in found
