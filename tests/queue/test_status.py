"""What is known of jobs, what an operator does to them, and the upkeep of the tables."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from alexandria.db import Database, load_statements
from alexandria.queue import manage
from alexandria.queue.job import Dead, Done, Job, NewJob, Outcome, Retry, Snooze
from alexandria.queue.status import ACTIVE, KindCounts, count_dead, counts, find, list_jobs
from alexandria.queue.store import TALLIES, claim, enqueue
from alexandria.queue.upkeep import fold_tallies, make_partitions
from tests.queue.looking import ask, check_tallies, settle, sql

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


async def take(database: Database, limit: int, kind: str = "edition", now: datetime = NOON) -> list[Job]:
    return await claim(database, [kind], "one", limit, now=now)


@pytest.fixture
async def ended(database: Database) -> dict[str, Job]:
    """Jobs in every state, by state."""
    await enqueue(database, [NewJob("edition", key) for key in range(7)], now=NOON)
    jobs = await take(database, 7)
    outcomes: dict[str, Outcome] = {
        "completed": Done(),
        "not_found": Done(found=False),
        "dead": Dead("broken"),
        "retry": Retry(NOON + MINUTE, "x"),
        "snooze": Snooze(NOON + 2 * MINUTE, "quota"),
    }
    for job, outcome in zip(jobs, outcomes.values(), strict=False):
        await settle(database, job, outcome, now=NOON)
    await enqueue(database, [NewJob("edition", 100)], now=NOON)
    return dict(zip((*outcomes, "running", "lapsed"), jobs, strict=True))


async def test_a_job_that_never_was_is_not_found(database: Database) -> None:
    assert await find(database, uuid4()) is None


async def test_a_lapsed_lease_is_waiting_again(database: Database, ended: dict[str, Job]) -> None:
    job_id = ended["running"].id
    running = await find(database, job_id, now=NOON)
    lapsed = await find(database, job_id, now=NOON + MINUTE)
    assert running is not None
    assert lapsed is not None
    assert (running.status, running.retry_count) == ("processing", 0)
    assert (lapsed.status, lapsed.retry_count) == ("pending", 1)


async def test_jobs_are_listed_by_state(database: Database, ended: dict[str, Job]) -> None:
    active = await list_jobs(database, ACTIVE, now=NOON)
    assert [job.state for job in active] == ["pending", "pending", "running", "running", "pending"]
    assert [job.id for job in active] == sorted(job.id for job in active)
    assert len(await list_jobs(database, ["running"], now=NOON)) == 2
    assert len(await list_jobs(database, ["pending"], now=NOON)) == 3
    assert len(await list_jobs(database, ["pending"], limit=2, now=NOON)) == 2
    over = await list_jobs(database, ["completed", "not_found", "dead"], now=NOON)
    assert [job.state for job in over] == ["dead", "not_found", "completed"]
    assert await list_jobs(database, ["dead"], "work") == []
    assert len(await list_jobs(database, ["dead"], "edition")) == 1


async def test_counts_say_how_it_stands(database: Database, ended: dict[str, Job]) -> None:
    await enqueue(database, [NewJob("work", 1)], now=NOON - 3 * MINUTE)
    edition, work = await counts(database, now=NOON)
    assert edition == KindCounts("edition", 3, 2, NOON, NOON + MINUTE, 1, 1, 1)
    assert work == KindCounts("work", 1, 0, NOON - 3 * MINUTE, None, 0, 0, 0)
    [later, _] = await counts(database, now=NOON + 30 * MINUTE)
    assert (later.completed, later.not_found, later.dead) == (0, 0, 0), "only of the last ten minutes"
    assert later.due_since == NOON
    assert await count_dead(database) == {"edition": 1}


async def test_a_failed_job_begins_anew_and_a_waiting_one_is_hurried(database: Database, ended: dict[str, Job]) -> None:
    ids = {name: job.id for name, job in ended.items()}
    changed = await manage.retry(database, [*ids.values(), uuid4()], now=NOON)
    assert changed == {ids[name] for name in ("not_found", "dead", "retry", "snooze")}
    jobs = {job.id: job for job in await take(database, 10)}
    assert {job_id: jobs[job_id].attempts for job_id in changed} == {
        ids["not_found"]: 1, ids["dead"]: 1, ids["retry"]: 2, ids["snooze"]: 1,
    }  # fmt: skip
    await check_tallies(database)


async def test_a_failed_job_stays_where_it_is_while_the_same_is_active(
    database: Database, ended: dict[str, Job]
) -> None:
    dead = ended["dead"]
    await enqueue(database, [NewJob("edition", dead.key)], now=NOON)
    assert await manage.retry(database, [dead.id]) == set()
    found = await find(database, dead.id)
    assert found is not None
    assert found.state == "dead"
    assert [number async for number in manage.retry_dead(database)] == [0]


async def test_all_dead_jobs_of_a_kind_are_retried(database: Database) -> None:
    await enqueue(database, [NewJob(kind, key) for kind in ("edition", "work") for key in range(3)], now=NOON)
    for kind in ("edition", "work"):
        for job in await take(database, 3, kind):
            await settle(database, job, Dead("x"))
    assert sum([number async for number in manage.retry_dead(database, "work")]) == 3
    assert await count_dead(database) == {"edition": 3}
    assert len(await claim(database, ["work"], "one", 10)) == 3
    await check_tallies(database)


async def test_only_what_no_worker_has_is_dropped(database: Database, ended: dict[str, Job]) -> None:
    ids = {name: job.id for name, job in ended.items()}
    assert await manage.drop(database, list(ids.values()), now=NOON) == {ids["retry"], ids["snooze"]}
    found = await find(database, ids["retry"])
    assert found is not None
    assert (found.state, found.status, found.error) == ("dropped", "failed", "dropped by hand")
    assert await manage.drop(database, [ids["lapsed"]], now=NOON + MINUTE) == {ids["lapsed"]}
    await check_tallies(database)
    assert await manage.retry(database, [ids["retry"]]) == {ids["retry"]}


async def test_all_waiting_jobs_are_dropped_in_parts(database: Database) -> None:
    await enqueue(database, [NewJob(kind, key) for kind in ("edition", "work") for key in range(1_100)])
    assert [number async for number in manage.drop_waiting(database, "edition")] == [1_000, 100]
    assert await ask(database, "select kind, count(*)::int from queue.jobs group by kind") == [("work", 1_100)]
    assert sum([number async for number in manage.drop_waiting(database)]) == 1_100
    await check_tallies(database)


async def test_tallies_are_added_up_and_keep_their_sum(database: Database) -> None:
    for key in range(60):
        await enqueue(database, [NewJob("edition", key)], now=NOON - timedelta(minutes=key % 30))
    for job in await take(database, 20):
        await settle(database, job, Done(), now=NOON)
    before = await counts(database, now=NOON)
    assert await ask(database, "select count(*) > 60 from queue.tallies") == [(True,)]
    await database.execute(load_statements("alexandria.queue")["fold_tallies"], {"many": 50, "now": NOON})
    assert await ask(database, "select count(*)::int from queue.tallies") == [(12,)], "eleven minutes, and long ago"
    assert await counts(database, now=NOON) == before
    await fold_tallies(database)
    assert await ask(database, "select count(*)::int from queue.tallies") == [(12,)], "too few to bother"
    await check_tallies(database)


async def test_whoever_enqueues_adds_tallies_up_too(database: Database) -> None:
    rows = (
        f"insert into queue.tallies (kind, lane, minute) select 'x', 'y', now() from generate_series(1, {TALLIES + 1})"
    )
    await database.execute(sql(rows))
    await enqueue(database, [NewJob("edition", 1)])
    assert await ask(database, "select count(*)::int from queue.tallies") == [(2,)]


async def test_partitions_are_made_ahead(database: Database) -> None:
    count = "select count(*)::int from pg_inherits where inhparent = 'queue.finished'::regclass"
    assert await ask(database, count) == [(5,)]
    [(name,)] = await ask(database, "select 'finished_' || to_char(now() + interval '2 months', 'YYYY_MM')")
    await database.execute(sql(f"drop table queue.{name}"))
    await make_partitions(database)
    assert await ask(database, count) == [(5,)]
