"""Whether a curve is flat: the rise of a straight line through it, against a stated bound. Pure."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import msgspec

WARM: Final = 1 / 3  # of a session: caches fill, pools open
LEAST: Final = 8  # samples after that, below which nothing is judged
MIB: Final = 1 << 20


class Sample(msgspec.Struct):
    """One interval: the session and its seconds, bytes by kind of process and of PostgreSQL's cache, connections,
    answers, milliseconds.
    """

    session: int
    seconds: float
    memory: dict[str, int]
    cache: int
    connections: int
    requests: int
    failures: int
    p50: float
    p95: float
    p99: float
    most: float


class Bound(NamedTuple):
    """How much a curve may rise: a share of its mean, or so much, whichever is more."""

    share: float
    least: float

    def allows(self, mean: float) -> float:
        return max(self.share * mean, self.least)


BOUNDS: Final[Mapping[str, Bound]] = {
    "memory": Bound(0.10, 16 * MIB),
    "connections": Bound(0.10, 2),
    "p50": Bound(0.25, 1.0),
    "p99": Bound(0.50, 10.0),
}


class Flat(NamedTuple):
    """A curve that was judged: its mean, how much it rose, and how much it might have."""

    name: str
    mean: float
    rise: float
    allowed: float

    @property
    def is_flat(self) -> bool:
        return self.rise <= self.allowed


def rise(times: Sequence[float], values: Sequence[float]) -> float:
    """By how much the straight line that fits best rises from the first time to the last; 0 for less than two."""
    count = len(times)
    middle, mean = sum(times) / max(count, 1), sum(values) / max(count, 1)
    spread = sum((time - middle) ** 2 for time in times)
    if not spread:
        return 0.0
    slope = sum((time - middle) * (value - mean) for time, value in zip(times, values, strict=True)) / spread
    return slope * (times[-1] - times[0])


def judge(samples: Sequence[Sample]) -> list[Flat]:
    """Each curve of the longest session, without its beginning; nothing when that is too short."""
    sessions: dict[int, list[Sample]] = {}
    for sample in samples:
        sessions.setdefault(sample.session, []).append(sample)
    longest = max(sessions.values(), key=len, default=[])
    judged = longest[int(len(longest) * WARM) :]
    if len(judged) < LEAST:
        return []
    curves: dict[str, tuple[Bound, list[float]]] = {
        f"memory of {name}": (BOUNDS["memory"], [float(each.memory.get(name, 0)) for each in judged])
        for name in sorted(judged[0].memory)
    }
    curves["database connections"] = (BOUNDS["connections"], [float(each.connections) for each in judged])
    curves["p50"] = (BOUNDS["p50"], [each.p50 for each in judged])
    curves["p99"] = (BOUNDS["p99"], [each.p99 for each in judged])
    times = [each.seconds for each in judged]
    return [_flat(name, bound, times, values) for name, (bound, values) in curves.items()]


def _flat(name: str, bound: Bound, times: Sequence[float], values: Sequence[float]) -> Flat:
    mean = sum(values) / len(values)
    return Flat(name, mean, rise(times, values), bound.allows(mean))
