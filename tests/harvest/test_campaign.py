"""Campaigns from end to end: simulated providers, real queue, real worker."""

import pytest

from alexandria.db import Statement
from alexandria.harvest import plan
from alexandria.harvest.campaign import find_campaign, start
from alexandria.harvest.tiers import rank
from alexandria.simulator.catalogue import Catalogue, numbers
from alexandria.simulator.launch import Simulator
from alexandria.wiring import Services
from bench.harvest_truth import Duplicates, author_number, find_duplicates
from tests.conftest import RunSQL
from tests.harvest.conftest import AUTHORS, until_over, until_true, working

pytestmark = pytest.mark.anyio
NONE = Duplicates(0, 0, 0)
MONTH = "1990-05"
HURRY = Statement(
    "hurry",
    "update queue.jobs set run_at = now() where kind = 'harvest-step' and worker is null",
    "Nobody waits longer.",
)


def known_editions(catalogue: Catalogue, author: int) -> set[int]:
    """The ISBNs of an author that ISBNdb knows."""
    found = (number for work in numbers.works_of(author) for number in numbers.editions_of(work))
    return {numbers.isbn_of(number) for number in found if catalogue.knows("isbndb", number)}


def pages_of(catalogue: Catalogue, author: int) -> int:
    return -(-len(known_editions(catalogue, author)) // plan.PAGE) or 1


async def test_a_bibliography_is_fetched_once_and_whole(
    services: Services, simulator: Simulator, catalogue: Catalogue, mirrored_url: str, run_sql: RunSQL
) -> None:
    begun = await start(services.database, plan.authors(None, [author_number(0)]), "me")
    assert begun.is_new
    assert not (await start(services.database, plan.authors(None, [author_number(0)]), "you")).is_new
    async with working(services):
        status = await until_over(services, begun.id)
        pages = pages_of(catalogue, 0)
        expected = known_editions(catalogue, 0)
        assert (status.state, status.done, status.failed, status.units, status.pages) == ("done", 1, 0, pages, pages)
        assert status.editions == status.new + status.updated + status.known == len(expected)
        assert simulator.state()["isbndb"]["units"] == pages == 4  # the end is recognised without another call

        again = await start(services.database, plan.authors(None, [author_number(0)], skip_existing=False), "me")
        status = await until_over(services, again.id)
        assert (status.new, status.editions) == (0, len(expected))

        skipped = await start(services.database, plan.authors(None, [author_number(0)]), "me")
        status = await until_over(services, skipped.id)
        assert (status.skipped, status.units) == (1, 0)
    assert find_duplicates(mirrored_url) == NONE
    stored = run_sql(mirrored_url, "select isbn from enriched.editions")
    assert {isbn for (isbn,) in stored} >= expected
    [(covers, times)] = run_sql(
        mirrored_url, "select count(*), count(distinct key) from queue.jobs where kind = 'cover'"
    )
    assert covers == times == len(expected)


async def test_a_tier_is_as_long_as_it_says(
    services: Services, simulator: Simulator, catalogue: Catalogue, mirrored_url: str, run_sql: RunSQL
) -> None:
    run_sql(mirrored_url, "insert into mirror.authors (id, revision, name) values (900, 1, 'Oxford University Press')")
    run_sql(mirrored_url, "insert into mirror.work_authors select 900, id from mirror.works")
    assert await rank(services.database) == len(AUTHORS)
    simulator.faults(isbndb=[{"fault": "wrong_book", "probability": 0.1, "seed": 3},
                             {"fault": "status", "status": 500, "probability": 0.05, "seed": 4}])  # fmt: skip
    begun = await start(services.database, plan.authors("top-10"), "me")
    async with working(services):
        await until_true(lambda: _hurried(services, begun.id))
    status = await find_campaign(services.database, begun.id)
    assert (status.steps, status.done, status.failed) == (10, 10, 0)
    counted = (
        "select count(*) filter (where state = 'done'), count(*) filter (where state = 'skipped') from harvest.steps"
    )
    assert run_sql(mirrored_url, counted) == run_sql(mirrored_url, "select done, failed from harvest.campaigns")
    assert find_duplicates(mirrored_url) == NONE
    keys = {key for (key,) in run_sql(mirrored_url, "select key from harvest.steps")}
    assert 900 not in keys


async def _hurried(services: Services, id: int) -> bool:
    """Whether the campaign is over; whoever waits for another attempt waits no more."""
    await services.database.execute(HURRY)
    return (await find_campaign(services.database, id)).ended_at is not None


async def test_new_releases(
    services: Services, simulator: Simulator, catalogue: Catalogue, mirrored_url: str, run_sql: RunSQL
) -> None:
    begun = await start(services.database, plan.releases(MONTH, MONTH, 1), "me")
    async with working(services):
        status = await until_over(services, begun.id)
        assert (status.state, status.units, status.editions, status.pages) == ("done", 1, status.new, 1)
        assert status.new > 80
        subject = catalogue.words.subjects[0].lower()
        some = await until_over(
            services, (await start(services.database, plan.releases("1991-01", "1991-02", 1, [subject]), "me")).id
        )
    assert 0 < some.new < 30
    assert (some.units, some.steps) == (2, 2)
    dates = run_sql(mirrored_url, "select fields ->> 'publication_date' from enriched.answers where kind = 'edition'")
    assert {date[:4] for (date,) in dates if date} <= {"1990", "1991"}
    assert find_duplicates(mirrored_url) == NONE
