"""What the database knows of the whole, as metrics: short statements over tallies, small tables and index ends."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from alexandria.catalog.stats import read_stats
from alexandria.db import Database, load_statements
from alexandria.ops.alerts import open_alerts
from alexandria.ops.facts import Facts, read_facts
from alexandria.ops.processes import list_processes
from alexandria.quota.policy import Policy
from alexandria.quota.status import BucketStatus
from alexandria.telemetry.exposition import Found
from alexandria.telemetry.metrics import OWN, Family, Row, Snapshot

SQL = load_statements(__package__)
LONGEST: Final = 5.0  # seconds for all statements together
WHO: Final = ("service", "process")  # labels of what a process counts


def _gauge(name: str, about: str, *labels: str) -> Family:
    return Family(f"alexandria_{name}", "gauge", about, labels)


UP: Final = _gauge("database_up", "Whether the database answered: 1 or 0. At 0 only this process is told of.")
PROCESSES: Final = _gauge("processes", "Processes that were heard of in 30 seconds.", "service")
JOBS: Final = _gauge("queue_jobs", "Jobs that are not over: waiting or running.", "kind", "state")
DEAD: Final = _gauge("queue_dead_jobs", "Jobs that failed for good, at most 1,001.", "kind")
OLDEST: Final = _gauge("queue_oldest_due_seconds", "Since when the oldest job is due that waits.", "kind")
USED: Final = _gauge("quota_used_units", "Units used of the bucket's day.", "bucket", "lane")
LIMIT: Final = _gauge("quota_limit_units", "Units that the provider allows in a day.", "bucket")
BUFFER: Final = _gauge("quota_buffer_units", "Units of the limit that we never use.", "bucket")
LEFT: Final = _gauge("quota_remaining_units", "Units left of the bucket's day.", "bucket")
RESETS: Final = _gauge("quota_reset_time_seconds", "When the bucket's day ends (Unix time).", "bucket")
BREAKER: Final = _gauge("breaker_open", "Whether a provider is left alone after failures: 1 or 0.", "bucket")
AGE: Final = _gauge("mirror_age_seconds", "Age of the newest record of the dump that serves.")
LAG: Final = _gauge("mirror_changes_lag_seconds", "Since when Open Library's changes were not read.")
GAPS: Final = _gauge("mirror_gaps", "Stretches of changes that could not be read.")
BEHIND: Final = _gauge("mirror_behind_records", "Records that are known to have changed, and could not be had yet.")
RECORDS: Final = _gauge("mirror_records", "Records of the mirror.", "table")
COVERS: Final = _gauge("covers", "ISBNs by what became of the search for their cover; estimated when many.", "state")
CAMPAIGNS: Final = _gauge("campaigns", "Campaigns of harvesting.", "state")
ALERTS: Final = _gauge("alerts_open", "Open alerts.", "rule", "severity")
MESSAGES: Final = _gauge("alert_messages_waiting", "Messages about alerts that wait to be delivered.")

OF_ALL: Final = (
    UP, PROCESSES, JOBS, DEAD, OLDEST, USED, LIMIT, BUFFER, LEFT, RESETS, BREAKER, AGE, LAG, GAPS, BEHIND, RECORDS,
    COVERS, CAMPAIGNS, ALERTS, MESSAGES,
)  # fmt: skip
OF_EACH: Final = tuple(Family(each.name, each.kind, each.about, (*WHO, *each.labels), each.bounds) for each in OWN)


async def read_gauges(database: Database, policies: Mapping[str, Policy]) -> list[Found]:
    """Everything that the database tells, of itself and of every process. Raises DatabaseUnavailable, TimeoutError."""
    async with asyncio.timeout(LONGEST):
        facts = await read_facts(database, policies)
        stats = await read_stats(database)
        processes = await list_processes(database)
        found = [(UP, _one(1)), *_of_facts(facts), (RECORDS, _rows(stats["mirror"]))]
        found += [(COVERS, _rows(dict(await database.fetch(SQL["count_covers"]))))]
        found += [(CAMPAIGNS, _rows(dict(await database.fetch(SQL["count_campaigns"]))))]
        alerts = Counter((each.rule, each.severity) for each in await open_alerts(database))
        found += [(ALERTS, [(labels, [number]) for labels, number in alerts.items()])]
        found += [(MESSAGES, [((), list(row)) for row in await database.fetch(SQL["count_undelivered"])])]
        return [*found, *of_processes((each.service, each.id, each.counters) for each in processes)]


def of_processes(processes: Iterable[tuple[str, str, Snapshot]]) -> list[Found]:
    """What processes counted, each given as its service, id and snapshot."""
    rows: dict[str, list[Row]] = {each.name: [] for each in OF_EACH}
    for service, process, snapshot in processes:
        for family in OWN:
            fitting = [row for row in snapshot.get(family.name, ()) if family.fits(row)]
            rows[family.name] += [((service, process, *labels), numbers) for labels, numbers in fitting]
    return [(family, rows[family.name]) for family in OF_EACH]


def _of_facts(facts: Facts) -> list[Found]:
    freshness = facts.freshness
    due = [(each.kind, each.due_since) for each in facts.kinds if each.due_since]
    return [
        (PROCESSES, _rows({each.service: each.live for each in facts.services})),
        (JOBS, [((each.kind, "waiting"), [each.pending]) for each in facts.kinds]
             + [((each.kind, "running"), [each.running]) for each in facts.kinds]),
        (DEAD, _rows({each.kind: facts.dead.get(each.kind, 0) for each in facts.kinds})),
        (OLDEST, _rows({kind: (facts.now - since).total_seconds() for kind, since in due})),
        *_of_buckets(facts.buckets),
        (AGE, _one(freshness.mirror_age)),
        (LAG, _one(freshness.changes_lag)),
        (GAPS, _one(freshness.gaps)),
        (BEHIND, _one(freshness.behind)),
    ]  # fmt: skip


def _of_buckets(buckets: Iterable[BucketStatus]) -> list[Found]:
    limited = [each for each in buckets if each.limit is not None]
    used = [((each.bucket, lane), [status.used]) for each in buckets for lane, status in each.lanes.items()]
    return [
        (USED, used),
        (LIMIT, _rows({each.bucket: each.limit for each in limited})),
        (BUFFER, _rows({each.bucket: each.buffer for each in limited})),
        (LEFT, _rows({each.bucket: each.remaining for each in limited})),
        (RESETS, _rows({each.bucket: each.resets_at.timestamp() for each in buckets})),
        (BREAKER, _rows({each.bucket: each.breaker.state != "closed" for each in buckets})),
    ]


def _one(number: float | None) -> list[Row]:
    """The row of a metric without labels; none when it is not known."""
    return [] if number is None else [((), [number])]


def _rows(numbers: Mapping[str, float | None]) -> list[Row]:
    """A row for each label."""
    return [((label,), [number]) for label, number in numbers.items() if number is not None]
