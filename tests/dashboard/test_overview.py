"""The overview: it shows what is there, and however much there is, no statement of it reads a big table."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any

import pytest

from alexandria.config import read_settings
from alexandria.dashboard.overview import Overview, Watch, read_overview
from alexandria.db import Database, Statement, connect
from alexandria.quota.policy import make_policies
from tests.conftest import RunSQL
from tests.pools import opened

pytestmark = pytest.mark.anyio
_FILL = """
do $$ begin
    insert into queue.finished (id, kind, key, lane, priority, payload, result, state, attempts, most_attempts,
                                created_at, finished_at)
    select gen_random_uuid(), 'edition', n, 'enrichment', 5, '{}', '{}',
           case when n % 100 = 0 then 'dead' else 'completed' end, 1, 5, now(), now() - make_interval(secs => n * 10)
    from generate_series(1, 40000) n;
    insert into queue.jobs (id, kind, key, lane, priority, payload, most_attempts, run_at, created_at)
    select gen_random_uuid(), 'edition', n, 'enrichment', 5, '{}', 5, now(), now() from generate_series(1, 20000) n;
    insert into queue.tallies (kind, lane, minute, active, completed, dead)
    values ('edition', 'enrichment', now(), 20000, 39600, 400);
    insert into enriched.log (at, kind, id, provider, source, operation, success)
    select now() - make_interval(secs => n), 'edition', n, 'isbndb', 'self', 'fetch', true
    from generate_series(1, 20000) n;
    insert into enriched.answers (kind, id, provider, source, licence, fields, said, quality, created_at, updated_at)
    select 'edition', n, 'isbndb', 'self', 'proprietary', '{}', '{}', 1, now(), now() from generate_series(1, 20000) n;
    insert into quota.calls (at, bucket, lane, kind, units, items)
    select now() - make_interval(secs => n), 'isbndb', 'harvest', 'book', 1, 1 from generate_series(1, 20000) n;
    insert into harvest.campaigns (kind, title, signature, parameters, state, is_planned, created_by)
    select 'authors', n, n, '{}', 'running', true, 'self' from generate_series(1, 20) n;
    insert into harvest.steps (campaign_id, number, key, name, state)
    select c.id, n, n, 'x', 'pending' from harvest.campaigns c, generate_series(1, 1000) n;
    insert into ops.schedules (name) values ('sweep');
    insert into ops.ticks (name, at, job_id)
    select name, now() - make_interval(mins => n), gen_random_uuid()
    from unnest(array['sweep', 'covers']) name, generate_series(1, 10000) n;
    insert into ops.history select date_trunc('minute', now()) - make_interval(mins => n),
           '{"edition": [5, 1, 2, 3, 4]}', '{"isbndb": 7}' from generate_series(0, 11000) n;
end $$"""


class Recording(Database):
    """A database that remembers what it was asked."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.asked: list[tuple[Statement, Any]] = []

    async def fetch(self, statement: Statement, params: Any = None) -> Any:
        self.asked.append((statement, params))
        return await super().fetch(statement, params)


@pytest.fixture(scope="module")
def filled(session_database: Callable[[], str], run_sql: RunSQL) -> str:
    url = session_database()
    run_sql(url, _FILL)
    run_sql(url, "analyze")
    return url


@pytest.fixture
async def database(filled: str) -> AsyncIterator[Recording]:
    database = Recording(filled, max_size=2)
    await database.open()
    yield database
    await database.close()


def scanned(plan: Any) -> Iterator[str]:
    """The tables that a plan reads as a whole."""
    if isinstance(plan, Mapping):
        if plan.get("Node Type") in ("Seq Scan", "Parallel Seq Scan"):
            yield str(plan["Relation Name"])
        for inner in plan.get("Plans", ()):
            yield from scanned(inner)


async def test_no_statement_reads_a_big_table(database: Recording) -> None:
    policies = make_policies(read_settings({}).providers)
    await read_overview(database, policies)
    assert len(database.asked) > 10
    found = {}
    with connect(database.url) as connection:
        rows = connection.execute("select relname from pg_class where relkind = 'r' and reltuples >= 5000").fetchall()
        big = {name for (name,) in rows}
        for statement, params in database.asked:
            [(plan,)] = connection.execute(f"explain (format json) {statement.sql}".encode(), params).fetchall()
            found[statement.name] = big.intersection(scanned(plan[0]["Plan"]))
        [(whole,)] = connection.execute(
            "explain (format json) select count(*) from queue.jobs where lane = 'x'"
        ).fetchall()
    assert len(big) >= 7
    assert {name: tables for name, tables in found.items() if tables} == {}
    assert list(scanned(whole[0]["Plan"])) == ["jobs"], "one that does is seen"


async def test_what_is_seen(database: Recording) -> None:
    seen = await read_overview(database, make_policies(read_settings({}).providers))
    assert seen.sizes["enriched.answers"] == 20_000
    assert seen.dead == {"edition": 400}
    assert (len(seen.attempts), len(seen.failures), len(seen.campaigns)) == (15, 15, 8)
    assert seen.attempts[0].at >= seen.attempts[-1].at
    assert seen.failures[0].at >= seen.failures[-1].at
    assert 143 <= len(seen.minutes) <= 144
    assert seen.minutes[-1].queue["edition"].completed == 2
    assert seen.minutes[-1].quota == {"isbndb": 7}
    sweep, *_ = [each for each in seen.schedule if each.name == "sweep"]
    assert sweep.last_at is not None


async def test_however_many_look_it_is_read_once(database_url: str) -> None:
    async with opened(database_url) as database:
        watch = Watch(database, {})
        first: Overview = await watch.look()
        assert await watch.look() is first
        watch.forget()
        assert await watch.look() is not first
