"""One day of a provider, sped up: workers harvest and enrich, people look up, workers are killed and started again."""

import asyncio
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import LiteralString

from alexandria.config import read_settings
from alexandria.db import Database, Statement, connect
from alexandria.errors import DatabaseUnavailable, ProviderFailed, QuotaExhausted
from alexandria.harvest import plan
from alexandria.harvest.campaign import Status, find_campaign, start
from alexandria.queue.job import NewJob
from alexandria.queue.store import enqueue
from alexandria.simulator.catalogue import Catalogue, numbers
from alexandria.simulator.launch import Simulator
from alexandria.wiring import Services, make_services
from bench.harvest_truth import Duplicates, fill_mirror, find_duplicates
from bench.harvest_workers import Processes, Tasks

LEADS = {True: 2.0, False: 10.0}  # seconds until the day begins, a brief one or not: all workers have started
DEADLINE = 100.0  # seconds that a brief day may take
LOOKUPS_FROM, QUEUED_FROM = 15_000_000, 9_000_000  # editions of authors that the mirror does not know


USED = Statement(
    "used", "select harvest + enrichment + interactive from quota.windows where bucket = 'isbndb'", "Units."
)
BY_LANE: LiteralString = """
    select lane, sum(coalesce(charged, units) - refunded)::int from quota.calls
    where bucket = 'isbndb' and at >= %s and at < %s group by lane order by lane"""
REFUSED = Statement(
    "refused", "select coalesce(sum(count), 0) from quota.refusals where lane = 'enrichment'", "Refusals."
)
HURRY = Statement(
    "hurry", "update queue.jobs set run_at = now() where kind <> 'cover' and worker is null", "Waits no more."
)


@dataclass(frozen=True, slots=True)
class Day:
    """What a day is made of. `allowance`: units that may be used; `month` is one of releases.

    `early` of the `queued` editions are there when the day begins, the others come all day. A `flooded` brief day's
    campaigns start when the queue has got all that it may have, and it ends with them.
    """

    speed: float
    daily: int
    allowance: int
    tier: str
    authors: int  # in the mirror
    queued: int
    batch: int
    lookups: int
    workers: int
    kills: int
    month: str
    month_pages: int
    editions: int = 300_000  # that the provider lists by month
    fault_share: float = 0.02
    begins: float = 0.0  # hour of the day
    early: int = 0
    flooded: bool = False
    brief: bool = False  # workers are tasks of this process, stopped and not killed; it ends when all is used and done


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the day. `lanes`: units of each by the ledger, `charged` those by the provider; `memory`: bytes of
    the largest worker."""

    authors: Status
    releases: Status
    editions: int
    lanes: dict[str, int]
    charged: int
    violations: int
    refused_429: int
    lookups: int
    lookups_refused: int
    duplicates: Duplicates
    memory: int
    seconds: float

    @property
    def units(self) -> int:
        """Of all lanes."""
        return sum(self.lanes.values())


def run_day(url: str, day: Day) -> Outcome:
    """What a day brought, on a fresh database; takes as long as the day and a little."""
    catalogue = Catalogue(1, day.editions)
    fill_mirror(url, catalogue, range(day.authors))
    begins, epoch = _begin(url, day, LEADS[day.brief])
    with Simulator(speed=day.speed, epoch=epoch, editions=day.editions) as simulator:
        simulator.limits(isbndb={"plan": "premium", "daily": day.daily})
        simulator.faults(isbndb=_faults(day))
        campaigns, refused, looked, memory = asyncio.run(_live(url, _environ(simulator, url, day), day, begins))
        state = simulator.state()["isbndb"]
        violations = sum(map(len, simulator.violations().values()))
    seconds = time.time() - begins
    authors, releases = asyncio.run(_statuses(url, campaigns))
    first = datetime.fromtimestamp(_moment(begins, epoch, day.speed), UTC).date()
    with connect(url) as connection:
        lanes = connection.execute(BY_LANE, (_midnight(first), _midnight(first + timedelta(days=1)))).fetchall()
        [(editions,)] = connection.execute("select count(*) from enriched.editions").fetchall()
    charged = state["days"].get(first.isoformat(), {}).get("units", 0)
    too_many = int(state["statuses"].get("429", 0))
    return Outcome(authors, releases, editions, dict(lanes), charged, violations, too_many, looked, refused,
                   find_duplicates(url), memory, seconds)  # fmt: skip


def _midnight(day: object) -> datetime:
    return datetime.fromisoformat(f"{day}T00:00:00+00:00")


def _begin(url: str, day: Day, lead: float) -> tuple[float, float]:
    """When the day begins on the wall, and when the sped clock and the wall's were one."""
    now = datetime.now(UTC)
    midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    speed, first = day.speed, midnight + timedelta(hours=day.begins)
    begins = time.time() + lead
    epoch = (begins * speed - first.timestamp()) / (speed - 1)
    moment = "to_timestamp(%s)"
    with connect(url, autocommit=True) as connection:
        connection.execute(
            f"insert into quota.clock (speed, theirs, ours) values (%s, {moment}, {moment})".encode(),
            (speed, epoch, epoch),
        )
    return begins, epoch


def _moment(wall: float, epoch: float, speed: float) -> float:
    return epoch + (wall - epoch) * speed + 1


def _faults(day: Day) -> list[dict[str, object]]:
    """All kinds of them, together in that share of the answers. A brief day has no time for a Retry-After."""
    kinds: list[dict[str, object]] = [
        {"fault": "status", "status": 500}, {"fault": "html"}, {"fault": "wrong_book"}, {"fault": "truncated"},
        {"fault": "reset"}, {"fault": "empty"}, {"fault": "delay", "seconds": 0.3},
    ]  # fmt: skip
    if not day.brief:
        kinds.append({"fault": "status", "status": 503})
    share = day.fault_share / len(kinds)
    return [{**kind, "probability": share, "seed": place} for place, kind in enumerate(kinds)]


def _environ(simulator: Simulator, url: str, day: Day) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ALEXANDRIA_")}
    own = {
        "DATABASE_URL": url, "CONTACT": "bench@localhost", "ISBNDB_PLAN": "premium", "ISBNDB_API_KEY": "one",
        "ISBNDB_BATCH": str(day.batch), "ISBNDB_DAILY_LIMIT": str(day.daily),
        "ISBNDB_BUFFER": str(day.daily - day.allowance),
    }  # fmt: skip
    return {**kept, **{f"ALEXANDRIA_{name}": value for name, value in own.items()}, **simulator.environ}


# --- the day ------------------------------------------------------------------------------------------------


async def _plan_day(database: Database, day: Day) -> tuple[int, int]:
    """The campaigns of the day, which are started."""
    releases = await start(database, plan.releases(day.month, day.month, day.month_pages), "bench")
    authors = await start(database, plan.authors(day.tier), "bench")
    return authors.id, releases.id


async def _queue(database: Database, isbns: Sequence[int]) -> None:
    """Nothing; ISBNdb alone is to be asked about these."""
    payload = {"providers_to_try": ["isbndb"]}
    for first in range(0, len(isbns), 1_000):
        await enqueue(database, [NewJob("edition", isbn, 2, payload=payload) for isbn in isbns[first : first + 1_000]])


def _isbns(start: int, count: int) -> list[int]:
    return [numbers.isbn_of(start + place) for place in range(count)]


async def _live(url: str, environ: dict[str, str], day: Day, begins: float) -> tuple[tuple[int, int], int, int, int]:
    """The day: its campaigns, how many lookups of people were refused for lack of quota, how many were not, memory."""
    length = (24 - day.begins) * 3_600 / day.speed
    pause = (DEADLINE / 50 if day.brief else length * 0.99) / day.lookups
    kills = [begins + pause * day.lookups * (place + 1) / (day.kills + 1) for place in range(day.kills)]
    workers = Tasks(environ) if day.brief else Processes(environ)
    async with opened(url) as database:
        services = make_services(read_settings(environ), database)
        try:
            for _ in range(day.workers):
                await workers.start()
            await asyncio.sleep(max(begins - time.time(), 0))  # what is asked before belongs to another day
            isbns = _isbns(QUEUED_FROM, day.queued)
            await _queue(database, isbns[: day.early])
            if day.flooded:
                await _flooded(database)
            campaigns = await _plan_day(database, day)
            left = isbns[day.early :]
            piece = 0 if day.brief else -(-len(left) // day.lookups)
            lookups = []
            for place, isbn in enumerate(_isbns(LOOKUPS_FROM, day.lookups)):
                due = begins + pause * place
                await asyncio.sleep(max(due - time.time(), 0))
                lookups.append(asyncio.create_task(_look(services, isbn)))
                await _queue(database, left[place * piece : (place + 1) * piece])  # misses come all day
                if kills and time.time() > kills[0]:
                    kills.pop(0)
                    await workers.kill()
                    await workers.start()
            if day.brief:
                await _used_and_done(database, day, campaigns)
            else:
                await asyncio.sleep(max(begins + length - time.time(), 0))
            refused = sum(await asyncio.gather(*lookups))
        finally:
            await workers.stop()
            await services.close()
    return campaigns, refused, day.lookups - refused, workers.memory()


async def _flooded(database: Database) -> None:
    """Nothing; the queue has got all that it may have for now. Raises TimeoutError."""
    async with asyncio.timeout(DEADLINE):
        while (await database.fetch(REFUSED))[0][0] == 0:
            await asyncio.sleep(0.1)


async def _used_and_done(database: Database, day: Day, campaigns: tuple[int, int]) -> None:
    """Nothing; the units are used and the campaigns over, or time is up. What waits for another attempt waits less."""
    deadline = time.time() + DEADLINE
    while time.time() < deadline:
        [(used,)] = await database.fetch(USED) or [(0,)]
        over = [(await find_campaign(database, each)).ended_at for each in campaigns]
        if all(over) and (day.flooded or used > day.allowance - day.batch):
            return
        if all(over):  # nothing else needs the units
            await _queue(database, _isbns(QUEUED_FROM, day.queued))
        with suppress(DatabaseUnavailable):  # it met those who claim
            await database.execute(HURRY)
        await asyncio.sleep(0.5)


async def _look(services: Services, isbn: int) -> bool:
    """Whether somebody who waits was refused for lack of quota."""
    try:
        await services.isbndb().book(isbn, lane="interactive", patience=5.0)
    except QuotaExhausted:
        return True
    except (ProviderFailed, DatabaseUnavailable):
        pass
    return False


async def _statuses(url: str, ids: tuple[int, int]) -> tuple[Status, Status]:
    async with opened(url) as database:
        return await find_campaign(database, ids[0]), await find_campaign(database, ids[1])


class opened:
    """A database that is open in the block."""

    def __init__(self, url: str) -> None:
        self._database = Database(url, max_size=4, timeout_ms=60_000)

    async def __aenter__(self) -> Database:
        await self._database.open()
        return self._database

    async def __aexit__(self, *raised: object) -> None:
        await self._database.close()
