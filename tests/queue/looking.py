"""What the tables of the queue say, beside what its functions say."""

from typing import Any

from alexandria.db import Database, Statement
from alexandria.queue.job import Job as LeasedJob
from alexandria.queue.job import Outcome, Result
from alexandria.queue.store import settle_in


def sql(text: str) -> Statement:
    """A statement of a test."""
    return Statement("test", text, "A statement of a test.")


async def ask(database: Database, text: str) -> list[tuple[Any, ...]]:
    """The rows of a query."""
    return await database.fetch(sql(text))


async def settle(database: Database, job: LeasedJob, outcome: Outcome, **more: Any) -> None:
    """Nothing; one job is settled."""
    async with database.transaction() as transaction:
        await settle_in(transaction, [Result(job, outcome, more.pop("payload", None))], **more)


TRUE_COUNTS = """
    select (select count(*) from queue.jobs), (select count(worker) from queue.jobs),
           (select count(*) from queue.finished where state = 'completed')"""
TALLIED = """
    select coalesce(sum(active), 0)::int, coalesce(sum(running), 0)::int, coalesce(sum(completed), 0)::int
    from queue.tallies"""
LANES = """
    select coalesce(j.lane, t.lane), coalesce(j.n, 0)::int, coalesce(t.n, 0)::int
    from (select lane, count(*) as n from queue.jobs group by lane) j
    full join (select lane, sum(active) as n from queue.tallies group by lane) t on t.lane = j.lane"""


async def check_tallies(database: Database) -> None:
    """Nothing; what was added up is what is there."""
    assert await ask(database, TALLIED) == await ask(database, TRUE_COUNTS)
    for lane, there, tallied in await ask(database, LANES):
        assert there == tallied, lane
