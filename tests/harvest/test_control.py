"""What holds a campaign up, and what lets it go on: people, kills, quota, breakers, a full queue."""

from datetime import date, timedelta

import pytest

from alexandria.db import Transaction
from alexandria.harvest import plan, schedule
from alexandria.harvest.campaign import NoCampaign, WrongState, cancel, find_campaign, pause, push_all, resume, start
from alexandria.harvest.steps import AlreadyStored, Steps
from alexandria.harvest.tiers import Planner
from alexandria.queue.batch import apply_step
from alexandria.queue.job import Done, Job, NewJob, Snooze, Step
from alexandria.queue.store import claim, enqueue
from alexandria.simulator.launch import Simulator
from alexandria.wiring import Services
from bench.harvest_truth import author_number
from tests.conftest import RunSQL
from tests.harvest.conftest import until_over, working

pytestmark = pytest.mark.anyio
PROLIFIC = plan.authors(None, [author_number(0)])  # four pages


async def planned(services: Services, about: plan.Parameters) -> tuple[int, Job]:
    """The campaign, and the job of its first step, leased."""
    begun = await start(services.database, about, "me")
    jobs = await claim(services.database, ["harvest"], "one", 1)
    async for step in Planner(services.database).plans(jobs):
        await apply_step(services.database, step)
    return begun.id, (await claim(services.database, ["harvest-step"], "one", 1))[0]


async def take(services: Services, job: Job, pages: int, **options: int) -> list[Step]:
    """What the handler says of a job, up to so many pages, all of it applied."""
    said = []
    handler = Steps(services.database, services.pages, **options).steps([job])  # type: ignore[arg-type]
    async for step in handler:
        await apply_step(services.database, step)
        said.append(step)
        if len(said) == pages:
            break
    return said


async def test_a_killed_worker_goes_on_at_the_exact_page(
    services: Services, simulator: Simulator, mirrored_url: str, run_sql: RunSQL
) -> None:
    id, job = await planned(services, PROLIFIC)
    await take(services, job, 2)  # and then nothing more is heard of it
    assert run_sql(mirrored_url, "select page, pages, state from harvest.steps") == [(3, 2, "active")]
    run_sql(mirrored_url, "update queue.jobs set run_at = now()")
    async with working(services):
        status = await until_over(services, id)
    assert (status.pages, status.units, simulator.state()["isbndb"]["units"]) == (4, 4, 4)


async def test_a_page_that_two_workers_fetched_is_stored_once(
    services: Services, mirrored_url: str, run_sql: RunSQL
) -> None:
    id, job = await planned(services, PROLIFIC)
    handler = Steps(services.database, services.pages)
    slow, quick = handler.steps([job]), handler.steps([job])
    late, early = await anext(slow), await anext(quick)
    await apply_step(services.database, early)
    with pytest.raises(AlreadyStored):
        await apply_step(services.database, late)
    assert (await find_campaign(services.database, id)).pages == 1
    [(answers,)] = run_sql(mirrored_url, "select count(*) from enriched.log where operation = 'harvest'")
    assert answers == 100


async def test_pause_resume_cancel(services: Services, simulator: Simulator) -> None:
    id, job = await planned(services, PROLIFIC)
    await take(services, job, 1)
    await pause(services.database, id)
    [last] = await take(services, job, 1)
    assert isinstance(last.results[0].outcome, Done)
    assert simulator.state()["isbndb"]["units"] == 1
    status = await find_campaign(services.database, id)
    assert (status.state, status.reason, status.pages) == ("paused", "paused", 1)
    assert not (await start(services.database, PROLIFIC, "you")).is_new  # it is this one still
    with pytest.raises(WrongState):
        await pause(services.database, id)
    await resume(services.database, id)
    await resume(services.database, id)  # a push
    async with working(services):
        status = await until_over(services, id)
    assert (status.state, status.pages) == ("done", 4)
    with pytest.raises(WrongState, match="done"):
        await cancel(services.database, id)
    other, job = await planned(services, plan.authors(None, [author_number(3)]))
    await cancel(services.database, other)
    assert (await find_campaign(services.database, other)).ended_at is not None
    assert simulator.state()["isbndb"]["units"] == 4
    with pytest.raises(WrongState):
        await resume(services.database, other)
    with pytest.raises(NoCampaign):
        await pause(services.database, 999)


async def test_a_full_queue_holds_it_up(services: Services, simulator: Simulator) -> None:
    id, job = await planned(services, PROLIFIC)
    [told] = await take(services, job, 1, saturated=1)
    assert isinstance(told.results[0].outcome, Snooze)
    status = await find_campaign(services.database, id)
    assert status.waits_until
    assert status.reason == "the queue is full: 1 jobs wait"
    assert simulator.state()["isbndb"]["requests"] == 0


async def test_an_open_breaker_holds_it_up(
    services: Services, simulator: Simulator, mirrored_url: str, run_sql: RunSQL
) -> None:
    id, job = await planned(services, PROLIFIC)
    run_sql(mirrored_url, "insert into quota.breakers (bucket, open_until, opened_at, reason)"
                          " values ('isbndb', now() + interval '5 minutes', now(), 'broken')")  # fmt: skip
    [told] = await take(services, job, 1)
    outcome = told.results[0].outcome
    assert isinstance(outcome, Snooze)
    status = await find_campaign(services.database, id)
    assert status.waits_until == outcome.until
    assert simulator.state()["isbndb"]["requests"] == 0


async def test_it_stops_for_the_day_and_goes_on_by_itself(
    services: Services, simulator: Simulator, mirrored_url: str, run_sql: RunSQL
) -> None:
    id, job = await planned(services, PROLIFIC)
    await take(services, job, 1)
    run_sql(mirrored_url, "update quota.windows set harvest = 100000 where bucket = 'isbndb'")
    [told] = await take(services, job, 1)
    assert isinstance(told.results[0].outcome, Snooze)
    status = await find_campaign(services.database, id)
    assert status.waits_until
    assert "units" in (status.reason or "")
    assert status.state == "running"
    run_sql(mirrored_url, "update quota.windows set harvest = 0 where bucket = 'isbndb'")  # the next day
    run_sql(mirrored_url, "update queue.jobs set run_at = now()")
    async with working(services):
        status = await until_over(services, id)
    assert (status.state, status.pages, status.waits_until) == ("done", 4, None)


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ({"fault": "wrong_book"}, "is about somebody else"),
        ({"fault": "status", "status": 200, "body": {"books": {"no": "list"}}}, "answers"),
        ({"fault": "html"}, "isbndb"),
    ],
)
async def test_answers_of_no_use_end_in_a_failed_step(
    services: Services, simulator: Simulator, mirrored_url: str, run_sql: RunSQL, fault: dict[str, object], says: str
) -> None:
    id, job = await planned(services, PROLIFIC)
    simulator.faults(isbndb=[fault])
    for _ in range(plan.MOST_MISSES):
        [told] = await take(services, job, 1)
        if isinstance(told.results[0].outcome, Snooze):
            run_sql(mirrored_url, "update queue.jobs set run_at = now()")
            [job] = await claim(services.database, ["harvest-step"], "one", 1)
    status = await find_campaign(services.database, id)
    assert (status.state, status.failed, status.pages, status.editions) == ("done", 1, 0, 0)
    assert says in status.failures[0].reason
    assert run_sql(mirrored_url, "select count(*) from enriched.answers") == [(0,)]


async def test_a_page_that_repeats_ends_it(services: Services, mirrored_url: str, run_sql: RunSQL) -> None:
    class Same:
        async def author(self, number: int, name: str, page: int) -> object:
            return await services.pages.author(number, name, 1)

    id, job = await planned(services, PROLIFIC)
    async for step in Steps(services.database, Same()).steps([job]):  # type: ignore[arg-type]
        await apply_step(services.database, step)
    status = await find_campaign(services.database, id)
    assert (status.state, status.pages, status.units) == ("done", 1, 2)
    assert status.failures[0].reason == "page 2 is the same as the one before"
    assert run_sql(mirrored_url, "select is_whole from harvest.authors") == [(False,)]


async def test_what_cannot_be_stored_fails_in_the_end(services: Services) -> None:
    class Broken:
        editions, more, total, digest = 1, False, 1, b""

        async def author(self, number: int, name: str, page: int) -> "Broken":
            return self

        async def store(self, transaction: Transaction, **options: object) -> None:
            raise ValueError("cannot be stored")

    id, job = await planned(services, PROLIFIC)
    handler = Steps(services.database, Broken())  # type: ignore[arg-type]
    step = await anext(handler.steps([job]))
    with pytest.raises(ValueError, match="cannot be stored"):
        await apply_step(services.database, step)
    tired = Job(job.id, job.kind, job.key, job.lane, job.priority, {}, 7, job.token, job.created_at)
    async for step in handler.steps([tired]):
        await apply_step(services.database, step)
    status = await find_campaign(services.database, id)
    assert (status.state, status.failed) == ("done", 1)


async def test_the_schedule_starts_tier_after_tier(services: Services, mirrored_url: str, run_sql: RunSQL) -> None:
    begun = await schedule.start_next_tier(services.database)
    assert begun
    assert (await find_campaign(services.database, begun.id)).title == "top-10"
    assert await schedule.start_next_tier(services.database) is None  # it is under way
    run_sql(mirrored_url, "update harvest.campaigns set state = 'done', ended_at = now()")
    titles = []
    for _ in schedule.TIERS[1:]:
        begun = await schedule.JOBS["harvest-tiers"](services.database)
        assert begun
        titles.append((await find_campaign(services.database, begun.id)).title)
        run_sql(mirrored_url, "update harvest.campaigns set state = 'done', ended_at = now()")
    assert titles == list(schedule.TIERS[1:])
    assert await schedule.start_next_tier(services.database) is None
    releases = await schedule.start_releases(services.database, date(2026, 1, 5))
    assert (await find_campaign(services.database, releases.id)).title == "2025-12 to 2026-01"
    assert not (await schedule.start_releases(services.database, date(2026, 1, 5) + timedelta(1))).is_new
    assert await push_all(services.database) == 1


async def test_all_authors_are_listed_a_piece_at_a_time(services: Services, mirrored_url: str, run_sql: RunSQL) -> None:
    begun = await start(services.database, plan.authors("all"), "me")
    planner = Planner(services.database, chunk=2, ahead=3, at_once=1)
    for expected in (4, 4):
        jobs = await claim(services.database, ["harvest"], "one", 1)
        async for step in planner.plans(jobs):
            await apply_step(services.database, step)
        assert (await find_campaign(services.database, begun.id)).steps == expected
        await resume(services.database, begun.id)
    run_sql(mirrored_url, "update harvest.steps set state = 'done'")
    run_sql(mirrored_url, "update harvest.campaigns set done = 4")
    run_sql(mirrored_url, "update queue.jobs set run_at = now()")
    jobs = await claim(services.database, ["harvest"], "one", 1)
    async for step in Planner(services.database).plans(jobs):
        await apply_step(services.database, step)
    status = await find_campaign(services.database, begun.id)
    assert (status.steps, status.is_planned) == (12, True)


async def test_a_scheduled_job_starts_a_campaign(services: Services) -> None:
    for work in schedule.works(services.database):
        await enqueue(services.database, [NewJob(work.kind, 1)])
        jobs = await claim(services.database, [work.kind], "one", 1)
        [step] = [step async for step in work.handler(jobs)]
        await apply_step(services.database, step)
        outcome = step.results[0].outcome
        assert isinstance(outcome, Done)
        assert (await find_campaign(services.database, outcome.result["campaign"])).created_by == "schedule"
