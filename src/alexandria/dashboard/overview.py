"""Everything that the first page shows, read in a few milliseconds however much there is, and kept for a moment."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from alexandria.catalog.stats import read_stats
from alexandria.dashboard.traffic import CURVE, Traffic, sum_up
from alexandria.db import Database, load_statements
from alexandria.harvest.campaign import Status as Campaign
from alexandria.harvest.campaign import list_campaigns
from alexandria.ops.alerts import Alert, open_alerts
from alexandria.ops.freshness import Freshness, read_freshness
from alexandria.ops.history import Minute, read_minutes
from alexandria.ops.processes import list_minutes
from alexandria.ops.ticks import Entry, list_entries
from alexandria.queue.status import KindCounts, counts
from alexandria.quota.policy import Policy
from alexandria.quota.status import BucketStatus, read_status

FRESH: Final = 2.0  # seconds: however many people look, the database is asked once
FRESH_CAMPAIGNS: Final = 15.0
MOST_DEAD: Final = 10_000  # dead jobs of a kind that are counted
SHOWN: Final = 15  # answers and failures
CAMPAIGNS: Final = 8
HOURS, EVERY = 24, 10  # of the curves, in hours and minutes
TABLES: Final = (
    "enriched.editions", "enriched.works", "enriched.authors", "enriched.answers", "enriched.misses",
    "covers.covers", "covers.attempts",
)  # fmt: skip
SQL = load_statements(__package__)


@dataclass(frozen=True, slots=True)
class Failed:
    """A job that died."""

    id: UUID
    kind: str
    key: int
    at: datetime
    attempts: int
    error: str | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """Something that was learned of a record, or could not be."""

    at: datetime
    kind: str
    id: int
    provider: str
    operation: str
    success: bool
    fields: Sequence[str]
    error: str | None


@dataclass(frozen=True, slots=True)
class Overview:
    """How everything stands. `mirror` and `sizes`: rows by table, the second about; `dead`: up to MOST_DEAD a kind."""

    mirror: Mapping[str, int]
    sizes: Mapping[str, int]
    traffic: Traffic
    kinds: Sequence[KindCounts]
    dead: Mapping[str, int]
    minutes: Sequence[Minute]
    buckets: Sequence[BucketStatus]
    freshness: Freshness
    schedule: Sequence[Entry]
    campaigns: Sequence[Campaign]
    alerts: Sequence[Alert]
    attempts: Sequence[Attempt]
    failures: Sequence[Failed]


async def read_overview(
    database: Database,
    policies: Mapping[str, Policy],
    campaigns: Sequence[Campaign] | None = None,
) -> Overview:
    """How everything stands now; one statement after the other, so that lookups keep their connections.

    `campaigns`: as they were a moment ago, where they need not be read again: their steps are counted for it.
    """
    sizes: dict[str, int] = dict(await database.fetch(SQL["list_sizes"], {"names": list(TABLES)}))
    dead: dict[str, int] = dict(await database.fetch(SQL["count_dead_up_to"], {"most": MOST_DEAD}))
    return Overview(
        mirror=(await read_stats(database))["mirror"],
        sizes=sizes,
        traffic=sum_up(await list_minutes(database, CURVE + 1), datetime.now(UTC)),
        kinds=await counts(database),
        dead=dead,
        minutes=await read_minutes(database, HOURS, EVERY),
        buckets=await read_status(database, policies),
        freshness=await read_freshness(database),
        schedule=await list_entries(database),
        campaigns=await list_campaigns(database, CAMPAIGNS) if campaigns is None else campaigns,
        alerts=await open_alerts(database),
        attempts=[Attempt(*row) for row in await database.fetch(SQL["list_attempts"], {"limit": SHOWN})],
        failures=[Failed(*row) for row in await database.fetch(SQL["list_failures"], {"limit": SHOWN})],
    )


class Watch:
    """The overview of one process, read again when it is older than FRESH; its campaigns than FRESH_CAMPAIGNS."""

    def __init__(
        self,
        database: Database,
        policies: Mapping[str, Policy],
    ) -> None:
        self._asked = database, policies
        self._reading = asyncio.Lock()
        self._last: Overview | None = None
        self._until = self._campaigns_until = 0.0

    async def look(self) -> Overview:
        """How everything stands. Raises DatabaseUnavailable."""
        async with self._reading:
            began = time.monotonic()
            if self._last is None or began >= self._until:
                kept = self._last.campaigns if self._last and began < self._campaigns_until else None
                self._last = await read_overview(*self._asked, kept)
                self._until = began + FRESH
                if kept is None:
                    self._campaigns_until = began + FRESH_CAMPAIGNS
            return self._last

    def forget(self) -> None:
        """Nothing; whoever looks next sees what was just done."""
        self._until = self._campaigns_until = 0.0
