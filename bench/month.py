"""A month of days under one provider's limits: many processes, killed at random, ask as fast as they may."""

import os
import random
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

from alexandria.db import Connection, connect
from alexandria.simulator.launch import Simulator
from bench.catalogue import empty_database
from bench.machine import ROOT
from bench.result import Result, command_of, figure
from bench.workspace import BenchFailed

TITLE = "A month within the limits"
DAYS, PROCESSES, SPEED = 30, 16, 3_600
QUICK_DAYS, QUICK_PROCESSES = 1, 2
ALLOWED, GOAL = 13_000, 98.0  # units of ISBNdb's premium plan, less the margin; percent of them that are to be used
LEAD, LEAD_EACH = 5.0, 2.5  # seconds until all processes have started: in any case, and for each
KILL_EVERY = 30  # requests: the one that was started last is at work, too
OWN = {"CONTACT": "bench@localhost", "ISBNDB_PLAN": "premium", "ISBNDB_API_KEY": "one"}


def run(size: int, quick: bool) -> Result:
    """Days on a clock that runs 3,600 times as fast: units used of each, violations that the simulator saw."""
    days, processes = (QUICK_DAYS, QUICK_PROCESSES) if quick else (DAYS, PROCESSES)
    with empty_database() as url, connect(url, autocommit=True) as connection:
        first = (datetime.now(UTC) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        begins = time.time() + LEAD + LEAD_EACH * processes
        epoch = (begins * SPEED - first.timestamp()) / (SPEED - 1)
        connection.execute(
            "insert into quota.clock (speed, theirs, ours) values (%s, to_timestamp(%s), to_timestamp(%s))",
            (SPEED, epoch, epoch),
        )
        with Simulator(speed=SPEED, epoch=epoch) as simulator:
            simulator.limits(isbndb={"plan": "premium"})
            kills = _ask(url, simulator, processes, begins + days * 86_400 / SPEED + 0.5)
            seen = int(simulator.state()["isbndb"]["requests"])
            violations = sum(map(len, simulator.violations().values()))
        used = _used(connection, first, days)
        noted = _count(connection, "select count(*) from quota.calls where sent is not false")
    shares = [100 * units / ALLOWED for units in used]
    return Result(
        bench="month",
        title=TITLE,
        size=size,
        quick=quick,
        command=command_of("month", size, quick),
        figures=[
            figure("violations that the simulator saw", [violations], "", goal="0", met=violations == 0),
            figure(
                f"units used of {ALLOWED:,}, the worst of {days} days",
                [min(shares)],
                "%",
                goal=f"≥ {GOAL:.0f}, never above 100",
                met=min(shares) >= GOAL and max(shares) <= 100,
                note="by day: " + ", ".join(f"{share:.0f}" for share in shares),
            ),
            figure("units used, all days", [sum(shares) / len(shares)], "%"),
            figure(
                "requests that the simulator saw, per row of quota.calls",
                [seen / noted],
                "",
                goal="≤ 1",
                met=seen <= noted,
                note=f"{seen:,} requests, {noted:,} rows; a killed process leaves rows of what it did not send",
            ),
            figure("processes killed and replaced", [kills], ""),
        ],
        notes=[
            f"{processes} processes with three lanes each ask the simulated ISBNdb for batches of 100 as fast as they "
            f"may, {days} days of {86_400 / SPEED:.0f} s; after every 30 requests one of them is killed and "
            f"another started. Pace counts against {SPEED:,} times the real rate.",
            "The number of editions plays no part.",
        ],
    )


def _ask(url: str, simulator: Simulator, processes: int, until: float) -> int:
    """How many processes were killed until that time of the wall."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ALEXANDRIA_")}
    environ = {**kept, **{f"ALEXANDRIA_{name}": text for name, text in OWN.items()}, **simulator.environ}
    command = [sys.executable, "-m", "bench.asker", url, "100"]
    kills = asked = 0
    running = [subprocess.Popen(command, env=environ, cwd=ROOT) for _ in range(processes)]
    try:
        while time.time() < until:
            time.sleep(0.2)
            seen = simulator.state()["isbndb"]["requests"]
            if seen < asked + KILL_EVERY:
                continue
            asked = seen
            victim = running.pop(random.randrange(len(running)))
            if victim.poll() is not None:
                raise BenchFailed("a process that asks has ended; its error stands above")
            victim.kill()
            victim.wait()
            kills += 1
            running.append(subprocess.Popen(command, env=environ, cwd=ROOT))
    finally:
        for each in running:
            each.kill()
            each.wait()
    return kills


def _used(connection: Connection, first: datetime, days: int) -> list[int]:
    """The units that the ledger counted on each day."""
    sql = "select coalesce(sum(units - refunded), 0)::bigint from quota.calls where at >= %s and at < %s"
    return [
        _count(connection, sql, first + timedelta(days=day), first + timedelta(days=day + 1)) for day in range(days)
    ]


def _count(connection: Connection, sql: str, *params: object) -> int:
    row = connection.execute(sql.encode(), params).fetchone()
    return int(row[0]) if row else 0
