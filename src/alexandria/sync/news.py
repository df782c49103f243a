"""What is to be done about records that changed in the mirror: chosen again, enriched, given a cover."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from alexandria.biblio.keys import Key
from alexandria.db import Database, Transaction, load_statements
from alexandria.mirror.changes import Applied
from alexandria.queue.entities import REFOLDS
from alexandria.queue.job import NewJob
from alexandria.queue.store import counts
from alexandria.quota.policy import Policy
from alexandria.quota.status import read_status

SQL = load_statements(__package__)
EDITION, COVER = "edition", "cover"  # kinds of jobs
PRIORITY: Final = 3
MOST: Final = 5_000  # new editions that one run asks providers about
Room = Callable[[], Awaitable[int]]


@dataclass(slots=True)
class News:
    """Makes the jobs that follow from changes. `kinds` are those that somebody does; `enough` percent of an edition's
    fields make asking for more needless; `room` is about how many more may be asked.
    """

    kinds: frozenset[str]
    enough: int
    room: int

    async def jobs(self, transaction: Transaction, applied: Applied) -> list[NewJob]:
        """Jobs for what changed and for what is new; of new editions no more are asked about than there is room."""
        jobs = [NewJob(REFOLDS[kind], number, again=True) for kind, number in await _answered(transaction, applied)]
        fresh = sorted(applied.fresh.items())
        if COVER in self.kinds:
            jobs += [NewJob(COVER, isbn, PRIORITY, "covers") for isbn, _ in fresh]
        poor = [isbn for isbn, completeness in fresh if completeness < self.enough][: self.room]
        self.room -= len(poor)
        return jobs + [NewJob(EDITION, isbn, PRIORITY, "enrichment") for isbn in poor]


async def _answered(transaction: Transaction, applied: Applied) -> list[Key]:
    keys = [
        *(Key("edition", isbn) for isbn in applied.isbns),
        *(Key("work", number) for number in applied.works),
        *(Key("author", number) for number in applied.authors),
    ]
    params = {"kinds": [key.kind for key in keys], "ids": [key.number for key in keys]}
    return [Key(kind, number) for kind, number in await transaction.fetch(SQL["find_answered"], params)]


async def measure_room(database: Database, policies: Sequence[Policy]) -> int:
    """About how many editions may be asked about now: the most that one of these buckets leaves the lane enrichment,
    less those that wait already.
    """
    if not policies:
        return 0
    buckets = await read_status(database, {policy.bucket: policy for policy in policies})
    left = max(MOST if (lane := each.lanes["enrichment"].remaining) is None else lane for each in buckets)
    waiting = sum(each.pending for each in await counts(database) if each.kind == EDITION)
    return max(min(left, MOST) - waiting, 0)
