"""How many permits a second the ledger gives for one bucket, when four processes want nothing else."""

import asyncio
import subprocess
import sys
import time

import msgspec

from alexandria.db import Database, connect
from alexandria.net.gate import Call, Outcome
from alexandria.quota.ledger import Ledger
from alexandria.quota.policy import Policy
from bench.catalogue import empty_database
from bench.result import Figure, Result, command_of, figure
from bench.workspace import BenchFailed

TITLE = "Permits for one bucket"
PROCESSES, QUICK_PROCESSES, CALLERS = 4, 2, (1, 16)
ROUNDS, SECONDS = 3, 5.0
QUICK_SECONDS = 0.2
GOAL = 2_000
BUCKET = "bench"
POLICY = Policy(BUCKET, 1e6, 10**12)  # neither pace nor day is in the way


class Task(msgspec.Struct):
    """What a process does: so many callers, for so long, settling each permit or not."""

    url: str
    callers: int
    settle: bool
    seconds: float


def run(size: int, quick: bool) -> Result:
    """Rounds of processes with one and with sixteen callers each; with a fresh database, settings as shipped."""
    processes = QUICK_PROCESSES if quick else PROCESSES
    seconds, rounds = (QUICK_SECONDS, 1) if quick else (SECONDS, ROUNDS)
    with empty_database() as url:
        if not quick:
            _measure(url, processes, CALLERS[-1], True, 1.0)  # the window's row, caches
        figures = [
            _figure(url, processes, callers, settle, rounds, seconds)
            for callers in reversed(CALLERS)
            for settle in (False, True)
        ]
        _check(url)
    return Result(
        bench="permits",
        title=TITLE,
        size=size,
        quick=quick,
        command=command_of("permits", size, quick),
        figures=figures,
        notes=[
            f"{processes} processes, {rounds} rounds of {seconds:.0f} s, one bucket with a daily limit, no pace in the "
            "way. Every permit is one row of quota.calls and committed before it is handed out (synchronous_commit and "
            "fsync are on). Callers of one process who want the same share a statement; with one caller each there is "
            "nothing to share, and the bucket's row goes from process to process once per permit.",
            "The number of editions plays no part.",
        ],
    )


def _figure(url: str, processes: int, callers: int, settle: bool, rounds: int, seconds: float) -> Figure:
    name = f"{callers} caller{'s' if callers > 1 else ''} a process{', each permit settled' if settle else ''}"
    rates = [_measure(url, processes, callers, settle, seconds) for _ in range(rounds)]
    judged = callers == CALLERS[-1] and not settle
    made = figure(name, rates, "permits/s", goal=f"≥ {GOAL:,}" if judged else "")
    if judged and made.value is not None:
        made.met = made.value >= GOAL
    return made


def _measure(url: str, processes: int, callers: int, settle: bool, seconds: float) -> float:
    """Permits a second of all processes together."""
    task = Task(url, callers, settle, seconds)
    command = [sys.executable, "-m", "bench.permits", msgspec.json.encode(task).decode()]
    pipe = subprocess.PIPE
    running = [subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) for _ in range(processes)]
    ready = [each.stdout.readline() if each.stdout else "" for each in running]
    for each in running:  # all of them are ready: now they begin
        if each.stdin:
            each.stdin.write("go\n")
            each.stdin.flush()
    said = [each.communicate()[0] for each in running]
    if any(each.returncode for each in running) or set(ready) != {"ready\n"}:
        raise BenchFailed("a process that asks for permits failed; its error stands above")
    return sum(float(line) for line in said)


def _check(url: str) -> None:
    """Nothing; raises BenchFailed unless every permit has its row, its unit and a slot of its own."""
    with connect(url) as connection:
        rows = connection.execute(
            "SELECT count(*), count(DISTINCT at), sum(units - refunded)::bigint, "
            "(SELECT enrichment FROM quota.windows) FROM quota.calls"
        ).fetchone()
    if rows is None or len(set(rows[:2])) != 1 or rows[2] != rows[3]:
        raise BenchFailed(f"rows, slots, units of the calls and of the window should agree: {rows}")


async def _work(task: Task) -> float:
    """Permits a second that this process got."""
    database = Database(task.url)
    await database.open()
    ledger, got = Ledger(database, {BUCKET: POLICY}), 0
    call = Call(BUCKET, "enrichment", "book")
    await database.ping()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    begun = time.perf_counter()

    async def ask() -> None:
        nonlocal got
        while time.perf_counter() < begun + task.seconds:
            permit = await ledger.permit(call, 10)
            got += 1
            if task.settle:
                await ledger.settle(permit, Outcome(sent=True, status=200))

    await asyncio.gather(*(ask() for _ in range(task.callers)))
    rate = got / (time.perf_counter() - begun)
    await ledger.close()
    await database.close()
    return rate


if __name__ == "__main__":
    sys.stdout.write(f"{asyncio.run(_work(msgspec.json.decode(sys.argv[1], type=Task)))}\n")
