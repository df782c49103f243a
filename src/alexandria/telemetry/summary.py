"""What counters say in few numbers: totals, rates, quantiles. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from alexandria.telemetry.metrics import FAST, LOOKUP_SECONDS, LOOKUPS, REQUESTS, Snapshot


@dataclass(frozen=True, slots=True)
class Totals:
    """What was counted in all: requests and 5xx among them, ISBNs looked up and found; and lookups of one ISBN by how
    long they took, by the buckets of FAST (empty: none was counted).
    """

    requests: int = 0
    errors: int = 0
    lookups: int = 0
    hits: int = 0
    took: tuple[int, ...] = ()

    def since(self, before: "Totals") -> "Totals":
        """What was counted after `before`."""
        return Totals(
            self.requests - before.requests,
            self.errors - before.errors,
            self.lookups - before.lookups,
            self.hits - before.hits,
            tuple(now - then for now, then in zip_longest(self.took, before.took, fillvalue=0)),
        )


def add_up(snapshot: Snapshot) -> Totals:
    """The totals of a process."""
    requests, lookups = snapshot.get(REQUESTS.name, ()), snapshot.get(LOOKUPS.name, ())
    took = _add_times(snapshot)
    return Totals(
        requests=int(sum(numbers[0] for _, numbers in requests)),
        errors=int(sum(numbers[0] for labels, numbers in requests if labels[2].startswith("5"))),
        lookups=int(sum(numbers[0] for _, numbers in lookups)),
        hits=int(sum(numbers[0] for labels, numbers in lookups if labels[0] == "hit")),
        took=tuple(map(int, took)) if any(took) else (),
    )


def _add_times(snapshot: Snapshot) -> list[float]:
    """How many lookups of one ISBN took so long, by bucket."""
    rows = [numbers[:-1] for _, numbers in snapshot.get(LOOKUP_SECONDS.name, ()) if len(numbers) == len(FAST) + 2]
    return [sum(counts) for counts in zip(*rows, strict=True)] or [0.0] * (len(FAST) + 1)


def find_quantile(counts: Sequence[float], bounds: Sequence[float], share: float) -> float | None:
    """The value below which that share of a histogram's values lies, about; None when there are none.

    `counts` by bucket, the last one for what is above all bounds: of that, only its lower end is known.
    """
    wanted, seen = share * sum(counts), 0.0
    if not wanted:
        return None
    for place, upper in enumerate(bounds):
        if seen + counts[place] >= wanted:
            lower = bounds[place - 1] if place else 0.0
            return lower + (upper - lower) * (wanted - seen) / counts[place]
        seen += counts[place]
    return bounds[-1]


@dataclass(frozen=True, slots=True)
class Summary:
    """Lookups of some processes since their start: how many, found, not known; and how long one of them takes.

    `median`, `p95`, `p99`: seconds that 50, 95, 99 of 100 stay below, about; None where there was none.
    """

    lookups: int
    hits: int
    misses: int
    median: float | None
    p95: float | None
    p99: float | None


def summarize(snapshots: Iterable[Snapshot]) -> Summary:
    """What these processes looked up, all together."""
    counts: dict[str, float] = {}
    times = [0.0] * (len(FAST) + 1)
    for snapshot in snapshots:
        for labels, numbers in snapshot.get(LOOKUPS.name, ()):
            counts[labels[0]] = counts.get(labels[0], 0) + numbers[0]
        times = [a + b for a, b in zip(times, _add_times(snapshot), strict=True)]
    median, p95, p99 = (find_quantile(times, FAST, share) for share in (0.5, 0.95, 0.99))
    total, misses = sum(counts.values()), counts.get("missing", 0)
    return Summary(int(total), int(counts.get("hit", 0)), int(misses), median, p95, p99)
