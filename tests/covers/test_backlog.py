"""Editions without a cover are found a piece at a time, and asked for once."""

from collections.abc import Callable
from typing import Any

import pytest

from alexandria.covers import backlog
from alexandria.covers.backlog import Backlog, count_backlog, sweep
from alexandria.covers.service import Covers
from alexandria.db import Database
from alexandria.queue.batch import Batch
from alexandria.queue.job import Done, NewJob, QueueFull
from alexandria.queue.status import find
from alexandria.queue.store import claim, enqueue
from tests.covers.conftest import Host, say, work
from tests.covers.pictures import jpeg

pytestmark = pytest.mark.anyio
Rows = Callable[[str], list[tuple[Any, ...]]]
ISBNS = [9780000000000 + number for number in range(25)]


async def known(database: Database) -> None:
    """Nothing; somebody knows of some editions that the mirror has not."""
    for isbn in ISBNS:
        await say(database, "isbndb", isbn, title=f"Number {isbn}")


def queued(rows: Rows) -> set[int]:
    return {row[0] for row in rows("select key from queue.jobs where kind = 'cover'")}


async def test_a_sweep_asks_for_editions_that_were_never_searched(database: Database, rows: Rows) -> None:
    assert await sweep(database) == 0
    await known(database)
    assert await sweep(database) == len(ISBNS)
    assert queued(rows) == set(ISBNS), "the mirror's own editions are not crawled"
    assert rows("select distinct lane, priority from queue.jobs") == [("covers", 2)]


async def test_a_sweep_goes_on_where_it_stopped(
    database: Database, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlog, "WINDOW", 4)
    monkeypatch.setattr(backlog, "WINDOWS", 2)
    await known(database)
    places = []
    for _ in range(6):
        await sweep(database)
        places.append(rows("select after from covers.sweep")[0][0])
    assert queued(rows) == set(ISBNS)
    assert places[0] == ISBNS[7]
    assert 0 in places, "and begins anew at the end"


async def test_a_sweep_asks_for_no_more_than_it_should(database: Database, rows: Rows) -> None:
    await known(database)
    assert await sweep(database, 10) == 10
    assert queued(rows) == set(ISBNS[:10])
    assert await sweep(database, 10) == 10
    assert queued(rows) == set(ISBNS[:20])
    assert await sweep(database, 0) == 0


async def test_what_was_searched_waits_until_it_is_due(
    database: Database, covers: Covers, host: Host, rows: Rows
) -> None:
    await known(database)
    await say(database, "user", ISBNS[0], source="key", cover_url=host.put("/a.jpg", jpeg(64, 96)))
    await work(database, covers, *ISBNS)
    assert await sweep(database) == 0
    rows(f"update covers.attempts set next_at = now() - interval '1 second' where isbn in ({ISBNS[3]}, {ISBNS[4]})")
    assert await sweep(database, 1) == 1
    assert await sweep(database) == 1
    assert queued(rows) == {ISBNS[3], ISBNS[4]}
    assert await sweep(database) == 0, "it was just asked for"


async def test_the_numbers_add_up(database: Database, covers: Covers, host: Host, rows: Rows) -> None:
    await known(database)
    for isbn in ISBNS[:3]:
        await say(database, "user", isbn, source="key", cover_url=host.put("/a.jpg", jpeg(64, 96)))
    await say(database, "user", ISBNS[3], source="key", cover_url=host.put("/b.jpg", b"<html>"))
    await work(database, covers, *ISBNS[:6])
    found = await count_backlog(database)
    assert found == Backlog(covers=3, pictures=1, missing=2, refused=1, later=0, due=0, never=len(ISBNS) - 6)


async def test_the_job_of_the_schedule_is_a_sweep(database: Database, covers: Covers, rows: Rows) -> None:
    await known(database)
    [work] = [each for each in covers.works() if each.kind == backlog.SWEEP]
    [job_id] = await enqueue(database, [NewJob(backlog.SWEEP, 1)])
    await Batch(database, work, await claim(database, [backlog.SWEEP], "test", 10)).run()
    found = await find(database, job_id)
    assert found
    assert (found.state, found.result) == ("completed", {"asked_for": len(ISBNS)})
    assert queued(rows) == set(ISBNS)


async def test_a_full_queue_is_no_failure(database: Database, covers: Covers, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(*args: object, **more: object) -> list[Any]:
        raise QueueFull(1)

    await known(database)
    monkeypatch.setattr(backlog, "enqueue", refuse)
    await enqueue(database, [NewJob(backlog.SWEEP, 1)])
    jobs = await claim(database, [backlog.SWEEP], "test", 10)
    [step] = [step async for step in covers.sweeper.sweeps(jobs)]
    assert [result.outcome for result in step.results] == [Done({"asked_for": 0})]
    with pytest.raises(QueueFull):
        await sweep(database)
