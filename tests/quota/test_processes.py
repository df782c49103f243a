"""Several processes, killed and started again: no second and no day sees more than it may, and days are used up."""

import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from alexandria.net.gate import Lane
from alexandria.quota.policy import Policy
from tests.conftest import RunSQL
from tests.quota.conftest import NOON, SetClock
from tests.waiting import until

Caller = tuple[Lane, int]


class Use(NamedTuple):
    """A permit that was used: when, its slot, its lane, its units, and by which process."""

    time: float
    slot: float
    lane: str
    units: int
    process: int


class Crew:
    """Processes that ask for permits of one bucket."""

    def __init__(self, url: str, out: Path) -> None:
        self._url, self._out = url, out
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self, policy: Policy, callers: list[Caller]) -> None:
        task = {"url": self._url, "out": str(self._out), "policy": asdict(policy), "callers": callers}
        command = [sys.executable, "-m", "tests.quota.worker", msgspec.json.encode(task).decode()]
        self._running.append(subprocess.Popen(command))

    def kill(self) -> None:
        """Nothing; the oldest of them is dead, without a word."""
        victim = self._running.pop(0)
        victim.kill()
        victim.wait()

    def end(self) -> None:
        while self._running:
            self.kill()

    def used(self) -> list[Use]:
        lines = self._out.read_text().splitlines() if self._out.exists() else []
        parts = [line.split() for line in lines]
        return sorted(Use(float(part[0]), float(part[1]), part[2], int(part[3]), int(part[4])) for part in parts)

    def all_work(self) -> bool:
        """Whether each of them has used a permit."""
        return {each.pid for each in self._running} <= {use.process for use in self.used()}


@pytest.fixture
def crew(database_url: str, tmp_path: Path) -> Iterator[Crew]:
    made = Crew(database_url, tmp_path / "used")
    yield made
    made.end()


def test_no_second_sees_more_than_the_rate(crew: Crew, database_url: str, run_sql: RunSQL, set_clock: SetClock) -> None:
    set_clock()  # no reset is near
    policy = Policy("b", 60.0)
    for _ in range(3):
        crew.start(policy, [("enrichment", 1), ("harvest", 1), ("interactive", 1), ("harvest", 1)])
    until(lambda: len(crew.used()) > 20)
    crew.kill()
    crew.start(policy, [("covers", 1)] * 4)
    until(lambda: len(crew.used()) > 150)
    crew.end()
    used = crew.used()
    for number, use in enumerate(used):
        within = [other for other in used[number : number + 200] if other.time < use.time + 1]
        assert len(within) <= 60
    slots = [row[0] for row in run_sql(database_url, "SELECT at FROM quota.calls ORDER BY at")]
    pace = timedelta(seconds=policy.pace - 1e-6)
    assert all(later - sooner >= pace for sooner, later in zip(slots, slots[1:], strict=False))
    assert len(slots) > 54 * (used[-1].time - used[0].time) * 0.5, "and it is not slow"


@pytest.mark.slow
def test_days_are_used_up_and_never_exceeded(
    crew: Crew, database_url: str, run_sql: RunSQL, set_clock: SetClock
) -> None:
    day, speed = 4.0, 86_400 / 4.0  # real seconds
    policy = Policy("b", 400 / speed, 150, 30)
    callers: list[Caller] = [("interactive", 2), ("enrichment", 1), ("harvest", 3), ("harvest", 1), ("anonymous", 1)]
    midnight = NOON.replace(hour=0)
    set_clock(midnight - timedelta(days=99), speed)
    for _ in range(3):
        crew.start(policy, callers)
    until(crew.all_work)
    set_clock(midnight - timedelta(hours=1), speed)
    end = time.monotonic() + 2.1 * day
    kills = 0
    while time.monotonic() < end:
        time.sleep(random.uniform(0.3, 0.6))
        if crew.all_work():
            crew.kill()
            crew.start(policy, callers)
            kills += 1
    crew.end()
    origin = run_sql(database_url, "SELECT extract(epoch FROM theirs)::float8, ours FROM quota.clock")[0]

    def day_of(moment: float) -> datetime:
        ours: datetime = origin[1] + timedelta(seconds=(moment - origin[0]) * speed)
        return ours.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)

    by_time: Counter[datetime] = Counter()
    for use in crew.used():
        if use.time > origin[0]:
            by_time[day_of(use.time)] += use.units
    assert max(by_time.values()) <= 120, "as the provider counts"
    full = [midnight, midnight + timedelta(days=1)]
    counted = "SELECT sum(units - refunded), sum(units - refunded) FILTER (WHERE lane = 'anonymous') FROM quota.calls"
    for each in full:
        where = f"WHERE at >= '{each.isoformat()}' AND at < '{(each + timedelta(days=1)).isoformat()}'"
        total, strangers = run_sql(database_url, f"{counted} {where}")[0]
        assert total == 120, "as we count"
        assert strangers <= 6
        assert by_time[each] >= 120 - kills * sum(units for _, units in callers), "lost is what the dead ones held"


def test_what_a_killed_process_held_stays_counted(crew: Crew, database_url: str, run_sql: RunSQL) -> None:
    policy = Policy("b", 500.0, 100)
    crew.start(policy, [("interactive", 60)])
    until(lambda: len(crew.used()) == 1)
    crew.kill()
    crew.start(policy, [("interactive", 60), ("interactive", 7)])
    until(lambda: len(crew.used()) == 6)
    until(lambda: run_sql(database_url, "SELECT reason FROM quota.refusals") == [("day",)])
    crew.end()
    assert sum(use.units for use in crew.used()) == 95
    assert run_sql(database_url, "SELECT interactive FROM quota.windows") == [(95,)]
