"""Many processes, killed and started again, ask the simulated ISBNdb as fast as they can: never over a limit."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from alexandria.simulator.launch import Simulator
from tests.conftest import RunSQL
from tests.waiting import until

pytestmark = pytest.mark.slow
PREMIUM = {"plan": "premium"}
PROCESSES = 5  # sixteen in `make bench-long`
LEAD = 12.0  # seconds until all of them have started


class Askers:
    """Processes that ask; the oldest is killed when another is wanted."""

    def __init__(self, url: str, simulator: Simulator, batch: int) -> None:
        self._command = [sys.executable, "-m", "bench.asker", url, str(batch)]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ALEXANDRIA_")}
        own = {"CONTACT": "tests@example.org", "ISBNDB_PLAN": "premium", "ISBNDB_API_KEY": "one"}
        self._environ = {**kept, **{f"ALEXANDRIA_{name}": text for name, text in own.items()}, **simulator.environ}
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        self._running.append(subprocess.Popen(self._command, env=self._environ))

    def kill(self) -> None:
        victim = self._running.pop(random.randrange(len(self._running)))
        victim.kill()
        victim.wait()


@contextmanager
def asking(url: str, simulator: Simulator, processes: int, batch: int) -> Iterator[Askers]:
    askers = Askers(url, simulator, batch)
    for _ in range(processes):
        askers.start()
    try:
        yield askers
    finally:
        while askers._running:
            askers.kill()


def reached(simulator: Simulator, requests: int) -> bool:
    """Whether the simulator has seen so many requests."""
    return bool(simulator.state()["isbndb"]["requests"] >= requests)


def test_at_the_speed_of_the_wall_no_second_sees_too_many(database_url: str, run_sql: RunSQL) -> None:
    with Simulator() as simulator:
        simulator.limits(isbndb=PREMIUM)
        with asking(database_url, simulator, PROCESSES, 1) as askers:
            until(lambda: simulator.state()["isbndb"]["requests"] >= 3)
            for goal in (8, 13, 18, 23):
                askers.kill()
                askers.start()
                until(partial(reached, simulator, goal))
        seen = simulator.state()["isbndb"]["requests"]
        assert simulator.violations() == {}
    assert run_sql(database_url, "select count(*) from quota.calls")[0][0] >= seen


@pytest.mark.parametrize("speed", [3_600])
def test_a_day_is_used_up_and_no_more(database_url: str, run_sql: RunSQL, speed: int) -> None:
    now = datetime.now(UTC)
    midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    started = time.time() + LEAD  # of the wall, when the day begins
    epoch = (started * speed - midnight.timestamp()) / (speed - 1)
    moment = f"to_timestamp({epoch!r})"
    run_sql(database_url, f"insert into quota.clock (speed, theirs, ours) values ({speed}, {moment}, {moment})")
    with Simulator(speed=speed, epoch=epoch) as simulator:
        simulator.limits(isbndb=PREMIUM)
        with asking(database_url, simulator, PROCESSES, 100) as askers:
            asked = 0
            while time.time() < started + 86_400 / speed + 1:  # the day, and the beginning of the next
                time.sleep(0.2)
                if simulator.state()["isbndb"]["requests"] > asked + 30:  # the new one is at work, too
                    asked = simulator.state()["isbndb"]["requests"]
                    askers.kill()
                    askers.start()
        assert simulator.violations() == {}
    day = f"at >= '{midnight.isoformat()}' and at < '{(midnight + timedelta(days=1)).isoformat()}'"
    [(units,)] = run_sql(database_url, f"select sum(units - refunded) from quota.calls where {day}")
    assert 0.98 * 13_000 <= units <= 13_000
