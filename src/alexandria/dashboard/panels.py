"""The overview as it is looked at: pictures, shares, and how long things will take. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from markupsafe import Markup

from alexandria.dashboard.charts import Part, day_curve, gauge, progress, sparkline, stacked
from alexandria.dashboard.overview import EVERY, HOURS, Overview
from alexandria.harvest.campaign import Status as Campaign
from alexandria.ops.history import Minute, Standing
from alexandria.queue.status import KindCounts
from alexandria.quota.status import BucketStatus

WINDOW: Final = 600.0  # seconds that the queue counts what was done for
DAY: Final = timedelta(days=1)
NOTHING: Final = Standing(0, 0, 0, 0, 0)
ENDS: Final = ("completed", "not found", "dead")
MOST_KINDS: Final = 5  # with a colour of their own; the others share the sixth
OTHERS: Final = "others"


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket with its pictures, where its day has a limit."""

    status: BucketStatus
    gauge: Markup | None
    curve: Markup | None


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of job, and seconds until those that wait are done at the pace of the last ten minutes (None: no pace)."""

    counts: KindCounts
    dead: int
    eta: float | None


@dataclass(frozen=True, slots=True)
class Harvest:
    """A campaign with how far it is (None: its list is still being made)."""

    status: Campaign
    bar: Markup | None

    @property
    def verbs(self) -> Sequence[str]:
        """What can be done to it."""
        if self.status.ended_at is not None:
            return ()
        return ("resume", "cancel") if self.status.state == "paused" else ("pause", "cancel")


@dataclass(frozen=True, slots=True)
class Panels:
    """What the template needs beside the overview. `series`: the kinds of jobs in the order of their colours."""

    lookups: Markup
    waiting: Markup
    series: Sequence[str]
    done: Markup
    buckets: Sequence[Bucket]
    idle: Sequence[str]
    kinds: Sequence[Kind]
    harvests: Sequence[Harvest]


def make_panels(seen: Overview, now: datetime) -> Panels:
    """The pictures and sums of an overview."""
    grid = on_grid(seen.minutes, now)
    waiting = waiting_by_kind(grid)
    busy = [each for each in seen.buckets if is_busy(each)]
    return Panels(
        lookups=sparkline("lookups", "Lookups a second, minute by minute, the last hour", seen.traffic.curve),
        waiting=stacked("waiting", f"Jobs that wait, the last {HOURS} hours", waiting),
        series=list(waiting),
        done=stacked("done", f"Jobs that ended, a minute, the last {HOURS} hours", ended_by_end(grid)),
        buckets=[_bucket(each, seen.minutes, now) for each in busy],
        idle=[each.bucket for each in seen.buckets if not is_busy(each)],
        kinds=[Kind(each, seen.dead.get(each.kind, 0), eta(each)) for each in seen.kinds],
        harvests=[_harvest(each) for each in seen.campaigns],
    )


def on_grid(minutes: Sequence[Minute], now: datetime) -> list[Minute | None]:
    """What is known of every tenth minute of the last hours, equally far apart; None where nobody noted it."""
    known = {int(each.at.timestamp()) // 60 // EVERY: each for each in minutes}
    last = int(now.timestamp()) // 60 // EVERY
    return [known.get(number) for number in range(last - HOURS * 60 // EVERY + 1, last + 1)]


def waiting_by_kind(grid: Sequence[Minute | None]) -> dict[str, list[float]]:
    """How many jobs of each kind waited, the kinds with the most first; where nobody noted it, as before."""
    filled: list[Minute | None] = []
    for each in grid:
        filled.append(each or (filled[-1] if filled else None))
    kinds = {kind for each in filled if each for kind in each.queue}
    found = {
        kind: [float(max(each.queue.get(kind, NOTHING).pending, 0)) if each else 0.0 for each in filled]
        for kind in kinds
    }
    ordered = sorted((kind for kind in found if any(found[kind])), key=lambda kind: (-max(found[kind]), kind))
    shown = {kind: found[kind] for kind in ordered[:MOST_KINDS]}
    if rest := ordered[MOST_KINDS:]:
        shown[OTHERS] = [sum(values) for values in zip(*(found[kind] for kind in rest), strict=True)]
    return shown


def ended_by_end(grid: Sequence[Minute | None]) -> dict[str, list[float]]:
    """How many jobs came to each end a minute; what came about while nobody noted it is spread evenly."""
    found = {end: [0.0] * len(grid) for end in ENDS}
    before: tuple[int, tuple[int, ...]] | None = None
    for number, each in enumerate(grid):
        if each is None:
            continue
        now = tuple(sum(standing[place] for standing in each.queue.values()) for place in (2, 3, 4))
        if before:
            since, then = before
            for end, more, less in zip(ENDS, now, then, strict=True):
                rate = max(more - less, 0) / (number - since) / EVERY
                found[end][since + 1 : number + 1] = [rate] * (number - since)
        before = number, now
    return found


def is_busy(bucket: BucketStatus) -> bool:
    """Whether there is something to be seen of a bucket."""
    return bool(
        bucket.limit is not None
        or bucket.used
        or bucket.blocked_until
        or bucket.refusals
        or bucket.breaker.state != "closed"
    )


def eta(kind: KindCounts) -> float | None:
    """Seconds until what waits of a kind is done at the pace of the last ten minutes; 0 where nothing waits."""
    ended = kind.completed + kind.not_found + kind.dead
    if kind.pending <= 0:
        return 0.0
    return kind.pending / ended * WINDOW if ended else None


def _bucket(status: BucketStatus, minutes: Sequence[Minute], now: datetime) -> Bucket:
    if status.limit is None:
        return Bucket(status, None, None)
    began = status.resets_at - DAY
    points = [
        (each.at, float(each.quota[status.bucket]))
        for each in minutes
        if each.at >= began and status.bucket in each.quota
    ]
    points.append((max(min(now, status.resets_at), began), float(status.used)))
    parts = [Part(lane, float(each.used)) for lane, each in status.lanes.items()]
    allowed = float(status.used + (status.remaining or 0))
    return Bucket(
        status,
        gauge(f"gauge-{status.bucket}", f"Units of {status.bucket} today", parts, status.limit, status.buffer),
        day_curve(f"day-{status.bucket}", f"The day of {status.bucket}", points, (began, status.resets_at), allowed),
    )


def _harvest(status: Campaign) -> Harvest:
    if not status.is_planned or not status.steps:
        return Harvest(status, None)
    part = (status.done + status.failed + status.skipped) / status.steps
    return Harvest(status, progress(f"campaign-{status.id}", f"Progress of {status.title}", part))
