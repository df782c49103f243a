"""Editions that still lack a cover: found a piece at a time, and given to the queue.

The sweep takes first what is due again, then goes on through the editions that somebody knows more of than the mirror
(asked for, enriched, harvested), from where it stopped the last time. Editions that nobody ever asked for are left
alone: Open Library wishes its covers not to be crawled.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from alexandria.covers.pipeline import KIND
from alexandria.covers.store import SQL
from alexandria.db import Database
from alexandria.net.gate import Lane
from alexandria.queue.job import Done, Job, NewJob, QueueFull, Result, Step
from alexandria.queue.store import enqueue

SWEEP: Final = "covers"  # the kind of the job that sweeps
MOST: Final = 2_000  # searches that one sweep asks for
WINDOW: Final = 5_000  # editions looked at by one statement
WINDOWS: Final = 10  # statements in one sweep
PRIORITY: Final = 2

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Backlog:
    """How things stand. `never`: editions beside the mirror that were never searched for."""

    covers: int
    pictures: int
    missing: int
    refused: int
    later: int
    due: int
    never: int


async def count_backlog(database: Database) -> Backlog:
    """The numbers; counts rows, so it is for people and not for a hot path."""
    row = await database.fetch_one(SQL["count_backlog"])
    assert row is not None
    return Backlog(*row)


async def sweep(database: Database, most: int = MOST) -> int:
    """How many searches were asked for, up to `most`. Raises QueueFull."""
    due = [row[0] for row in await database.fetch(SQL["find_due"], {"limit": most})]
    asked = await ask_for(database, due)
    if due:
        await database.execute(SQL["put_off"], {"isbns": due})
    return asked + await _sweep_editions(database, most - len(due))


async def _sweep_editions(database: Database, most: int) -> int:
    """How many editions without a search were found and asked for."""
    place = await database.fetch_one(SQL["sweep_place"])
    after, asked = place[0] if place else 0, 0
    for _ in range(WINDOWS):
        rows = await database.fetch(SQL["sweep"], {"after": after, "window": WINDOW})
        needed = [isbn for isbn, is_needed in rows if is_needed]
        if len(needed) > most - asked:
            needed = needed[: most - asked]
            asked += await ask_for(database, needed)
            after = needed[-1] if needed else after
            break
        asked += await ask_for(database, needed)
        after = rows[-1][0] if len(rows) == WINDOW else 0
        if not after:  # the next sweep begins anew
            break
    await database.execute(SQL["move_sweep"], {"after": after})
    return asked


async def ask_for(
    database: Database, isbns: Sequence[int], lane: Lane = "covers", priority: int = PRIORITY, *, again: bool = False
) -> int:
    """How many searches were asked for, those that wait already included. Raises QueueFull."""
    jobs = [NewJob(KIND, isbn, priority, lane, again=again) for isbn in isbns]
    return len(await enqueue(database, jobs)) if jobs else 0


class Sweeper:
    """The handler of the queue's kind `covers`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def sweeps(self, jobs: Sequence[Job]) -> AsyncIterator[Step]:
        """One step that settles all of the jobs: one sweep does for all."""
        try:
            asked = await sweep(self._database)
        except QueueFull:
            asked = 0  # the next one comes in five minutes
        yield Step([Result(job, Done({"asked_for": asked})) for job in jobs])
