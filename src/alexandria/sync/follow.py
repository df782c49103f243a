"""Following Open Library: what changed since the last time is read, noted, fetched and applied to the mirror.

Two phases, each of small transactions, so that it may be killed at any point and run by several at once. The lists of
changes are read day by day, the oldest first; what they name goes into `mirror_meta.behind` together with the new
position. Then what is behind is fetched, a hundred records in a request, and applied.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from alexandria.biblio.keys import Key
from alexandria.db import Database, Transaction
from alexandria.errors import AlexandriaError, ProviderFailed
from alexandria.mirror.behind import (
    Gap,
    Position,
    Wanted,
    add_gaps,
    add_wanted,
    close_gap,
    forget_wanted,
    list_gaps,
    list_wanted,
    note_vain,
    read_position,
    set_position,
)
from alexandria.mirror.changes import Applied, apply_changes
from alexandria.mirror.revise import Change
from alexandria.providers.open_library import Fetched, Many, OpenLibrary, Page
from alexandria.providers.open_library.changes import LONGEST_PAGE
from alexandria.queue.store import enqueue_in
from alexandria.sync.news import News
from alexandria.sync.pages import CUT, Reading, day_begins, read_day, read_gap

OVERLAP: Final = timedelta(hours=3)  # read again: changesets are published late, and clocks differ
BEFORE_DUMP: Final = timedelta(days=1)  # a dump takes most of a day to write
LONGEST: Final = timedelta(days=62)  # what is older is for the next dump
PATIENCE: Final = 120.0  # seconds that a request waits for the pace
BATCH: Final = 100  # records in a request
TOGETHER: Final = 5  # requests whose records are applied together
ROUNDS: Final = 3
TOO_OLD: Final = "too long ago to be read change by change; the next dump has them"
FIRST: Final = Key("author", 0)  # before every key, in the order of `behind`


class NothingToFollow(AlexandriaError):
    """No mirror is loaded that changes could be applied to."""


@dataclass(slots=True)
class Followed:
    """What one run did. `known` changes were here already; of `vain` records it is known that they changed, no more."""

    since: datetime | None = None
    until: datetime | None = None
    pages: int = 0
    changesets: int = 0
    fetched: int = 0
    applied: int = 0
    known: int = 0
    vain: int = 0
    enqueued: int = 0
    gaps: list[Gap] = field(default_factory=list)
    gaps_closed: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run is: the stage, and records fetched so far."""

    stage: str
    fetched: int


OnProgress = Callable[[Progress], None]


class _Batch(NamedTuple):
    """Records that are behind with the revisions announced, what was fetched of them, and why not all of it was."""

    wanted: Mapping[Key, int]
    many: Many
    failure: ProviderFailed | None = None


class Follower:
    """Brings the mirror up to what Open Library has now."""

    def __init__(
        self,
        database: Database,
        open_library: OpenLibrary,
        news: News,
        *,
        patience: float = PATIENCE,
        on_progress: OnProgress | None = None,
    ) -> None:
        self._database, self._open_library, self._news = database, open_library, news
        self._patience, self._on_progress = patience, on_progress or (lambda progress: None)
        self._report = Followed()

    async def follow(self, now: datetime | None = None) -> Followed:
        """What was done, when all that can be had is here. `now` is for tests, else the database's clock.

        Raises NothingToFollow, ProviderFailed, DatabaseUnavailable; what was done until then holds.
        """
        begun = time.monotonic()
        position = await read_position(self._database)
        until = now or position.now
        since, missed = begin(position, until)
        self._report.since, self._report.until = since, until
        if missed:
            await self._note(Reading(gaps=[missed]))
        await self._read_gaps()
        day = since.date()
        while day_begins(day) <= until:
            self._tell(f"reading the changes of {day}")
            reading = await read_day(self._page, day, since, until)
            day += timedelta(days=1)
            await self._note(reading, min(day_begins(day), until))
            await self._fetch(position)
        self._report.seconds = time.monotonic() - begun
        return self._report

    # --- reading -------------------------------------------------------------------------------------------------

    async def _page(
        self, day: date, kind: str | None = None, *, bot: bool | None = None, offset: int = 0, limit: int = LONGEST_PAGE
    ) -> Page:
        return await self._open_library.recent_changes(
            day, kind, bot=bot, offset=offset, limit=limit, patience=self._patience
        )

    async def _read_gaps(self) -> None:
        """Nothing; gaps that may be read by now are closed."""
        for gap in await list_gaps(self._database):
            if gap.reason in (CUT, TOO_OLD):
                continue
            self._tell(f"reading a gap of {gap.since:%Y-%m-%d}")
            reading = await read_gap(self._page, gap)
            if not reading.gaps:
                self._report.gaps_closed += 1
                await self._note(reading, closed=gap)

    async def _note(self, reading: Reading, position: datetime | None = None, closed: Gap | None = None) -> None:
        """Nothing; what was read is written down, with what could not be read and how far that is."""
        async with self._database.transaction() as transaction:
            await add_wanted(transaction, reading.wanted())
            await add_gaps(transaction, reading.gaps)
            if closed:
                await close_gap(transaction, closed)
            if position:
                await set_position(transaction, position, reading.newest_id())
        self._report.pages += reading.pages
        self._report.changesets += len(reading.changesets)
        self._report.gaps += reading.gaps

    # --- fetching ------------------------------------------------------------------------------------------------

    async def _fetch(self, position: Position) -> None:
        """Nothing; every record that is behind was fetched, or its turn comes the next time."""
        for _ in range(ROUNDS):
            if not await self._fetch_all(position):
                return

    async def _fetch_all(self, position: Position) -> bool:
        """As `_apply`; while some records are applied, the next ones are fetched.

        When a request fails, what the others brought is applied before its error is raised.
        """
        unsure, coming = False, asyncio.create_task(self._fetch_some(FIRST))
        try:
            while (batch := await coming).wanted:
                if not batch.failure:
                    coming = asyncio.create_task(self._fetch_some(max(batch.wanted)))
                unsure = await self._apply(position, batch.wanted, batch.many) or unsure
                if batch.failure:
                    raise batch.failure
                self._tell("fetching what changed")
        finally:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)
        return unsure

    async def _fetch_some(self, after: Key) -> "_Batch":
        """The next records behind that one, as far as they could be fetched."""
        wanted = dict(await list_wanted(self._database, after, TOGETHER * BATCH))
        keys, many = list(wanted), Many({}, (), {})
        for start in range(0, len(keys), BATCH):
            try:
                more = await self._open_library.get_many(keys[start : start + BATCH], patience=self._patience)
            except ProviderFailed as error:
                return _Batch(wanted, many, error)
            many = Many(
                {**many.found, **more.found}, many.missing + more.missing, {**many.unreadable, **more.unreadable}
            )
        return _Batch(wanted, many)

    async def _apply(self, position: Position, wanted: Mapping[Key, int], many: Many) -> bool:
        """Whether there are other records to be fetched because of these."""
        changes = [to_change(each) for each in many.found.values()]
        vain = reasons(wanted, many)
        async with self._database.transaction() as transaction:
            applied = await apply_changes(transaction, changes, position.part)
            jobs = await self._news.jobs(transaction, applied)
            await forget_wanted(transaction, {key: each.revision or 0 for key, each in many.found.items()})
            await note_vain(transaction, vain)
            unsure = await self._doubt(transaction, applied, wanted, position.now)
            await enqueue_in(transaction, jobs)
        self._count(len(many.found), applied, len(vain), len(jobs))
        return unsure

    async def _doubt(
        self, transaction: Transaction, applied: Applied, wanted: Mapping[Key, int], now: datetime
    ) -> bool:
        """Whether records are to be fetched again that were led astray by a redirect."""
        return await add_wanted(transaction, [Wanted(key, 0, now) for key in applied.unsure - wanted.keys()]) > 0

    def _count(self, fetched: int, applied: Applied, vain: int, jobs: int) -> None:
        self._report.fetched += fetched
        self._report.applied += applied.applied
        self._report.known += applied.known
        self._report.vain += vain
        self._report.enqueued += jobs

    def _tell(self, stage: str) -> None:
        self._on_progress(Progress(stage, self._report.fetched))


def begin(position: Position, until: datetime) -> tuple[datetime, Gap | None]:
    """From when on changes are to be read, and the gap of what is too old for that. Raises NothingToFollow."""
    if position.dump is None:
        raise NothingToFollow("no mirror is loaded: `alexandria mirror refresh`, or `alexandria mirror load FILE…`")
    since = position.dump - BEFORE_DUMP
    if position.since:
        since = max(since, position.since - OVERLAP)
    if until - since <= LONGEST:
        return since, None
    return until - LONGEST, Gap(since, until - LONGEST, TOO_OLD)


def to_change(fetched: Fetched) -> Change:
    """A fetched record as the mirror takes it."""
    return Change(fetched.record, fetched.revision or 0, fetched.modified)


def reasons(wanted: Mapping[Key, int], many: Many) -> dict[Key, str]:
    """Why records are still behind: not there, not readable, or older than was announced."""
    stale = {
        key: f"revision {each.revision or 0} came where {wanted[key]} was announced"
        for key, each in many.found.items()
        if key in wanted and (each.revision or 0) < wanted[key]
    }
    return {**stale, **many.unreadable, **dict.fromkeys(many.missing, "Open Library has no such record")}
