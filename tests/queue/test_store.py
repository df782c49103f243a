"""The life of a job: enqueued once, claimed in order, leased, settled by the holder of the lease only."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from alexandria.db import Database
from alexandria.queue.job import Dead, Done, Job, Lane, NewJob, Outcome, QueueFull, Result, Retry, Snooze, StaleLease
from alexandria.queue.store import (
    claim,
    claim_now,
    claim_one,
    enqueue,
    enqueue_in,
    find,
    find_states,
    hand_back,
    heartbeat,
    offer,
    settle_in,
    settle_ours,
)
from tests.queue.looking import ask, check_tallies, settle

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


async def take(database: Database, limit: int = 100, now: datetime = NOON, worker: str = "one") -> list[Job]:
    return await claim(database, ["edition"], worker, limit, now=now)


async def take_one(database: Database, now: datetime = NOON) -> Job:
    [job] = await take(database, now=now)
    return job


async def add(
    database: Database, key: int = 1, now: datetime = NOON, priority: int = 5, lane: Lane = "enrichment"
) -> UUID:
    [job_id] = await enqueue(database, [NewJob("edition", key, priority, lane)], now=now)
    return job_id


# --- enqueue --------------------------------------------------------------------------------------------------


async def test_a_job_becomes_what_was_asked_for(database: Database) -> None:
    run_at = NOON + 60 * SECOND
    new = NewJob("edition", 9780140328721, 9, "harvest", {"providers_to_try": ["isbndb"]}, run_at)
    [job_id] = await enqueue(database, [new], now=NOON)
    assert await take(database) == []
    [job] = await take(database, now=run_at)
    assert (job.id, job.kind, job.key, job.lane, job.priority) == (job_id, "edition", 9780140328721, "harvest", 9)
    assert job.payload == {"providers_to_try": ["isbndb"]}
    assert (job.attempts, job.token, job.created_at, job.alone) == (1, 1, NOON, False)
    await check_tallies(database)


async def test_the_same_is_active_only_once(database: Database) -> None:
    first = await offer(database, [NewJob("edition", key) for key in (1, 2, 1)])
    assert [each.is_new for each in first] == [True, True, True]
    assert first[0] == first[2]
    second = await offer(database, [NewJob("edition", key) for key in (3, 2)] + [NewJob("work", 2)])
    assert [each.is_new for each in second] == [True, False, True]
    assert second[1].id == first[1].id
    assert len({each.id for each in (*first, *second)}) == 4
    await check_tallies(database)


async def test_a_duplicate_is_told_to_run_and_a_finished_one_is_none(database: Database) -> None:
    job_id = await add(database)
    job = await take_one(database)
    [same] = await offer(database, [NewJob("edition", 1)], now=NOON)
    assert (same.id, same.is_new, same.is_running) == (job_id, False, True)
    await settle(database, job, Done())
    [new] = await offer(database, [NewJob("edition", 1)], now=NOON)
    assert new.is_new
    assert new.id != job_id


@pytest.mark.parametrize(
    ("priority", "lane", "priority_after", "lane_after"),
    [
        (7, "harvest", 7, "harvest"),
        (3, "interactive", 5, "interactive"),
        (3, "anonymous", 5, "harvest"),
        (10, "enrichment", 10, "enrichment"),
    ],
)
async def test_a_duplicate_raises_priority_and_lane(
    database: Database, priority: int, lane: Lane, priority_after: int, lane_after: Lane
) -> None:
    job_id = await add(database, lane="harvest")
    assert await add(database, priority=priority, lane=lane) == job_id
    job = await take_one(database)
    assert (job.priority, job.lane) == (priority_after, lane_after)
    await check_tallies(database)


async def test_who_wants_it_more_need_not_wait_for_its_time(database: Database) -> None:
    await enqueue(database, [NewJob("edition", 1, lane="harvest", run_at=NOON + 3600 * SECOND)], now=NOON)
    await add(database, lane="harvest")
    assert await take(database) == []
    await add(database, lane="interactive")
    assert (await take_one(database)).lane == "interactive"


async def test_a_full_queue_takes_no_more_but_tells_what_is_active(database: Database) -> None:
    ids = await enqueue(database, [NewJob("edition", key) for key in range(3)], most_pending=4)
    with pytest.raises(QueueFull, match="the queue is full: 4 jobs wait"):
        await enqueue(database, [NewJob("edition", key) for key in range(2, 5)], most_pending=4)
    assert await ask(database, "select count(*) from queue.jobs") == [(3,)]
    assert await enqueue(database, [NewJob("edition", key, 9) for key in range(3)], most_pending=2) == ids
    await enqueue(database, [NewJob("edition", 4)], most_pending=4)
    async with database.transaction() as transaction:
        await enqueue_in(transaction, [NewJob("edition", key) for key in range(5, 9)])
    await check_tallies(database)


async def test_callers_without_a_key_have_little_room_of_their_own(database: Database) -> None:
    strangers = [NewJob("edition", key, lane="anonymous") for key in range(3)]
    with pytest.raises(QueueFull, match="2 jobs of the lane anonymous wait"):
        await enqueue(database, strangers, most_anonymous=2)
    await enqueue(database, strangers[:2], most_anonymous=2)
    with pytest.raises(QueueFull):
        await enqueue(database, [*strangers, NewJob("edition", 99)], most_anonymous=2)
    await enqueue(database, [NewJob("edition", 99)], most_anonymous=2)
    assert await ask(database, "select count(*) from queue.jobs where key = 99") == [(1,)]
    await add(database, 0, lane="interactive")  # now it is no stranger's any more
    await enqueue(database, strangers[2:], most_anonymous=2)
    await check_tallies(database)


async def test_many_jobs_are_enqueued_in_one_transaction(database: Database) -> None:
    ids = await enqueue(database, [NewJob("edition", key) for key in range(2_500)])
    assert len(set(ids)) == 2_500
    with pytest.raises(QueueFull):
        await enqueue(database, [NewJob("edition", key) for key in range(5_000)], most_pending=4_000)
    assert await ask(database, "select count(*) from queue.jobs") == [(2_500,)]
    await check_tallies(database)


async def test_racing_duplicates_get_one_job(database: Database) -> None:
    keys = list(range(40))
    orders = [keys[n:] + keys[:n] for n in range(16)]
    offering = [
        asyncio.create_task(offer(database, [NewJob("edition", key, n % 10 + 1) for key in order], now=NOON))
        for n, order in enumerate(orders)
    ]
    claimed = await asyncio.gather(*(take(database, 7, worker=str(n)) for n in range(4)))
    by_key: dict[int, set[UUID]] = {key: set() for key in keys}
    for order, offered in zip(orders, await asyncio.gather(*offering), strict=True):
        for key, each in zip(order, offered, strict=True):
            by_key[key].add(each.id)
    assert [len(ids) for ids in by_key.values()] == [1] * 40
    leased = [job.id for jobs in claimed for job in jobs]
    assert len(leased) == len(set(leased))
    await check_tallies(database)


async def test_what_is_asked_for_while_it_ends_is_not_lost(database: Database) -> None:
    """Enqueuing races with settling: either the old job was still active, or there is a new one."""
    for _ in range(30):
        job_id = await add(database)
        job = await take_one(database)
        _, [offered] = await asyncio.gather(
            settle(database, job, Done(), now=NOON), offer(database, [NewJob("edition", 1, again=True)], now=NOON)
        )
        assert offered.is_new is (offered.id != job_id)
        once_more = await take_one(database)
        assert once_more.id == offered.id
        await settle(database, once_more, Done())
    await check_tallies(database)


# --- claim ----------------------------------------------------------------------------------------------------


async def test_the_highest_priority_goes_first_then_who_waits_longest(database: Database) -> None:
    for key, priority, second in ((1, 5, 3), (2, 10, 4), (3, 5, 1), (4, 1, 0), (5, 10, 2)):
        await add(database, key, NOON + second * SECOND, priority)
    order = []
    while jobs := await take(database, 1, NOON + 10 * SECOND):
        order += [job.key for job in jobs]
    assert order == [5, 2, 3, 1, 4]


async def test_only_the_kinds_asked_for_and_no_more_than_asked_for(database: Database) -> None:
    await enqueue(database, [NewJob(kind, key) for kind in ("edition", "work") for key in range(10)], now=NOON)
    jobs = await claim(database, ["work", "author"], "one", 4, now=NOON)
    assert [job.kind for job in jobs] == ["work"] * 4
    assert len(await claim(database, ["work", "edition"], "one", 100, now=NOON)) == 16


async def test_workers_never_get_the_same_job(database: Database) -> None:
    await enqueue(database, [NewJob("edition", key) for key in range(200)], now=NOON)
    taken = await asyncio.gather(*(take(database, 25, worker=str(n)) for n in range(12)))
    ids = [job.id for jobs in taken for job in jobs]
    assert len(ids) == len(set(ids)) == 200


# --- leases ---------------------------------------------------------------------------------------------------


async def test_a_lapsed_lease_is_taken_over_and_the_late_worker_is_fenced_off(database: Database) -> None:
    await add(database)
    late = await take_one(database)
    assert await take(database, now=NOON + 29 * SECOND) == []
    heir = await take_one(database, NOON + 30 * SECOND)
    assert (heir.id, heir.token, heir.attempts) == (late.id, 2, 2)
    with pytest.raises(StaleLease) as stale:
        await settle(database, late, Done(), now=NOON)
    assert stale.value.ids == {late.id}
    assert await heartbeat(database, [late], now=NOON) == set()
    assert await hand_back(database, [late], now=NOON) == set()
    await settle(database, heir, Done({"by": "heir"}), now=NOON)
    found = await find(database, heir.id)
    assert found is not None
    assert found.result == {"by": "heir"}
    with pytest.raises(StaleLease):
        await settle(database, heir, Done())


async def test_a_lapsed_lease_is_taken_over_before_what_was_due_while_it_ran(database: Database) -> None:
    """Else whoever asked first waits behind all who came later; but not before what is more urgent."""
    [lost] = await enqueue(database, [NewJob("edition", 1)], now=NOON)
    await take(database)
    later = [await add(database, key, NOON + key * SECOND) for key in range(2, 5)]
    urgent = await add(database, 9, NOON + 25 * SECOND, priority=8)
    taken = [await take(database, 1, NOON + 30 * SECOND) for _ in range(5)]
    assert [job.id for [job] in taken] == [urgent, lost, *later]
    await check_tallies(database)


async def test_who_is_late_but_alone_may_still_settle(database: Database) -> None:
    await add(database)
    job = await take_one(database)
    await settle(database, job, Done(), now=NOON + 3600 * SECOND)


async def test_a_stale_lease_undoes_the_whole_transaction(database: Database) -> None:
    await add(database, 1)
    late = await take_one(database)
    await take_one(database, NOON + 30 * SECOND)
    await add(database, 2)
    fine = await take_one(database)
    with pytest.raises(StaleLease):
        await settle_both(database, fine, late)
    assert await find_states(database, [fine.id, late.id]) == set()
    async with database.transaction() as transaction:
        assert await settle_ours(transaction, [Result(late, Done()), Result(fine, Done())]) == {fine.id}
    assert await find_states(database, [fine.id, late.id]) == {fine.id}
    await check_tallies(database)


async def settle_both(database: Database, *jobs: Job) -> None:
    async with database.transaction() as transaction:
        await enqueue_in(transaction, [NewJob("work", 1)])
        await settle_in(transaction, [Result(job, Done()) for job in jobs])


async def test_heartbeats_extend_a_lease(database: Database) -> None:
    await add(database)
    job = await take_one(database)
    assert await heartbeat(database, [job], now=NOON + 20 * SECOND) == {job.id}
    assert await take(database, now=NOON + 49 * SECOND) == []
    assert len(await take(database, now=NOON + 50 * SECOND)) == 1


async def test_what_is_handed_back_is_due_at_once_and_cost_nothing(database: Database) -> None:
    await add(database)
    job = await take_one(database)
    assert await hand_back(database, [job], now=NOON) == {job.id}
    with pytest.raises(StaleLease):
        await settle(database, job, Done())
    again = await take_one(database)
    assert (again.id, again.attempts, again.token) == (job.id, 1, 2)
    await check_tallies(database)


async def test_a_job_that_outlives_no_worker_dies_and_is_suspected_before(database: Database) -> None:
    [job_id] = await enqueue(database, [NewJob("edition", 1, most_attempts=4)], now=NOON)
    seen = [await take_one(database, NOON + 30 * n * SECOND) for n in range(4)]
    assert [(job.attempts, job.lapses, job.is_deadly) for job in seen] == [
        (1, 0, False),
        (2, 1, False),
        (3, 2, True),
        (4, 3, True),
    ]
    assert await take(database, now=NOON + 120 * SECOND) == []
    found = await find(database, job_id)
    assert found is not None
    assert (found.state, found.status, found.finished_at) == ("dead", "failed", NOON + 120 * SECOND)
    assert found.error == "its worker died, or was too slow, 4 times"
    await check_tallies(database)


async def test_what_may_kill_whoever_runs_it_is_for_workers_only(database: Database) -> None:
    job_id = await add(database)
    await take_one(database)
    await take_one(database, NOON + 30 * SECOND)
    assert await claim_one(database, NewJob("edition", 1), now=NOON + 60 * SECOND) == job_id
    assert (await take_one(database, NOON + 60 * SECOND)).is_deadly


async def test_a_worker_that_says_something_clears_a_suspect_one_that_hands_back_not(
    database: Database,
) -> None:
    await add(database)
    await take_one(database)
    await take_one(database, NOON + 30 * SECOND)
    suspect = await take_one(database, NOON + 60 * SECOND)
    await hand_back(database, [suspect], now=NOON + 60 * SECOND)
    again = await take_one(database, NOON + 60 * SECOND)
    assert (again.lapses, again.attempts) == (2, 3)
    await settle(database, again, Snooze(NOON, "later"), now=NOON + 60 * SECOND)
    assert (await take_one(database, NOON + 90 * SECOND)).lapses == 0


async def test_what_is_handed_back_can_be_due_one_after_the_other(database: Database) -> None:
    await enqueue(database, [NewJob("edition", key) for key in range(3)], now=NOON)
    jobs = await take(database)
    await hand_back(database, jobs, apart=5.0, now=NOON)
    due = [len(await take(database, now=NOON + second * SECOND)) for second in (0, 4, 5, 10)]
    assert due == [1, 0, 1, 1]


# --- outcomes -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "state", "status", "error"),
    [
        (Done(), "completed", "completed", None),
        (Done(found=False), "not_found", "failed", "not_found"),
        (Dead("no such thing"), "dead", "failed", "no such thing"),
    ],
)
async def test_what_is_over(
    database: Database, outcome: Done | Dead, state: str, status: str, error: str | None
) -> None:
    job_id = await add(database)
    job = await take_one(database, NOON + SECOND)
    await settle(database, job, outcome, payload={"providers_attempted": ["isbndb"]}, now=NOON + 2 * SECOND)
    found = await find(database, job_id)
    assert found is not None
    assert (found.state, found.status, found.error, found.is_over) == (state, status, error, True)
    assert (found.created_at, found.started_at, found.finished_at) == (NOON, NOON + SECOND, NOON + 2 * SECOND)
    assert found.payload == {"providers_attempted": ["isbndb"]}
    assert found.retry_count == 0
    assert await ask(database, "select count(*) from queue.jobs") == [(0,)]
    assert await ask(database, "select count(*) from queue.finished_rest") == [(0,)], "a partition for its month"
    await check_tallies(database)


async def test_a_retry_costs_an_attempt_and_the_last_one_is_death(database: Database) -> None:
    [job_id] = await enqueue(database, [NewJob("edition", 1, most_attempts=2)], now=NOON)
    job = await take_one(database)
    await settle(database, job, Retry(NOON + 60 * SECOND, "broken\0 pipe"), now=NOON, payload={"tried": 1})
    found = await find(database, job_id, now=NOON)
    assert found is not None
    assert (found.status, found.error, found.retry_count, found.run_at) == (
        "pending",
        "broken pipe",
        1,
        NOON + 60 * SECOND,
    )
    assert await take(database, now=NOON + 59 * SECOND) == []
    again = await take_one(database, NOON + 60 * SECOND)
    assert (again.attempts, again.payload) == (2, {"tried": 1})
    await settle(database, again, Retry(NOON, "still broken"), now=NOON)
    found = await find(database, job_id)
    assert found is not None
    assert (found.state, found.error, found.retry_count) == ("dead", "still broken", 1)
    await check_tallies(database)


async def test_a_snooze_costs_no_attempt(database: Database) -> None:
    await add(database)
    for turn in range(10):
        now = NOON + 60 * turn * SECOND
        job = await take_one(database, now)
        assert job.attempts == 1
        await settle(database, job, Snooze(now + 60 * SECOND, "quota"), now=now)
    await check_tallies(database)


async def test_nothing_runs_in_circles(database: Database) -> None:
    await add(database)
    job = await take_one(database)
    await settle(database, job, Snooze(NOON - 60 * SECOND, "yesterday"), now=NOON)
    assert await take(database, now=NOON) == []
    assert len(await take(database, now=NOON + SECOND)) == 1


async def test_asked_for_again_while_it_ran_it_runs_once_more(database: Database) -> None:
    job_id = await add(database)
    job = await take_one(database)
    await enqueue(database, [NewJob("edition", 1)], now=NOON)
    [same] = await enqueue(database, [NewJob("edition", 1, again=True)], now=NOON)
    assert same == job_id
    await settle(database, job, Done(), now=NOON, payload={"other": 1})
    once_more = await take_one(database)
    assert (once_more.id, once_more.attempts, once_more.payload) == (job_id, 1, {})
    await settle(database, once_more, Done(), now=NOON)
    assert await find_states(database, [job_id]) == {job_id}
    await check_tallies(database)


async def test_asked_for_again_while_it_waits_it_runs_once(database: Database) -> None:
    await add(database)
    await enqueue(database, [NewJob("edition", 1, again=True)], now=NOON)
    await settle(database, await take_one(database), Done())
    assert await take(database) == []


async def test_many_are_settled_together_each_in_its_way(database: Database) -> None:
    await enqueue(database, [NewJob("edition", key) for key in range(1_200)], now=NOON)
    jobs = await take(database, 1_200)
    outcomes: list[Outcome] = [Done(), Done(found=False), Dead("x"), Retry(NOON, "x"), Snooze(NOON, "x")]
    results = [Result(job, outcomes[job.key % 5]) for job in reversed(jobs)]
    async with database.transaction() as transaction:
        await settle_in(transaction, results)
    rows = await ask(database, "select state, count(*)::int from queue.finished group by state order by state")
    assert rows == [("completed", 240), ("dead", 240), ("not_found", 240)]
    rows = await ask(database, "select attempts, count(*)::int from queue.jobs group by attempts order by attempts")
    assert rows == [(0, 240), (1, 240)]
    await check_tallies(database)


# --- now ------------------------------------------------------------------------------------------------------


async def test_who_does_the_work_gets_the_lease_at_once(database: Database) -> None:
    job = await claim_one(database, NewJob("edition", 1, 10, "interactive"), now=NOON)
    assert isinstance(job, Job)
    assert (job.attempts, job.token, job.priority, job.lane) == (1, 1, 10, "interactive")
    assert await claim_one(database, NewJob("edition", 1), now=NOON) == job.id
    assert await take(database) == []
    await settle(database, job, Done())
    assert await find_states(database, [job.id]) == {job.id}
    await check_tallies(database)


async def test_one_that_waits_is_taken_from_the_queue_with_what_was_asked_for(database: Database) -> None:
    await enqueue(database, [NewJob("edition", 1, lane="harvest", run_at=NOON + 3600 * SECOND)], now=NOON)
    await add(database, 2)
    held = await take_one(database)
    claims = await claim_now(database, [NewJob("edition", key, 10, "interactive") for key in (3, 2, 1)], now=NOON)
    assert isinstance(claims[0], Job)
    assert claims[1] == held.id
    assert isinstance(claims[2], Job)
    assert (claims[2].lane, claims[2].priority) == ("interactive", 10)
    assert isinstance(await claim_one(database, NewJob("edition", 2), now=NOON + 30 * SECOND), Job), "its lease lapsed"
    await check_tallies(database)


async def test_only_one_of_many_callers_gets_it(database: Database) -> None:
    claims = await asyncio.gather(*(claim_one(database, NewJob("edition", 1)) for _ in range(12)))
    jobs = [each for each in claims if isinstance(each, Job)]
    assert len(jobs) == 1
    assert {each if isinstance(each, UUID) else each.id for each in claims} == {jobs[0].id}
