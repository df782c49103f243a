"""Each firing happens once, whoever looks and however often; what was missed happens once; nothing is made up for."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from alexandria.db import Database, Statement, connect
from alexandria.errors import BadInput
from alexandria.ops.schedule import TABLE, Periodic
from alexandria.ops.ticks import Scheduler, fire, fire_due, list_entries, pause
from alexandria.queue.job import Done, Result
from alexandria.queue.store import claim, settle_in
from tests.mirror.test_load import rows

pytestmark = pytest.mark.anyio
SOON = (Periodic("soon", "* * * * *", "soon", "every minute"), Periodic("daily", "0 3 * * *", "daily", "once a day"))


async def ticks(database: Database) -> list[tuple[str, bool]]:
    found = await database.fetch(Statement("ticks", "select name, by_hand from ops.ticks order by fired_at", "Ticks."))
    return [(name, by_hand) for name, by_hand in found]


def later(**much: float) -> datetime:
    return datetime.now(UTC) + timedelta(**much)


async def test_many_schedulers_fire_each_tick_once(database: Database, database_url: str) -> None:
    assert await fire_due(database, SOON) == []  # the first look: nothing from before is made up for
    now = later(minutes=2)
    fired = await asyncio.gather(*(fire_due(database, SOON, now=now) for _ in range(8)))
    assert sum(fired, []).count("soon") == 1
    assert rows(database_url, "select payload ? 'scheduled_for' from queue.jobs where kind = 'soon'") == [(True,)]
    assert (await ticks(database)).count(("soon", False)) == 1


async def test_what_was_missed_happens_once(database: Database) -> None:
    await fire_due(database, SOON)
    now = later(days=5)
    assert sorted(await fire_due(database, SOON, now=now)) == ["daily", "soon"]
    assert await fire_due(database, SOON, now=now + timedelta(seconds=1)) in ([], ["soon"])
    assert (await ticks(database)).count(("daily", False)) == 1


async def test_a_job_that_still_runs_is_not_started_twice(database: Database, database_url: str) -> None:
    await fire_due(database, SOON)
    await fire_due(database, SOON, now=later(minutes=2))
    await fire_due(database, SOON, now=later(minutes=5))
    assert (await ticks(database)).count(("soon", False)) == 2
    assert rows(database_url, "select count(*) from queue.jobs where kind = 'soon'") == [(1,)]


async def test_a_pause_and_its_end(database: Database) -> None:
    await pause(database, "soon", table=SOON)  # also before a scheduler ever ran
    assert "soon" not in await fire_due(database, SOON, now=later(days=2))
    [entry, _] = await list_entries(database, SOON)
    assert (entry.is_paused, entry.next_at) == (True, None)
    await fire(database, "soon", SOON)  # by hand it runs
    await pause(database, "soon", paused=False, table=SOON)
    assert "soon" not in await fire_due(database, SOON)  # what was due meanwhile is not made up for
    assert "soon" in await fire_due(database, SOON, now=later(minutes=3))


async def test_the_list_tells_what_came_of_it(database: Database) -> None:
    [before, _] = await list_entries(database, SOON)
    assert (before.last_at, before.outcome, before.seconds) == (None, None, None)
    job_id = await fire(database, "soon", SOON)
    [waiting, _] = await list_entries(database, SOON)
    assert (waiting.job_id, waiting.outcome) == (job_id, "pending")
    [job] = await claim(database, ["soon"], "one", 1)
    async with database.transaction() as transaction:
        await settle_in(transaction, [Result(job, Done({"x": 1}))])
    [done, daily] = await list_entries(database, SOON)
    assert done.outcome == "completed"
    assert done.seconds is not None
    assert done.seconds >= 0
    assert done.next_at
    assert done.next_at > datetime.now(UTC) - timedelta(minutes=1)
    assert daily.outcome is None
    assert await fire(database, "soon", SOON) != job_id


async def test_an_unknown_name(database: Database) -> None:
    for attempt in (fire, pause):
        with pytest.raises(BadInput, match="'x' is not scheduled; there are covers, sweep"):
            await attempt(database, "x")


async def test_a_scheduler_runs_until_it_is_told(database: Database, database_url: str) -> None:
    await fire_due(database, TABLE)
    with connect(database_url, autocommit=True) as connection:
        connection.execute("update ops.schedules set since = now() - interval '1 day' where name = 'sweep'")
    schedulers = [Scheduler(database), Scheduler(database)]
    running = [asyncio.create_task(each.run()) for each in schedulers]
    async with asyncio.timeout(20):
        while not await ticks(database):
            await asyncio.sleep(0.02)
    for each in schedulers:
        each.stop()
    await asyncio.gather(*running)
    assert await ticks(database) == [("sweep", False)]
