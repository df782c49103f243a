"""Where the line is between well and wrong, rule by rule; no database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alexandria.ops.facts import DiskFacts, Facts, ServiceFacts
from alexandria.ops.freshness import Freshness
from alexandria.ops.rules import RULES, find_conditions
from alexandria.queue.status import KindCounts
from alexandria.quota.status import BreakerStatus, BucketStatus

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
WELL = Facts(
    now=NOW, freshness=Freshness(1e7, 3_600.0, 0, 5), is_following=False, refused=None, kinds=[], dead={}, buckets=[],
    requests=1_000, errors=3, services=[ServiceFacts("worker", 1, NOW)], disks=[], open=frozenset(),
)  # fmt: skip
GIB = 1 << 30


def bucket(used: int = 0, hours: float = 12, state: str = "closed", reason: str | None = None, **more: Any) -> Facts:
    breaker = BreakerStatus(state, 5, reason, None)
    resets_at = NOW + timedelta(hours=hours)
    given = {"limit": 120, "buffer": 20, "provider_limit": None} | more
    is_open = given.pop("open", frozenset())
    found = BucketStatus("b", 1.0, used=used, remaining=0, lanes={}, resets_at=resets_at, blocked_until=None,
                         refusals=[], breaker=breaker, **given)  # fmt: skip
    return replace(WELL, buckets=[found], open=is_open)


def kind(since: float, ended: int = 0, pending: int = 3) -> Facts:
    due = NOW - timedelta(minutes=since)
    return replace(WELL, kinds=[KindCounts("k", pending, 0, due, None, ended, 0, 0)])


def disk(free: float, total: float) -> Facts:
    return replace(WELL, disks=[DiskFacts("box", "data", int(free * GIB), int(total * GIB))])


def lag(hours: float, **more: Any) -> Facts:
    return replace(WELL, freshness=Freshness(1.0, hours * 3_600, 0, 0), **more)


OPEN_85 = frozenset({("quota-85", "b")})


@pytest.mark.parametrize(
    ("facts", "raised"),
    [
        (WELL, []),
        (bucket(69), []),
        (bucket(70), ["quota-70"]),
        (bucket(84), ["quota-70"]),
        (bucket(85), ["quota-85"]),
        (bucket(99), ["quota-85"]),
        (bucket(100), ["quota-100"]),
        (bucket(130), ["quota-100"]),
        (bucket(100, limit=None, buffer=0), []),
        (bucket(45, provider_limit=50), ["quota-85"]),
        (bucket(100, hours=0.9), []),  # it is meant to be used up by then
        (bucket(100, hours=0.9, open=OPEN_85), ["quota-85"]),
        (bucket(state="open", reason="503 unavailable"), ["breaker-open"]),
        (bucket(state="half-open", reason="503"), ["breaker-open"]),
        (bucket(state="open", reason="403"), ["key-refused"]),
        (bucket(state="open", reason="400 unauthorized"), ["key-refused"]),
        (bucket(state="closed", reason="403"), []),
        (kind(9), []),
        (kind(11), ["no-progress"]),
        (kind(11, ended=1), []),
        (kind(11, pending=0), []),
        (kind(6 * 60 + 1, ended=1), ["oldest-job"]),
        (kind(6 * 60 + 1), ["oldest-job", "no-progress"]),
        (lag(23.9), []),
        (lag(24.1), ["sync-lag"]),
        (lag(24.1, is_following=True), []),  # the day's run is under way
        (lag(30.1, is_following=True), ["sync-lag"]),
        (replace(WELL, freshness=Freshness(None, None, 0, 0)), []),
        (replace(WELL, freshness=Freshness(1.0, 1.0, 2, 0)), ["gap-found"]),
        (replace(WELL, refused="too small"), ["dump-refused"]),
        (disk(0.9, 10), ["disk-space"]),
        (disk(1.1, 10), []),
        (disk(4.9, 100), ["disk-space"]),
        (disk(5.1, 100), []),
        (disk(19, 4_000), ["disk-space"]),
        (disk(21, 4_000), []),
        (replace(WELL, requests=10, errors=9), []),
        (replace(WELL, requests=200, errors=10), []),
        (replace(WELL, requests=199, errors=10), ["error-rate"]),
        (replace(WELL, services=[ServiceFacts("worker", 0, NOW)]), ["process-silent"]),
        (replace(WELL, dead={"a": 1_001}), ["dead-letters"]),
    ],
)
def test_the_line(facts: Facts, raised: list[str]) -> None:
    found = find_conditions(facts)
    assert sorted(each.rule.name for each in found) == sorted(raised)
    assert all(each.summary and each.subject for each in found)


def test_names_are_told_once() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
