"""What is known of the whole at one moment, for the rules of alerts and for metrics."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from alexandria.db import Database, load_statements
from alexandria.ops.freshness import Freshness, read_freshness
from alexandria.ops.processes import SILENT
from alexandria.queue.status import KindCounts, counts
from alexandria.quota.policy import Policy
from alexandria.quota.status import BucketStatus, read_status

SQL = load_statements(__package__)


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """A service of which some process was heard of in a day: how many live, and when one was heard of last."""

    service: str
    live: int
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class DiskFacts:
    """A disk of a host on which a process lives; bytes."""

    host: str
    folder: str
    free: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """How everything stands.

    `is_following`: a job is under way that reads changes. `refused`: why the newest load was, if it was. `dead`: jobs
    by kind, at most a thousand and one. `requests`, `errors`: of the API in five minutes, and 5xx among them. `open`:
    rule and subject of each open alert.
    """

    now: datetime
    freshness: Freshness
    is_following: bool
    refused: str | None
    kinds: Sequence[KindCounts]
    dead: Mapping[str, int]
    buckets: Sequence[BucketStatus]
    requests: int
    errors: int
    services: Sequence[ServiceFacts]
    disks: Sequence[DiskFacts]
    open: frozenset[tuple[str, str]]


async def read_facts(database: Database, policies: Mapping[str, Policy], *, now: datetime | None = None) -> Facts:
    """How everything stands; about ten short statements. Raises DatabaseUnavailable."""
    at = {"now": now}
    mirror = await database.fetch_one(SQL["read_mirror_facts"], at)
    errors = await database.fetch_one(SQL["count_errors"], at)
    assert mirror is not None
    assert errors is not None
    silent = {"now": now, "silent": SILENT}
    return Facts(
        now=mirror[0],
        freshness=await read_freshness(database),
        is_following=mirror[1],
        refused=mirror[2],
        kinds=await counts(database, now=now),
        dead={kind: number for kind, number in await database.fetch(SQL["count_dead_some"])},
        buckets=await read_status(database, policies),
        requests=errors[0],
        errors=errors[1],
        services=[ServiceFacts(*row) for row in await database.fetch(SQL["list_services"], silent)],
        disks=[DiskFacts(*row) for row in await database.fetch(SQL["list_disks"], silent)],
        open=frozenset((row[1], row[2]) for row in await database.fetch(SQL["list_open_alerts"])),
    )
