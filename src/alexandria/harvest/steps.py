"""One step of a campaign: the pages of an author or of a month, one after the other.

A page is stored, counted and passed (its number in the step's row) in one transaction. Whoever goes on reads that row
first: after a kill it is the exact page, and a page that somebody else stored meanwhile is not stored again.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol

import structlog

from alexandria.db import Database, Transaction
from alexandria.errors import AlexandriaError, Malformed, ProviderFailed
from alexandria.harvest.campaign import AT_ONCE, SQL, decode
from alexandria.harvest.plan import MOST_MISSES, Authors, Came, Next, Parameters, next_page
from alexandria.harvest.tiers import go_on
from alexandria.queue.job import Done, Job, Result, Snooze, Step
from alexandria.queue.store import MOST_PENDING

SATURATED: Final = MOST_PENDING * 4 // 5  # active jobs from which on nothing more is collected
WHILE_FULL: Final = timedelta(minutes=1)
LATER: Final = timedelta(minutes=5)  # when a provider does not say when to ask again
AFTER_MISS: Final = timedelta(seconds=20)
COUNTED: Final = ("units", "pages", "seen", "new", "updated", "known", "done", "failed")
MOST_ATTEMPTS: Final = 6  # of a step's job, after which the step has failed

log = structlog.get_logger(__name__)


class Counts(Protocol):
    """What became of the editions of a page."""

    @property
    def new(self) -> int: ...
    @property
    def updated(self) -> int: ...
    @property
    def known(self) -> int: ...


class Fetched(Protocol):
    """A page that came, and how it is stored."""

    @property
    def editions(self) -> int: ...
    @property
    def more(self) -> bool: ...
    @property
    def total(self) -> int | None: ...
    @property
    def digest(self) -> bytes: ...
    async def store(self, transaction: Transaction, *, skip_existing: bool, subjects: Sequence[str] = ()) -> Counts: ...


class Pages(Protocol):
    """Who fetches pages. Raises ProviderFailed; Malformed is an answer that is of no use, and was charged."""

    async def author(self, number: int, name: str, page: int) -> Fetched: ...
    async def published(self, month: str, page: int) -> Fetched: ...


class AlreadyStored(AlexandriaError):
    """Somebody else stored this page of the step, or ended it."""


@dataclass(frozen=True, slots=True)
class _Step:
    """A step as it is now."""

    id: int
    campaign: int
    key: int
    name: str
    page: int
    pages: int
    digest: bytes | None
    misses: int
    about: Parameters


class Steps:
    """The handler of the queue's kind `harvest-step`."""

    def __init__(
        self,
        database: Database,
        pages: Pages,
        *,
        at_once: int = AT_ONCE,
        saturated: int = SATURATED,
        after_miss: timedelta = AFTER_MISS,
    ) -> None:
        self._database, self._pages, self._at_once = database, pages, at_once
        self._saturated, self._after_miss = saturated, after_miss

    async def steps(self, jobs: Sequence[Job]) -> AsyncIterator[Step]:
        """Steps that store page after page, the last of which settles the job."""
        for job in jobs:
            while True:
                step = await self._read(job.key)
                done = step is None
                if step is None:  # it is over, or its campaign does not run
                    yield Step([Result(job, Done())])
                elif job.attempts > MOST_ATTEMPTS:
                    done = True
                    yield self._failed(job, step, "its pages could not be stored; the log of the worker says why")
                elif reason := await self._is_full():
                    done = True
                    yield self._waits(job, step, datetime.now(UTC) + WHILE_FULL, reason)
                else:
                    told = await self._one_page(job, step)
                    done = bool(told.results)
                    yield told
                if done:
                    break

    async def _read(self, id: int) -> _Step | None:
        row = await self._database.fetch_one(SQL["read_step"], {"id": id})
        if row is None or row[7] != "active" or row[8] != "running":
            return None
        campaign, key, name, page, pages, digest, misses, *_, about = row
        return _Step(id, campaign, key, name, page, pages, digest, misses, decode(about))

    async def _is_full(self) -> str | None:
        """Why nothing is to be collected now."""
        row = await self._database.fetch_one(SQL["count_queue"])
        active = row[0] if row else 0
        return f"the queue is full: {active:,} jobs wait" if active >= self._saturated else None

    async def _one_page(self, job: Job, step: _Step) -> Step:
        """What the next page means: a step without a result where there is another one to ask for."""
        try:
            fetched = await self._fetch(step)
        except Malformed as error:
            return self._missed(job, step, error)
        except ProviderFailed as error:
            return self._waits(job, step, error.retry_at or datetime.now(UTC) + LATER, str(error))
        came = Came(fetched.editions, fetched.more, fetched.total, fetched.digest)
        next = next_page(step.page, step.about.max_pages, came, step.digest)
        if next.is_repeat:
            log.warning("page that repeats", what=step.name, page=step.page)

        async def write(transaction: Transaction) -> None:
            await self._store(transaction, step, fetched, next)

        return Step([] if next.page else [Result(job, Done())], write)

    async def _fetch(self, step: _Step) -> Fetched:
        if isinstance(step.about, Authors):
            return await self._pages.author(step.key, step.name, step.page)
        return await self._pages.published(step.name, step.page)

    async def _store(self, transaction: Transaction, step: _Step, fetched: Fetched, next: Next) -> None:
        about = step.about
        subjects = () if isinstance(about, Authors) else about.subjects
        counts: Counts | None = None
        if not next.is_repeat:
            counts = await fetched.store(transaction, skip_existing=about.skip_existing, subjects=subjects)
        stored = int(bool(fetched.editions) and not next.is_repeat)
        params = {
            "id": step.id, "page": step.page, "next": next.page, "pages": stored, "total": fetched.total,
            "editions": fetched.editions if stored else 0, "digest": fetched.digest, "reason": next.reason,
        }  # fmt: skip
        if not await transaction.fetch(SQL["move_step"], params):
            raise AlreadyStored(f"page {step.page} of {step.name} was stored by another worker")
        if next.page is None and isinstance(about, Authors):
            whole = next.reason is None
            params = {"key": step.key, "pages": step.pages + stored, "total": fetched.total, "is_whole": whole}
            await transaction.execute(SQL["note_author"], params)
        numbers = {"units": 1, "pages": stored, "seen": fetched.editions if stored else 0, "done": int(not next.page)}
        if counts:
            numbers |= {"new": counts.new, "updated": counts.updated, "known": counts.known}
        await self._count(transaction, step, numbers, is_over=next.page is None)

    async def _count(self, transaction: Transaction, step: _Step, numbers: dict[str, int], *, is_over: bool) -> None:
        """Nothing; the campaign's numbers have grown, and the next step is under way when this one is over."""
        zeros: dict[str, Any] = dict.fromkeys(COUNTED, 0)
        row = await transaction.fetch_one(SQL["add_numbers"], {**zeros, **numbers, "id": step.campaign})
        if is_over and row and row[0] == "running":
            await go_on(transaction, step.campaign, row[1], self._at_once)

    # --- what went wrong ---------------------------------------------------------------------------------------

    def _waits(self, job: Job, step: _Step, until: datetime, reason: str) -> Step:
        """The step waits, for the day's units, a breaker, the queue: it costs nothing."""

        async def write(transaction: Transaction) -> None:
            await transaction.execute(SQL["note_wait"], {"id": step.campaign, "until": until, "reason": reason})

        return Step([Result(job, Snooze(until, reason))], write)

    def _missed(self, job: Job, step: _Step, error: Malformed) -> Step:
        """An answer was of no use: asked again a few times, then the step has failed."""
        if step.misses + 1 >= MOST_MISSES:
            return self._failed(job, step, str(error), units=1)

        async def write(transaction: Transaction) -> None:
            await transaction.execute(SQL["count_miss"], {"id": step.id, "page": step.page})
            await self._count(transaction, step, {"units": 1}, is_over=False)

        return Step([Result(job, Snooze(datetime.now(UTC) + self._after_miss, str(error)))], write)

    def _failed(self, job: Job, step: _Step, reason: str, units: int = 0) -> Step:
        log.warning("harvest step failed", what=step.name, page=step.page, reason=reason)

        async def write(transaction: Transaction) -> None:
            if await transaction.fetch(SQL["end_step"], {"id": step.id, "reason": reason[:1_000]}):
                await self._count(transaction, step, {"units": units, "failed": 1}, is_over=True)

        return Step([Result(job, Done({"failed": reason}))], write)
