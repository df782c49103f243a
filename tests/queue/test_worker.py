"""A worker: wakes at once, takes what it has room for, holds it while it runs, and leaves nothing behind."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest

from alexandria.db import Database
from alexandria.errors import DatabaseUnavailable, SettingsInvalid
from alexandria.queue import batch as batch_module
from alexandria.queue import worker as worker_module
from alexandria.queue.job import Dead, Done, Job, NewJob, Result, Step, Work
from alexandria.queue.store import claim, counts, enqueue, find_states, heartbeat
from alexandria.queue.worker import Worker
from tests.queue.looking import ask, check_tallies, sql

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def working(database: Database, *works: Work, url: str | None = None, **more: Any) -> AsyncIterator[Worker]:
    """A worker that runs; it must end by itself when it is told to."""
    worker = Worker(database, works, url, **more)
    task = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        worker.stop()
        await asyncio.wait_for(task, 120)


async def until(condition: Callable[[], Any], seconds: float = 120) -> Any:
    """The first true value; fails when there is none in time."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if asyncio.iscoroutine(value):
            value = await value
        if value:
            return value
        assert time.monotonic() < end, "waited too long"
        await asyncio.sleep(0.01)


class Recorder:
    """A handler that notes its batches, waits for leave, and settles."""

    def __init__(self, wait: bool = False) -> None:
        self.batches: list[list[int]] = []
        self.running = self.most_running = 0
        self.leave = asyncio.Event()
        if not wait:
            self.leave.set()

    async def __call__(self, jobs: Sequence[Job]) -> AsyncIterator[Step]:
        self.batches.append([job.key for job in jobs])
        self.running += 1
        self.most_running = max(self.running, self.most_running)
        try:
            await self.leave.wait()
            yield Step([Result(job, Done()) for job in jobs])
        finally:
            self.running -= 1

    @property
    def seen(self) -> Counter[int]:
        return Counter(key for batch in self.batches for key in batch)

    def has_seen(self, key: int) -> bool:
        return key in self.seen


async def over(database: Database) -> int:
    [(number,)] = await ask(database, "select count(*)::int from queue.finished")
    return int(number)


async def test_jobs_are_done_in_batches_and_no_more_at_a_time_than_allowed(database: Database) -> None:
    recorder = Recorder()
    ids = await enqueue(database, [NewJob("edition", key) for key in range(95)])
    async with working(database, Work("edition", recorder, batch=10, concurrency=3)):
        await until(lambda: over_all(database, 95))
    assert recorder.seen == Counter(range(95))
    assert max(map(len, recorder.batches)) == 10
    assert recorder.most_running <= 3
    assert await find_states(database, ids) == set(ids)
    await check_tallies(database)


async def over_all(database: Database, number: int) -> bool:
    return await over(database) == number


async def test_suspects_are_alone_in_their_batch_and_still_not_too_many_at_a_time(database: Database) -> None:
    recorder = Recorder()
    await enqueue(database, [NewJob("edition", key) for key in range(20)])
    await database.execute(sql("update queue.jobs set alone = true where key < 12"))
    async with working(database, Work("edition", recorder, batch=20, concurrency=2)):
        await until(lambda: over_all(database, 20))
    assert sorted(recorder.batches, key=len)[-1] == list(range(12, 20))
    assert sorted(batch for batch in recorder.batches if len(batch) == 1) == [[key] for key in range(12)]
    assert recorder.most_running == 2


async def test_a_notice_wakes_it(database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "POLL", 600.0)
    recorder = Recorder()
    async with working(database, Work("edition", recorder), Work("work", Recorder()), url=database_url):
        await until(lambda: listens(database))
        for key in range(3):
            await enqueue(database, [NewJob("edition", key)])
            await until(partial(recorder.has_seen, key))


async def listens(database: Database) -> bool:
    return bool(await ask(database, "select 1 from pg_stat_activity where query like 'LISTEN%%' and state = 'idle'"))


async def test_without_a_notice_it_looks_by_itself(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "POLL", 0.05)
    recorder = Recorder()
    async with working(database, Work("edition", recorder)):
        await asyncio.sleep(0.2)
        await enqueue(database, [NewJob("edition", 1)])
        await until(lambda: recorder.seen[1])


async def test_what_becomes_due_is_seen(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "POLL", 0.05)
    recorder = Recorder()
    await enqueue(database, [NewJob("edition", 1)])
    await database.execute(sql("update queue.jobs set run_at = now() + interval '0.4 seconds'"))
    async with working(database, Work("edition", recorder)):
        await until(lambda: recorder.seen[1])
    [(early,)] = await ask(database, "select started_at < created_at + interval '0.4 seconds' from queue.finished")
    assert not early


async def test_kinds_do_not_wait_for_each_other(database: Database) -> None:
    slow, quick = Recorder(wait=True), Recorder()
    await enqueue(database, [NewJob(kind, key) for kind in ("edition", "work") for key in range(5)])
    async with working(database, Work("edition", slow, concurrency=2), Work("work", quick)):
        await until(lambda: len(quick.seen) == 5)
        await until(lambda: slow.running == 2)
        slow.leave.set()
        await until(lambda: len(slow.seen) == 5)


async def test_leases_are_held_while_a_handler_takes_its_time(database: Database) -> None:
    recorder = Recorder(wait=True)
    await enqueue(database, [NewJob("edition", key) for key in range(4)])
    async with (
        working(database, Work("edition", recorder, batch=2, concurrency=2), lease=2.0),
        working(database, Work("edition", recorder, batch=2, concurrency=2), lease=2.0),
    ):
        await until(lambda: recorder.running == 2)
        await asyncio.sleep(3.0)
        recorder.leave.set()
        await until(lambda: over_all(database, 4))
    assert recorder.seen == Counter(range(4)), "nobody else got one of them meanwhile"


async def test_told_to_stop_it_finishes_what_runs_and_hands_back_what_waits(database: Database) -> None:
    recorder = Recorder(wait=True)
    await enqueue(database, [NewJob("edition", key) for key in range(6)])
    async with working(database, Work("edition", recorder, batch=3), lease=600) as worker:
        await until(lambda: recorder.running)
        worker.stop()
        await enqueue(database, [NewJob("edition", 99)])
        await asyncio.sleep(0.1)
        recorder.leave.set()
    assert len(recorder.seen) == 3
    assert await over(database) == 3
    assert await ask(database, "select distinct worker, attempts, run_at <= now() from queue.jobs") == [(None, 0, True)]
    await check_tallies(database)


async def test_what_waits_for_its_turn_is_handed_back_while_others_finish(database: Database) -> None:
    recorder = Recorder(wait=True)
    await enqueue(database, [NewJob("edition", key) for key in range(5)])
    await database.execute(sql("update queue.jobs set alone = true"))
    async with working(database, Work("edition", recorder, batch=5), lease=600) as worker:
        await until(lambda: recorder.running)
        await until(lambda: held_by_workers(database, 5))
        worker.stop()
        await until(lambda: held_by_workers(database, 1))
        assert recorder.running == 1
        recorder.leave.set()
    assert await over(database) == 1
    await check_tallies(database)


async def test_it_waits_for_a_database_that_is_away(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    async def claim_in_vain(*args: Any, **more: Any) -> list[Job]:
        if next(away, False):
            raise DatabaseUnavailable("away")
        return await claim(*args, **more)

    away = iter([True] * 3)
    monkeypatch.setattr(worker_module, "POLL", 0.02)
    monkeypatch.setattr(worker_module, "claim", claim_in_vain)
    recorder = Recorder()
    await enqueue(database, [NewJob("edition", 1)])
    async with working(database, Work("edition", recorder)):
        await until(lambda: over_all(database, 1))


async def test_after_an_outage_longer_than_a_lease_it_keeps_what_it_has(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def beat(*args: Any, **more: Any) -> set[Any]:
        if is_away:
            raise DatabaseUnavailable("away")
        return await heartbeat(*args, **more)

    async def claim_in_vain(*args: Any, **more: Any) -> list[Job]:
        if is_away:
            raise DatabaseUnavailable("away")
        return await claim(*args, **more)

    is_away = False
    monkeypatch.setattr(worker_module, "POLL", 0.02)
    monkeypatch.setattr(worker_module, "heartbeat", beat)
    monkeypatch.setattr(worker_module, "claim", claim_in_vain)
    recorder = Recorder(wait=True)
    await enqueue(database, [NewJob("edition", 1)])
    async with working(database, Work("edition", recorder, concurrency=2)):
        await until(lambda: recorder.running)
        is_away = True
        await asyncio.sleep(0.2)  # what was under way has ended
        await database.execute(sql("update queue.jobs set run_at = now() - interval '1 minute'"))
        await asyncio.sleep(0.2)
        is_away = False
        await until(lambda: is_leased(database))
        recorder.leave.set()
    assert recorder.batches == [[1]]
    assert await ask(database, "select attempts from queue.finished") == [(1,)]


async def is_leased(database: Database) -> bool:
    return await ask(database, "select run_at > now() from queue.jobs") == [(True,)]


async def test_what_takes_too_long_to_finish_is_handed_back(database: Database) -> None:
    recorder = Recorder(wait=True)
    await enqueue(database, [NewJob("edition", key) for key in range(3)])
    async with working(database, Work("edition", recorder, batch=3), lease=600, grace=5.0) as worker:
        await until(lambda: recorder.running)
        started = time.monotonic()
        worker.stop()
    assert time.monotonic() - started < 60
    assert recorder.running == 0, "it was cancelled"
    assert await ask(database, "select distinct worker, attempts from queue.jobs") == [(None, 0)]
    assert await over(database) == 0
    await check_tallies(database)


async def test_a_poison_job_dies_alone(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "POLL", 0.05)
    monkeypatch.setattr(batch_module, "pause_after", lambda attempts: 0.0)
    batches: list[list[int]] = []

    async def handle(jobs: Sequence[Job]) -> AsyncIterator[Step]:
        batches.append(sorted(job.key for job in jobs))
        if 13 in batches[-1]:
            raise RuntimeError("poison")
        yield Step([Result(job, Done()) for job in jobs])

    await enqueue(database, [NewJob("edition", key) for key in range(20)])
    async with working(database, Work("edition", handle, batch=20)):
        await until(lambda: over_all(database, 20))
    assert batches[0] == list(range(20))
    assert all(len(batch) == 1 for batch in batches[1:])
    rows = await ask(
        database, "select state, count(*)::int, max(attempts) from queue.finished group by state order by state"
    )
    assert rows == [("completed", 19, 2), ("dead", 1, 5)]
    assert await ask(database, "select key::int from queue.finished where state = 'dead'") == [(13,)]


async def test_two_poison_jobs_in_a_step_s_write_die_alone(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "POLL", 0.05)
    monkeypatch.setattr(batch_module, "pause_after", lambda attempts: 0.0)
    await database.execute(sql("create table public.effects (key int check (key %% 5 <> 4))"))

    async def handle(jobs: Sequence[Job]) -> AsyncIterator[Step]:
        async def write(transaction: Any) -> None:
            for job in jobs:
                await transaction.execute(sql("insert into public.effects values (%(key)s)"), {"key": job.key})

        yield Step([Result(job, Done()) for job in jobs], write)

    await enqueue(database, [NewJob("edition", key) for key in range(10)])
    async with working(database, Work("edition", handle, batch=10)):
        await until(lambda: over_all(database, 10))
    assert await ask(database, "select key::int from queue.finished where state = 'dead' order by key") == [(4,), (9,)]
    effects = await ask(database, "select key from public.effects order by key")
    assert effects == [(key,) for key in range(10) if key % 5 != 4]


async def test_a_job_that_may_kill_its_worker_runs_while_nothing_else_is_held(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "POLL", 0.05)
    await enqueue(database, [NewJob(kind, key) for kind in ("edition", "work") for key in range(12)])
    await database.execute(sql("update queue.jobs set lapses = 3 where kind = 'edition' and key in (3, 4, 5)"))
    held: dict[int, list[tuple[Any, ...]]] = {3: [], 4: [], 5: []}
    others: list[int] = []

    async def handle(jobs: Sequence[Job]) -> AsyncIterator[Step]:
        if not jobs[0].is_deadly:
            others.append(len(jobs))
            await asyncio.sleep(0.03)
        for _ in range(4 if jobs[0].is_deadly else 0):
            await asyncio.sleep(0.03)
            held[jobs[0].key] += await ask(database, "select kind, key::int from queue.jobs where worker is not null")
        yield Step([Result(job, Done()) for job in jobs])

    works = [Work("edition", handle, batch=4, concurrency=2), Work("work", handle, batch=2)]
    async with working(database, *works, lease=5.0):
        await until(lambda: over_all(database, 24))
    assert held == {key: [("edition", key)] * 4 for key in (3, 4, 5)}
    assert max(others) == 4
    assert await ask(database, "select max(attempts) from queue.finished") == [(1,)]
    await check_tallies(database)


@pytest.mark.parametrize(("lapses", "together"), [(2, {4}), (3, {1})], ids=["lost in a crowd", "lost among few"])
async def test_those_that_might_have_killed_but_do_not_follow_one_another_at_once(
    database: Database, lapses: int, together: set[int]
) -> None:
    recorder = Recorder()
    sizes: list[int] = []

    async def handle(jobs: Sequence[Job]) -> AsyncIterator[Step]:
        sizes.append(len(jobs))
        async for step in recorder(jobs):
            yield step

    await enqueue(database, [NewJob("edition", key) for key in range(12)])
    await database.execute(sql("update queue.jobs set lapses = %(lapses)s"), {"lapses": lapses})
    async with working(database, Work("edition", handle, batch=4), lease=600):
        await until(lambda: over_all(database, 12))
    assert recorder.seen == Counter(range(12))
    assert set(sizes) == together


async def test_told_to_stop_it_hands_back_what_waits_to_run_alone(database: Database) -> None:
    recorder = Recorder(wait=True)
    await enqueue(database, [NewJob("edition", key) for key in range(2)])
    await database.execute(sql("update queue.jobs set lapses = 2 where key = 1"))
    async with working(database, Work("edition", recorder, batch=1, concurrency=2), lease=600, grace=5.0):
        await until(lambda: recorder.running)
        await until(lambda: held_by_workers(database, 2))
    assert recorder.seen == Counter([0])
    assert await ask(database, "select key::int, worker, lapses, attempts from queue.jobs order by key") == [
        (0, None, 0, 0),
        (1, None, 2, 0),
    ]


async def held_by_workers(database: Database, number: int) -> bool:
    return await ask(database, "select count(worker)::int from queue.jobs") == [(number,)]


async def test_a_job_that_follows_is_done_too(database: Database, database_url: str) -> None:
    async def count_down(jobs: Sequence[Job]) -> AsyncIterator[Step]:
        follow = [NewJob("edition", job.key - 1) for job in jobs if job.key > 1]
        yield Step([Result(job, Done()) for job in jobs], follow=follow)

    await enqueue(database, [NewJob("edition", 5)])
    async with working(database, Work("edition", count_down), url=database_url):
        await until(lambda: over_all(database, 5))


async def test_a_worker_that_cannot_go_on_says_why_and_hands_back(database: Database) -> None:
    recorder = Recorder(wait=True)
    await enqueue(database, [NewJob("edition", 1)])
    worker = Worker(database, [Work("edition", recorder)], "postgresql://u:p/w@h/d", lease=600, grace=5.0)
    with pytest.raises(SettingsInvalid):
        await worker.run()
    assert await ask(database, "select worker from queue.jobs") == [(None,)]


async def test_missing_rights_for_upkeep_stop_no_job(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(_: Database) -> None:
        raise PermissionError("not yours")

    monkeypatch.setattr(worker_module, "make_partitions", refuse)
    monkeypatch.setattr(worker_module, "fold_tallies", refuse)
    recorder = Recorder()
    await enqueue(database, [NewJob("edition", 1)])
    async with working(database, Work("edition", recorder)):
        await until(lambda: over_all(database, 1))


async def test_a_dead_job_is_counted(database: Database) -> None:
    async def kill(jobs: Sequence[Job]) -> AsyncIterator[Step]:
        yield Step([Result(job, Dead("no")) for job in jobs])

    await enqueue(database, [NewJob("edition", 1)])
    async with working(database, Work("edition", kill)):
        await until(lambda: over_all(database, 1))
    [edition] = await counts(database)
    assert (edition.pending, edition.running, edition.dead) == (0, 0, 1)
