"""Where every bucket stands: what its day allows, what was used and by whom, what was refused, how its provider is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alexandria.db import Database, load_statements
from alexandria.net.gate import Lane
from alexandria.quota.policy import LANES, Policy, part_ahead

SQL = load_statements(__package__)


@dataclass(frozen=True, slots=True)
class LaneStatus:
    """Units that a lane used of the day and may still have now (None: as many as it likes)."""

    used: int
    remaining: int | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """How often a lane got no permit, ever, and why and when the last time (`pace`, `blocked`, `day`, `lane`)."""

    lane: str
    count: int
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class BreakerStatus:
    """A breaker (`closed`, `open`, `half-open`): failures in a row, the last one, and when it lets a probe through."""

    state: str
    failures: int
    reason: str | None
    retry_at: datetime | None


@dataclass(frozen=True, slots=True)
class BucketStatus:
    """One bucket. Units; `limit`, `remaining` None: there is none. `rate` in requests a second that are allowed.

    `provider_limit` is what the provider's own count leaves of the day's `limit - buffer`, where that is less.
    """

    bucket: str
    rate: float
    limit: int | None
    buffer: int
    provider_limit: int | None
    used: int
    remaining: int | None
    lanes: Mapping[Lane, LaneStatus]
    resets_at: datetime
    blocked_until: datetime | None
    refusals: list[Refusal]
    breaker: BreakerStatus


@dataclass(frozen=True, slots=True)
class Usage:
    """What one kind of request brought in one hour; `found_per_unit` None where nothing was charged or counted."""

    bucket: str
    hour: datetime
    kind: str
    requests: int
    failures: int
    units: int
    items: int
    found: int | None
    found_per_unit: float | None


async def read_status(database: Database, policies: Mapping[str, Policy]) -> list[BucketStatus]:
    """The state of each bucket that has a policy, by name. Raises DatabaseUnavailable."""
    ordered = [policies[name] for name in sorted(policies)]
    params = {"buckets": [policy.bucket for policy in ordered], "zones": [policy.zone for policy in ordered]}
    windows = {row[0]: row[1:] for row in await database.fetch(SQL["read_windows"], params)}
    refusals: dict[str, list[Refusal]] = {}
    for bucket, *rest in await database.fetch(SQL["read_refusals"]):
        refusals.setdefault(bucket, []).append(Refusal(*rest))
    breakers = {row[0]: BreakerStatus(*row[1:]) for row in await database.fetch(SQL["read_breakers"])}
    closed = BreakerStatus("closed", 0, None, None)
    return [
        _bucket(policy, windows[policy.bucket], refusals.get(policy.bucket, []), breakers.get(policy.bucket, closed))
        for policy in ordered
    ]


def _bucket(policy: Policy, row: tuple[Any, ...], refusals: list[Refusal], breaker: BreakerStatus) -> BucketStatus:
    now, began, ended, resets_at, ceiling, *counts, blocked_until = row
    used: dict[Lane, int] = dict(zip(LANES, counts, strict=True))
    ahead, allowed = part_ahead(now, began, ended), policy.allowed(ceiling)
    total = sum(used.values())
    return BucketStatus(
        bucket=policy.bucket,
        rate=policy.rate,
        limit=policy.limit,
        buffer=policy.buffer,
        provider_limit=ceiling if ceiling == allowed and ceiling != policy.allowance else None,
        used=total,
        remaining=None if allowed is None else max(allowed - total, 0),
        lanes={lane: LaneStatus(used[lane], policy.room(lane, used, ahead, ceiling)) for lane in LANES},
        resets_at=resets_at,
        blocked_until=blocked_until,
        refusals=refusals,
        breaker=breaker,
    )


async def read_usage(database: Database, hours: int, bucket: str | None = None) -> list[Usage]:
    """What was asked in the last hours and what it brought, by hour and kind, the newest first."""
    rows = await database.fetch(SQL["report_calls"], {"hours": hours, "bucket": bucket})
    return [_usage(*row) for row in rows]


def _usage(
    bucket: str, hour: datetime, kind: str, requests: int, failures: int, units: int, items: int, found: int | None
) -> Usage:
    brought = round(found / units, 3) if found is not None and units else None
    return Usage(bucket, hour, kind, requests, failures, units, items, found, brought)
