"""A batch: its handler's steps are applied whole or not at all, and no error loses a job."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alexandria.db import Database, Transaction
from alexandria.errors import (
    DatabaseUnavailable,
    Malformed,
    ProviderFailed,
    QuotaExhausted,
    StatementTimeout,
    Unauthorized,
    Unavailable,
)
from alexandria.queue import batch as batch_module
from alexandria.queue.batch import Batch, StepFailed, apply_step, failed
from alexandria.queue.job import Done, Failed, Handler, Job, NewJob, Result, Snooze, StaleLease, Step, Work
from alexandria.queue.store import claim, enqueue, find, hand_back
from tests.queue.looking import ask, check_tallies, sql

pytestmark = pytest.mark.anyio
NOTE = sql("insert into public.effects (key, token) values (%(key)s, %(token)s)")
BAD = sql("select 1 / 0 from public.effects")


@pytest.fixture
async def database(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A queue beside a table that handlers write into, and no long pauses."""
    await database.execute(sql("create table public.effects (key bigint, token bigint)"))
    monkeypatch.setattr(batch_module, "PAUSE", 0.05)
    return database


async def leased(database: Database, count: int, lease: float = 30.0) -> list[Job]:
    await enqueue(database, [NewJob("edition", key) for key in range(count)])
    return await claim(database, ["edition"], "one", count, lease=lease)


def writing(*jobs: Job) -> Callable[[Transaction], Any]:
    async def write(transaction: Transaction) -> None:
        for job in jobs:
            await transaction.execute(NOTE, {"key": job.key, "token": job.token})

    return write


def steps_of(size: int, then: Exception | None = None, most: int = 100) -> Handler:
    """A handler that settles so many jobs in each step, at the most so many steps, then raises."""

    async def handle(jobs: Sequence[Job]) -> AsyncIterator[Step]:
        for start in range(0, min(len(jobs), most * size), size):
            part = jobs[start : start + size]
            yield Step([Result(job, Done()) for job in part], writing(*part), [NewJob("work", job.key) for job in part])
        if then:
            raise then

    return handle


async def run(database: Database, handler: Handler, jobs: Sequence[Job], **more: Any) -> Batch:
    batch = Batch(database, Work("edition", handler, **more), jobs)
    await batch.run()
    return batch


async def states(database: Database) -> dict[int, list[Any]]:
    """Of every job for an edition by its key: state, attempts, alone, seconds until it is due, error."""
    rows = await ask(
        database,
        """select key, 'waiting', attempts, alone, round(extract(epoch from run_at - now()))::int, error
           from queue.jobs where kind = 'edition' and worker is null
           union all select key, 'leased', attempts, alone, 0, error from queue.jobs where worker is not null
           union all select key, state, attempts, null, 0, error from queue.finished""",
    )
    return {row[0]: list(row[1:]) for row in rows}


async def effects_of(database: Database) -> list[int]:
    return [row[0] for row in await ask(database, "select key from public.effects order by key")]


async def test_a_step_writes_settles_and_enqueues(database: Database) -> None:
    jobs = await leased(database, 5)
    batch = await run(database, steps_of(2), jobs)
    assert batch.left == {}
    assert await effects_of(database) == [0, 1, 2, 3, 4]
    assert {row[0] for row in (await states(database)).values()} == {"completed"}
    assert await ask(database, "select count(*)::int from queue.jobs where kind = 'work'") == [(5,)]
    await check_tallies(database)


async def test_what_was_settled_before_an_error_stays(database: Database) -> None:
    jobs = await leased(database, 6)
    await run(database, steps_of(2, RuntimeError("postgresql://u:secret@h/d"), most=2), jobs)
    assert await effects_of(database) == [0, 1, 2, 3]
    found = await states(database)
    assert [found[key][0] for key in range(6)] == ["completed"] * 4 + ["waiting"] * 2
    for key in (4, 5):
        assert found[key][1:3] == [1, True]
        assert 0 < found[key][3] <= 10
        assert found[key][4] == "unexpected RuntimeError; the log of the worker says where"


async def test_alone_a_job_is_not_blamed_for_others(database: Database) -> None:
    [job] = await leased(database, 1)
    await run(database, steps_of(1, RuntimeError(), most=0), [job])
    assert (await states(database))[0][:3] == ["waiting", 1, False]


@pytest.mark.parametrize(
    ("error", "seconds", "free", "said"),
    [
        (QuotaExhausted("isbndb", "used up", datetime.now(UTC) + timedelta(hours=3)), 10_800, True, "isbndb: used up"),
        (Unavailable("isbndb", "away"), 300, True, "isbndb: away"),
        (Unavailable("isbndb", "away", datetime.now(UTC) - timedelta(hours=1)), 1, True, "isbndb: away"),
        (Unauthorized("isbndb", "no"), 300, True, "isbndb: no"),
        (Malformed("isbndb", "half"), 10, False, "isbndb: half"),
        (StatementTimeout("host h"), 5, True, "the database was away"),
        (TimeoutError(), 10, False, "it took too long"),
        (KeyError("secret"), 10, False, "unexpected KeyError; the log of the worker says where"),
    ],
)
async def test_what_is_not_their_fault_costs_no_attempt(
    database: Database, error: Exception, seconds: int, free: bool, said: str
) -> None:
    await run(database, steps_of(1, error, most=0), await leased(database, 2))
    for state, attempts, alone, due, told in (await states(database)).values():
        assert (state, attempts, told) == ("waiting", 0 if free else 1, said)
        assert seconds - 1_800 < due <= seconds  # made when the tests were collected
        assert alone is not free


async def test_a_handler_that_says_nothing_about_a_job(database: Database) -> None:
    await run(database, steps_of(1, most=1), await leased(database, 2))
    found = await states(database)
    assert found[0][0] == "completed"
    assert found[1][:3] == ["waiting", 1, True]
    assert found[1][4] == "its handler said nothing about it"


async def test_a_handler_that_hangs_is_given_up(database: Database) -> None:
    async def hang(jobs: Sequence[Job]) -> AsyncIterator[Step]:
        yield Step([Result(jobs[0], Done())])
        await asyncio.sleep(60)

    await run(database, hang, await leased(database, 2), longest=0.05)
    found = await states(database)
    assert [found[key][0] for key in (0, 1)] == ["completed", "waiting"]
    assert found[1][4] == "it took too long"


async def test_a_step_that_cannot_be_written_is_undone(database: Database) -> None:
    async def handle(jobs: Sequence[Job]) -> AsyncIterator[Step]:
        async def write(transaction: Transaction) -> None:
            await writing(*jobs)(transaction)
            await transaction.execute(BAD)

        yield Step([Result(job, Done()) for job in jobs], write, [NewJob("work", 1)])

    await run(database, handle, await leased(database, 2))
    assert await effects_of(database) == []
    assert await ask(database, "select count(*)::int from queue.jobs where kind = 'work'") == [(0,)]
    assert [row[:3] for row in (await states(database)).values()] == [["waiting", 1, True]] * 2
    await check_tallies(database)


async def test_a_handler_is_closed_when_its_step_fails(database: Database) -> None:
    closed: list[bool] = []

    async def handle(jobs: Sequence[Job]) -> AsyncIterator[Step]:
        async def write(transaction: Transaction) -> None:
            raise RuntimeError

        try:
            yield Step([Result(job, Done()) for job in jobs], write)
        finally:
            closed.append(True)

    await run(database, handle, await leased(database, 1))
    assert closed == [True]


async def test_a_step_is_tried_again_and_given_up_when_the_database_answers(database: Database) -> None:
    [job] = await leased(database, 1)
    tries = 0

    async def write(transaction: Transaction) -> None:
        nonlocal tries
        tries += 1
        await writing(job)(transaction)
        raise StatementTimeout("too slow, at a host that nobody should read")

    with pytest.raises(StepFailed) as raised:
        await apply_step(database, Step([Result(job, Done())], write))
    assert tries == batch_module.TRIES
    assert "host" not in str(raised.value)
    assert await effects_of(database) == []


async def test_a_step_waits_for_a_database_that_is_away(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    [job] = await leased(database, 1)
    pings = iter([False] * 5)

    async def answers(_: Database) -> bool:
        return next(pings, True)

    async def write(transaction: Transaction) -> None:
        await writing(job)(transaction)
        if next(away, False):
            raise DatabaseUnavailable("away")

    away = iter([True] * 5)
    monkeypatch.setattr(batch_module, "_answers", answers)
    await apply_step(database, Step([Result(job, Done())], write))
    assert await effects_of(database) == [0]


async def test_whose_lease_is_lost_loses_only_its_step(database: Database) -> None:
    jobs = await leased(database, 6)
    await hand_back(database, [jobs[2]])
    await run(database, steps_of(2), jobs)
    assert await effects_of(database) == [0, 1, 4, 5]
    found = await states(database)
    assert [found[key][0] for key in range(6)] == [
        "completed",
        "completed",
        "waiting",
        "waiting",
        "completed",
        "completed",
    ]
    assert found[3][1:3] == [0, False]
    assert found[3][4] == "others of its batch took too long"
    assert found[2][1:3] == [0, False], "it is as it was handed back"


async def test_a_step_that_was_applied_already_is_not_applied_twice(database: Database) -> None:
    """As when the connection breaks in COMMIT: nobody knows whether it happened, so it is tried again."""
    [job] = await leased(database, 1)
    step = Step([Result(job, Done())], writing(job), [NewJob("work", 1)])
    await apply_step(database, step)
    with pytest.raises(StaleLease):
        await apply_step(database, step)
    assert await effects_of(database) == [0]


async def test_cancelled_it_leaves_what_is_not_settled_to_its_worker(database: Database) -> None:
    at_two = asyncio.Event()

    async def handle(jobs: Sequence[Job]) -> AsyncIterator[Step]:
        try:
            yield Step([Result(jobs[0], Done())])
            at_two.set()
            await asyncio.sleep(60)
        finally:
            closed.append(True)

    closed: list[bool] = []
    jobs = await leased(database, 3)
    batch = Batch(database, Work("edition", handle, 3), jobs)
    task = asyncio.create_task(batch.run())
    await at_two.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert closed == [True]
    assert list(batch.left) == [job.id for job in jobs[1:]]


async def test_an_outcome_frees_a_job_from_being_alone(database: Database) -> None:
    await run(database, steps_of(1, RuntimeError(), most=0), await leased(database, 2))
    await database.execute(sql("update queue.jobs set run_at = now()"))
    jobs = await claim(database, ["edition"], "one", 10)
    assert [job.alone for job in jobs] == [True, True]

    async def snooze(jobs: Sequence[Job]) -> AsyncIterator[Step]:
        yield Step([Result(job, Snooze(datetime.now(UTC), "later")) for job in jobs])

    await run(database, snooze, jobs[:1])
    await run(database, steps_of(1, Unavailable("isbndb", "away"), most=0), jobs[1:])
    assert [row[2] for row in (await states(database)).values()] == [False, True], "a provider's failure says nothing"
    found = await find(database, jobs[0].id)
    assert found is not None
    assert found.attempts == 1


@pytest.mark.parametrize("attempts", [1, 2, 3])
def test_pauses_after_failures_grow(attempts: int) -> None:
    assert failed(RuntimeError(), attempts, False) == Failed(
        (10, 60, 300)[attempts - 1], "unexpected RuntimeError; the log of the worker says where"
    )


def test_every_provider_failure_is_looked_at() -> None:
    for kind in ProviderFailed.__subclasses__():
        error = kind("b", "m", datetime.now(UTC)) if kind is QuotaExhausted else kind("b", "m")
        assert failed(error, 1, True).free is (kind is not Malformed)
