"""What a process counts about itself: plain numbers where the work is done, read by whoever asks (`exposition`).

metrics = Metrics()
metrics.note_lookup("hit", 0.0004)
metrics.snapshot()

There is nothing global: each process makes one `Metrics` and hands it to what counts.
"""

import os
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeVar

Labels = tuple[str, ...]
Row = tuple[Sequence[str], Sequence[float]]  # labels, and one number; for a histogram counts by bucket, then their sum
Snapshot = Mapping[str, Sequence[Row]]  # by the name of the metric
Key = TypeVar("Key")
Times = defaultdict[Key, list[float]]  # for each key, how many took so long, by bucket; then their sum

FAST: Final = (0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
SLOW: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 600.0)
SIZES: Final = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1_000.0)


@dataclass(frozen=True, slots=True)
class Family:
    """A metric as it is exported. `bounds` are the upper ends of a histogram's buckets, but for the last."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    about: str
    labels: Labels = ()
    bounds: tuple[float, ...] = ()

    def fits(self, row: Row) -> bool:
        """Whether a row has the shape of this metric; one of a process of another version may not."""
        numbers = len(self.bounds) + 2 if self.kind == "histogram" else 1
        return len(row[0]) == len(self.labels) and len(row[1]) == numbers


REQUESTS: Final = Family(
    "alexandria_http_requests_total", "counter", "Requests answered by the API.", ("method", "route", "status")
)
REQUEST_SECONDS: Final = Family(
    "alexandria_http_request_seconds", "histogram", "Time to answer a request, by route.", ("route",), FAST
)
IN_FLIGHT: Final = Family("alexandria_http_requests_in_flight", "gauge", "Requests being answered just now.")
LOOKUPS: Final = Family(
    "alexandria_lookups_total", "counter", "ISBNs looked up: hit, missing, deleted or failed.", ("outcome",)
)
LOOKUP_SECONDS: Final = Family(
    "alexandria_lookup_seconds", "histogram", "Time of a lookup of one ISBN in the catalogue.", (), FAST
)
LOOKUP_BATCH: Final = Family(
    "alexandria_lookup_batch_isbns", "histogram", "ISBNs that one pair of statements looked up.", (), SIZES
)
PROVIDER_REQUESTS: Final = Family(
    "alexandria_provider_requests_total",
    "counter",
    "Requests to providers: ok, or what went wrong; unsent ones gave their permit back.",
    ("bucket", "outcome"),
)
PROVIDER_SECONDS: Final = Family(
    "alexandria_provider_request_seconds", "histogram", "Time of a request to a provider.", ("bucket",), SLOW
)
PERMITS: Final = Family(
    "alexandria_permits_total",
    "counter",
    "Permits asked for: granted, throttled (pace), exhausted (day).",
    ("bucket", "lane", "verdict"),
)
JOBS: Final = Family(
    "alexandria_jobs_total",
    "counter",
    "What became of jobs: completed, not_found, retry, snooze, dead, failed.",
    ("kind", "outcome"),
)
JOB_BATCH_SECONDS: Final = Family(
    "alexandria_job_batch_seconds", "histogram", "Time of a batch of jobs of one kind.", ("kind",), SLOW
)
POOL: Final = Family(
    "alexandria_pool_connections", "gauge", "Connections of the pool: open, idle, or asked for in vain.", ("state",)
)
CPU: Final = Family("alexandria_process_cpu_seconds_total", "counter", "Processor time of the process.")
MEMORY: Final = Family("alexandria_process_resident_memory_bytes", "gauge", "Memory of the process.")
STARTED: Final = Family("alexandria_process_start_time_seconds", "gauge", "When the process started (Unix time).")

OWN: Final = (
    REQUESTS, REQUEST_SECONDS, IN_FLIGHT, LOOKUPS, LOOKUP_SECONDS, LOOKUP_BATCH, PROVIDER_REQUESTS, PROVIDER_SECONDS,
    PERMITS, JOBS, JOB_BATCH_SECONDS, POOL, CPU, MEMORY, STARTED,
)  # fmt: skip


class Counter:
    """Numbers that only grow, by labels."""

    __slots__ = ("values",)

    def __init__(self) -> None:
        self.values: defaultdict[Labels, float] = defaultdict(int)

    def add(self, *labels: str, amount: float = 1) -> None:
        """Nothing; counts."""
        self.values[labels] += amount

    def rows(self) -> list[Row]:
        """What was counted so far."""
        return [(labels, [number]) for labels, number in list(self.values.items())]


class Histogram:
    """How often values fell into which bucket, by labels, and their sum."""

    __slots__ = ("_bounds", "values")

    def __init__(self, family: Family) -> None:
        self._bounds = family.bounds
        size = len(family.bounds) + 2
        self.values: defaultdict[Labels, list[float]] = defaultdict(lambda: [0] * size)

    def observe(self, value: float, *labels: str) -> None:
        """Nothing; counts."""
        row = self.values[labels]
        row[bisect_left(self._bounds, value)] += 1
        row[-1] += value

    def rows(self) -> list[Row]:
        """What was counted so far."""
        return [(labels, list(numbers)) for labels, numbers in list(self.values.items())]


class Metrics:
    """All that one process counts. `read_pool` tells the connections of its pool by state, when it has one."""

    def __init__(self) -> None:
        self.in_flight = 0
        self._answered: Times[tuple[str, str, int]] = defaultdict(_no_times)  # by method, route and status
        self._looked_up: Times[str] = defaultdict(_no_times)  # by outcome
        self.batched = Counter()  # lookups of many ISBNs at a time, by outcome
        self.lookup_batch = Histogram(LOOKUP_BATCH)
        self.provider_requests, self.provider_seconds = Counter(), Histogram(PROVIDER_SECONDS)
        self.permits = Counter()
        self.jobs, self.job_batch_seconds = Counter(), Histogram(JOB_BATCH_SECONDS)
        self.read_pool: Callable[[], Mapping[str, int]] = dict
        self.started_at = time.time()

    def note_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Nothing; a request was answered."""
        times = self._answered[method, route, status]
        times[bisect_left(FAST, seconds)] += 1
        times[-1] += seconds

    def note_lookup(self, outcome: str, seconds: float) -> None:
        """Nothing; an ISBN was looked up."""
        times = self._looked_up[outcome]
        times[bisect_left(FAST, seconds)] += 1
        times[-1] += seconds

    def snapshot(self) -> Snapshot:
        """Everything counted so far, and how the process stands."""
        return {
            **self._requests(),
            IN_FLIGHT.name: [((), [self.in_flight])],
            **self._lookups(),
            LOOKUP_BATCH.name: self.lookup_batch.rows(),
            PROVIDER_REQUESTS.name: self.provider_requests.rows(),
            PROVIDER_SECONDS.name: self.provider_seconds.rows(),
            PERMITS.name: self.permits.rows(),
            JOBS.name: self.jobs.rows(),
            JOB_BATCH_SECONDS.name: self.job_batch_seconds.rows(),
            POOL.name: [((state,), [number]) for state, number in self.read_pool().items()],
            CPU.name: [((), [time.process_time()])],
            MEMORY.name: [((), [_resident_bytes()])],
            STARTED.name: [((), [self.started_at])],
        }

    def _requests(self) -> Snapshot:
        """Requests by method, route and status, and their times by route: kept together, so that one look-up does."""
        counts: list[Row] = []
        by_route: defaultdict[str, list[float]] = defaultdict(_no_times)
        for (method, route, status), times in list(self._answered.items()):
            counts.append(((method, route, str(status)), [sum(times[:-1])]))
            by_route[route] = _added(by_route[route], times)
        return {REQUESTS.name: counts, REQUEST_SECONDS.name: [((route,), times) for route, times in by_route.items()]}

    def _lookups(self) -> Snapshot:
        """Lookups by outcome, one by one and in batches; the times of the former."""
        counts = dict(self.batched.values)
        total = _no_times()
        for outcome, times in list(self._looked_up.items()):
            counts[(outcome,)] = counts.get((outcome,), 0) + sum(times[:-1])
            total = _added(total, times)
        rows: list[Row] = [(labels, [number]) for labels, number in counts.items()]
        return {LOOKUPS.name: rows, LOOKUP_SECONDS.name: [((), total)]}


def _no_times() -> list[float]:
    """The row of a histogram of FAST, empty."""
    return [0] * (len(FAST) + 2)


def _added(one: Sequence[float], other: Sequence[float]) -> list[float]:
    return [a + b for a, b in zip(one, other, strict=True)]


def _resident_bytes() -> int:
    """The memory that this process holds; 0 where the system does not tell."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0
