"""What is written about editions asks for their covers, in the same transaction, where it names a new picture."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from alexandria.covers.pipeline import KIND
from alexandria.db import Database
from alexandria.enrichment.pictures import COVER, names_new_picture
from alexandria.enrichment.store import Write, store
from alexandria.queue.batch import Batch
from alexandria.queue.job import Done, Job, Result, Step, Work
from alexandria.queue.store import claim
from tests.conftest import RunSQL
from tests.pools import opened

ISBN = 9780140328721
URL, OTHER = "https://covers.example.org/1.jpg", "https://covers.example.org/2.jpg"
Rows = Callable[[], list[tuple[Any, ...]]]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({}, {"cover_url": URL}, True),
        ({}, {"cover_url_small": URL}, True),
        ({"cover_url": URL}, {"cover_url": OTHER}, True),
        ({"cover_url": URL}, {"cover_url": URL, "title": "x"}, False),
        ({"cover_url": URL}, {"cover_url": None}, False),
        ({"cover_url": URL}, {}, False),
        ({}, {"title": "x"}, False),
        ({}, {"identifiers": {"ocaid": ["a"]}}, True),
        ({"identifiers": {"ocaid": ["a"]}}, {"identifiers": {"ocaid": ["a", "b"]}}, True),
        ({"identifiers": {"ocaid": ["a", "b"]}}, {"identifiers": {"ocaid": ["b"]}}, False),
        ({}, {"identifiers": {"goodreads": ["1"]}}, False),
        ({"identifiers": None}, {"identifiers": None}, False),
    ],
)
def test_a_new_picture(before: dict[str, Any], after: dict[str, Any], expected: bool) -> None:
    assert names_new_picture(before, after) is expected


def test_the_job_is_that_of_the_covers() -> None:
    assert COVER == KIND


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with opened(database_url, max_size=4) as pool:
        yield pool


@pytest.fixture
def queued(database_url: str, run_sql: RunSQL) -> Rows:
    """A function that gives the jobs that wait or run."""
    return lambda: run_sql(database_url, "select kind, key, lane, priority from queue.jobs order by key")


async def say(database: Database, kind: Any = "edition", number: int = ISBN, **fields: Any) -> None:
    await store(database, [Write(kind, number, "isbndb", "self", fields)])


@pytest.mark.anyio
async def test_a_search_is_asked_for_once(database: Database, queued: Rows) -> None:
    await say(database, title="Fantastic Mr Fox")
    assert queued() == []
    await say(database, cover_url=URL)
    assert queued() == [("cover", ISBN, "covers", 4)]
    await _search(database)
    await say(database, cover_url=URL, page_count=96)
    assert queued() == [], "nothing new is said of its cover"
    await say(database, cover_url=OTHER)
    assert queued() == [("cover", ISBN, "covers", 4)]


@pytest.mark.anyio
async def test_works_and_authors_have_none(database: Database, queued: Rows) -> None:
    await say(database, "work", 45804, title="Fantastic Mr Fox", cover_url=URL)
    assert queued() == []


@pytest.mark.anyio
async def test_what_is_not_written_asks_for_nothing(database: Database, queued: Rows) -> None:
    with pytest.raises(KeyError):
        await store(database, [Write("edition", ISBN, "isbndb", "self", {"cover_url": URL}),
                               Write("edition", ISBN + 1, "nobody", "self", {"cover_url": URL})])  # fmt: skip
    assert queued() == []


async def _search(database: Database) -> None:
    """Nothing; what waits is done."""

    async def end(jobs: Any) -> AsyncIterator[Step]:
        yield Step([Result(job, Done()) for job in jobs])

    jobs: list[Job] = await claim(database, [COVER], "test", 10)
    await Batch(database, Work(COVER, end, batch=10), jobs).run()
