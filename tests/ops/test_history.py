"""How things stood minute by minute: noted once by any number of schedulers, and forgotten in time."""

import asyncio

import pytest

from alexandria.db import Database
from alexandria.ops.history import PAUSE, History, Standing, read_minutes
from tests.conftest import RunSQL

pytestmark = pytest.mark.anyio
SEED = """
do $$ begin
    insert into queue.tallies (kind, lane, minute, active, running, completed, not_found, dead) values
        ('edition', 'enrichment', '-infinity', 10, 1, 100, 5, 2), ('edition', 'interactive', now(), 3, 1, 1, 0, 0);
    insert into quota.windows (bucket, began_at, resets_at, interactive, harvest) values
        ('isbndb', now(), now() + interval '1 day', 2, 3),
        ('old', now() - interval '2 days', now() - interval '1 day', 9, 9);
    insert into ops.history (minute, queue, quota) values (date_trunc('minute', now()) - interval '9 days', '{}', '{}');
end $$"""


async def test_a_minute_is_noted_once(database: Database, database_url: str, run_sql: RunSQL) -> None:
    run_sql(database_url, SEED)
    histories = [History(database) for _ in range(4)]
    await asyncio.gather(*(each.note() for each in histories))
    rows = run_sql(database_url, "select count(*), count(distinct minute) from ops.history")
    assert rows[0][0] == rows[0][1] <= 2, "of which the second would be of the next minute"
    noted = await read_minutes(database, hours=1, every=1)
    assert noted[-1].queue == {"edition": Standing(11, 2, 101, 5, 2)}
    assert noted[-1].quota == {"isbndb": 5}
    assert len(await read_minutes(database, hours=24 * 30, every=1)) == len(noted), "what is old was forgotten"


async def test_it_is_not_noted_more_often_than_needed(database: Database, database_url: str, run_sql: RunSQL) -> None:
    clock = [0.0]
    history = History(database, lambda: clock[0])
    for seconds, rows in ((0.0, 1), (PAUSE - 1, 0), (PAUSE, 1)):
        clock[0] = seconds
        await history.note()
        found = run_sql(database_url, "select count(*) from ops.history")[0][0]
        assert bool(found) == bool(rows), seconds
        run_sql(database_url, "delete from ops.history")


async def test_only_every_so_many_minutes_are_read(database: Database, database_url: str, run_sql: RunSQL) -> None:
    run_sql(
        database_url,
        "insert into ops.history select date_trunc('hour', now()) - make_interval(mins => n), '{}', '{}' "
        "from generate_series(0, 119) n",
    )
    found = await read_minutes(database, hours=24, every=10)
    assert len(found) == 12
    assert {each.at.minute % 10 for each in found} == {0}
    assert found == sorted(found, key=lambda each: each.at)
