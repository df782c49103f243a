"""Which authors come first, and the steps of a campaign made of them.

Authors are ranked by the editions and readers of their works in the mirror (ten readers count as one edition), then by
the works, then by the lower number. Names that are no author's (`people`) get no rank, so that a tier is as long as its
name says, if the mirror has so many authors.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Final

from alexandria.db import Database, Transaction
from alexandria.harvest.campaign import AT_ONCE, SQL, decode, plan_job, step_job
from alexandria.harvest.people import is_author
from alexandria.harvest.plan import TIERS, Authors, Releases
from alexandria.queue.job import Done, Job, Result, Step
from alexandria.queue.store import enqueue_in

DEPTH: Final = 20_000  # authors that get a rank: the end of the last tier
CANDIDATES: Final = 30_000  # authors that are looked at for it
OLD: Final = 7 * 86_400.0  # seconds after which authors are ranked anew
RANKING: Final = 570_000  # milliseconds that it may take
CHUNK: Final = 2_000  # steps made in one transaction
AHEAD: Final = 4_000  # steps that wait; then the list is made no longer for now
ROUNDS: Final = 20  # of making it longer in one transaction: many may be skipped
FRESH: Final = 90 * 86_400.0  # seconds in which a whole bibliography is not asked for again

Row = tuple[int, int, str]  # the step's place, its key, whom or what to ask for


async def rank(database: Database, *, again: bool = False) -> int:
    """How many authors have a rank; they are ranked where that was long ago, or never, or `again`."""
    async with database.transaction() as transaction:
        await transaction.fetch(SQL["lock_ranks"])
        [(count, age)] = await transaction.fetch(SQL["age_of_ranks"])
        if count and age < OLD and not again:
            return int(count)
        await transaction.fetch(SQL["let_run_long"], {"ms": str(RANKING)})
        rows = await transaction.fetch(SQL["rank_authors"], {"limit": CANDIDATES})
        ranked = [row for row in rows if is_author(row[1])][:DEPTH]
        await transaction.execute(SQL["forget_ranks"])
        columns = list(zip(*ranked, strict=True)) if ranked else [(), (), (), ()]
        names = ("ids", "names", "editions", "works")
        await transaction.execute(
            SQL["write_ranks"], {name: list(each) for name, each in zip(names, columns, strict=True)}
        )
    return len(ranked)


class Planner:
    """The handler of the queue's kind `harvest`: makes the steps of campaigns, and puts the first ones under way."""

    def __init__(self, database: Database, *, at_once: int = AT_ONCE, chunk: int = CHUNK, ahead: int = AHEAD) -> None:
        self._database, self._at_once, self._chunk, self._ahead = database, at_once, chunk, ahead

    async def plans(self, jobs: Sequence[Job]) -> AsyncIterator[Step]:
        """Steps that settle each of the jobs."""
        for job in jobs:
            row = await self._database.fetch_one(SQL["read_campaign"], {"id": job.key})
            if row and row[1] in ("planning", "running") and not row[3]:
                parameters = decode(row[0])
                if isinstance(parameters, Authors) and parameters.tier not in (None, "all"):
                    await rank(self._database)

            async def write(transaction: Transaction, id: int = job.key) -> None:
                await self._plan(transaction, id)

            yield Step([Result(job, Done())], write)

    async def _plan(self, transaction: Transaction, id: int) -> None:
        """Nothing; the list of steps is longer, or whole, and enough of them are under way."""
        row = await transaction.fetch_one(SQL["lock_campaign"], {"id": id})
        if row is None or row[1] not in ("planning", "running"):
            return
        parameters, planned, is_planned = decode(row[0]), row[2], row[3]
        for _ in range(ROUNDS):
            if is_planned or await _pending(transaction, id) >= self._ahead:
                break
            steps, planned, is_planned = await self._next(transaction, parameters, planned)
            skipped = await self._add(transaction, id, steps, parameters)
            params = {"id": id, "planned": planned, "is_planned": is_planned, "skipped": skipped}
            await transaction.fetch(SQL["note_planned"], params)
        await go_on(transaction, id, is_planned, self._at_once)

    async def _add(self, transaction: Transaction, id: int, steps: Sequence[Row], about: Authors | Releases) -> int:
        """How many of the steps, which are added, are skipped."""
        if not steps:
            return 0
        numbers, keys, names = (list(each) for each in zip(*steps, strict=True))
        skips = isinstance(about, Authors) and about.skip_existing
        params = {"id": id, "numbers": numbers, "keys": keys, "names": names, "fresh": FRESH if skips else None}
        [(skipped,)] = await transaction.fetch(SQL["add_steps"], params)
        return int(skipped)

    async def _next(
        self, transaction: Transaction, about: Authors | Releases, planned: int
    ) -> tuple[list[Row], int, bool]:
        """The next steps, how far the list is made with them, and whether it is whole."""
        if isinstance(about, Releases):
            months = [(place, int(month.replace("-", "")), month) for place, month in enumerate(about.months, 1)]
            return months, len(months), True
        if about.tier is None:
            rows = await transaction.fetch(SQL["find_authors"], {"ids": list(about.numbers)})
            order = {number: place for place, number in enumerate(about.numbers, 1)}
            return [(order[asked], number, name) for asked, number, name, _ in rows], len(rows), True
        if about.tier == "all":
            return await self._next_of_all(transaction, planned)
        first, last = TIERS[about.tier]
        assert last is not None
        begin = max(first, planned + 1)
        end = min(last, begin + self._chunk - 1)
        rows = await transaction.fetch(SQL["list_ranks"], {"first": begin, "last": end})
        steps = [(place, number, name) for place, number, name, _ in rows]
        return steps, end, end == last or len(rows) < end - begin + 1

    async def _next_of_all(self, transaction: Transaction, planned: int) -> tuple[list[Row], int, bool]:
        rows = await transaction.fetch(SQL["list_authors"], {"after": planned, "limit": self._chunk})
        steps = [(number, number, name) for number, name in rows if is_author(name)]
        return steps, rows[-1][0] if rows else planned, len(rows) < self._chunk


async def go_on(transaction: Transaction, id: int, is_planned: bool, at_once: int = AT_ONCE) -> None:
    """Nothing; the next steps of a campaign are under way, or its list is made longer, or it is over.

    The caller holds the campaign's row, so that of two last steps one sees the other's end.
    """
    steps = [row[0] for row in await transaction.fetch(SQL["activate"], {"id": id, "most": at_once})]
    await enqueue_in(transaction, [step_job(step) for step in steps])
    if steps or await _pending(transaction, id):
        return
    if is_planned:
        await transaction.fetch(SQL["finish"], {"id": id})
    else:
        await enqueue_in(transaction, [plan_job(id)])


async def _pending(transaction: Transaction, id: int) -> int:
    [(count,)] = await transaction.fetch(SQL["count_pending"], {"id": id})
    return int(count)
