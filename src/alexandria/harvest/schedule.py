"""What is started without anybody asking: the weekly look at new releases, and tier after tier.

`JOBS` has them by name for whoever keeps the time, `works` as kinds of jobs. Each may be called as often as one likes:
what is under way is not started twice, and what it lacks is enqueued again.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Final

from alexandria.db import Database
from alexandria.harvest.campaign import SQL, Started, push_all, start
from alexandria.harvest.plan import MOST_PAGES, authors, recent_months, releases
from alexandria.harvest.tiers import FRESH
from alexandria.queue.job import Done, Handler, Job, Result, Step, Work

BY: Final = "schedule"
TIERS: Final = ("top-10", "top-100", "top-1000", "1000-5000", "5000-20000")  # in this order, then from the beginning


async def start_releases(database: Database, today: date | None = None) -> Started:
    """The campaign about what was published this month and the last one, new or active already."""
    first, last = recent_months(today or datetime.now(UTC).date())
    return await start(database, releases(first, last, MOST_PAGES), BY)


async def start_next_tier(database: Database) -> Started | None:
    """The campaign about the next tier; None while one is under way, or when all were harvested not long ago."""
    await push_all(database)
    rows = await database.fetch(SQL["find_tiers"], {"fresh": FRESH})
    is_active = {title: active for title, active in rows}
    if any(is_active.get(tier) for tier in TIERS):
        return None
    tier = next((tier for tier in TIERS if tier not in is_active), None)
    return await start(database, authors(tier), BY) if tier else None


JOBS: Final[Mapping[str, Callable[[Database], Awaitable[Started | None]]]] = MappingProxyType(
    {"harvest-tiers": start_next_tier, "harvest-releases": start_releases}
)


def works(database: Database) -> Sequence[Work]:
    """The kinds of jobs by which a schedule starts campaigns, with their handlers."""
    return [Work(name, _handler(database, job)) for name, job in JOBS.items()]


def _handler(database: Database, job: Callable[[Database], Awaitable[Started | None]]) -> Handler:
    async def handle(jobs: Sequence[Job]) -> AsyncIterator[Step]:
        begun = await job(database)
        told = {} if begun is None else {"campaign": begun.id, "is_new": begun.is_new}
        yield Step([Result(each, Done(told)) for each in jobs])

    return handle
