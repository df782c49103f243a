"""One ISBN at a time: the service under wrk against pgbench running the same two statements on the same data."""

import statistics
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from bench import pgbench, wrk
from bench.catalogue import Catalogue, loaded
from bench.result import Figure, Result, command_of, figure, percentile, skipped
from bench.service import base_of, service
from bench.workspace import scratch

TITLE = "Lookups by ISBN"
ROUNDS, SECONDS = 3, 10.0
QUICK_SECONDS = 0.1
CLIENTS, CONNECTIONS, THREADS = 8, 32, 2
WORKERS = (1, 2)
ENOUGH = 1_000_000  # editions from which on the goals are judged
RATIO_GOAL, P99_GOAL = 0.5, 10.0
FACTOR_GOAL, EXTRA_GOAL = 2.0, 0.5


class Round(NamedTuple):
    """One round: pgbench, then the service with each number of workers; then one client each."""

    many: pgbench.Transactions
    service: dict[int, wrk.Load]
    one: pgbench.Transactions
    service_one: wrk.Load | None


def run(size: int, quick: bool) -> Result:
    """Rounds of pgbench and the service in turn, all on a warm database."""
    seconds = QUICK_SECONDS if quick else SECONDS
    with loaded(size) as catalogue, scratch() as folder, ExitStack() as stack:
        catalogue.warm()
        workers = () if wrk.missing() else WORKERS
        ports = {count: stack.enter_context(service(catalogue.data_dir, folder, count)) for count in workers}
        _round(catalogue, folder, ports, min(seconds, 1.0))  # connections, prepared statements, caches
        rounds = [_round(catalogue, folder, ports, seconds) for _ in range(1 if quick else ROUNDS)]
    return Result(
        bench="lookup",
        title=TITLE,
        size=size,
        quick=quick,
        command=command_of("lookup", size, quick),
        figures=[*_many_figures(rounds, size), *_one_figures(rounds, size)],
        notes=[
            f"{ROUNDS if not quick else 1} rounds of {seconds:.0f} s each in turn: pgbench -M prepared with {CLIENTS} "
            f"clients and {THREADS} threads, wrk with {CONNECTIONS} connections and {THREADS} threads against the "
            "service with one and with two worker processes, then one client of each. All on the same processors.",
            "Both draw uniformly from the same known ISBNs (editions with both forms, 82 %) by the same formula, so "
            "nobody pays for looking up what to ask. pgbench's script has one-element arrays for the parameters (which "
            "tells the planner their length) and is otherwise the program's SQL; its variables take the first "
            "statement's result (\\gset). pgbench sets no statement_timeout, the service does. An answer other than "
            "200, or an ISBN that pgbench does not find, fails the bench.",
            "wrk asks again as soon as it is answered: its percentiles are those of a service at its limit.",
        ],
    )


def _round(catalogue: Catalogue, folder: Path, ports: dict[int, int], seconds: float) -> Round:
    size, url = catalogue.size, catalogue.url
    many = pgbench.run(url, size, folder, clients=CLIENTS, threads=THREADS, seconds=seconds, log=False)
    loads = {
        workers: wrk.run(base_of(port), size, connections=CONNECTIONS, threads=THREADS, seconds=seconds)
        for workers, port in ports.items()
    }
    one = pgbench.run(url, size, folder, clients=1, threads=1, seconds=seconds, log=True)
    alone = wrk.run(base_of(ports[1]), size, connections=1, threads=1, seconds=seconds) if ports else None
    return Round(many, loads, one, alone)


def _many_figures(rounds: list[Round], size: int) -> list[Figure]:
    found = [
        figure(f"pgbench, {CLIENTS} clients", [each.many.rate for each in rounds], "lookups/s"),
        figure(f"pgbench, {CLIENTS} clients, mean latency", [each.many.mean for each in rounds], "ms"),
    ]
    for workers in WORKERS:
        name = f"service, {workers} worker{'s' if workers > 1 else ''}"
        if missing := wrk.missing():
            found.append(skipped(name, "lookups/s", missing, f"≥ {RATIO_GOAL} × pgbench"))
            continue
        loads = [each.service[workers] for each in rounds]
        ratios = [each.service[workers].rate / each.many.rate for each in rounds]
        ratio, p99 = statistics.median(ratios), statistics.median(load.p99 for load in loads)
        found += [
            figure(
                name,
                [load.rate for load in loads],
                "lookups/s",
                ratio=ratio,
                ratio_to="pgbench",
                goal=f"≥ {RATIO_GOAL} × pgbench",
                met=ratio >= RATIO_GOAL if size >= ENOUGH else None,
                note="by round: " + ", ".join(f"{each:.2f}" for each in ratios),
            ),
            figure(f"{name}, median latency", [load.p50 for load in loads], "ms"),
            figure(
                f"{name}, p99",
                [load.p99 for load in loads],
                "ms",
                goal=f"≤ {P99_GOAL:.0f}",
                met=p99 <= P99_GOAL if size >= ENOUGH else None,
            ),
        ]
    return found


def _one_figures(rounds: list[Round], size: int) -> list[Figure]:
    medians = [percentile(each.one.latencies, 0.5) for each in rounds]
    found = [
        figure("pgbench, one client, median latency", medians, "ms"),
        figure("pgbench, one client, p99", [percentile(each.one.latencies, 0.99) for each in rounds], "ms"),
    ]
    goal, name = f"≤ {FACTOR_GOAL:.0f} × pgbench + {EXTRA_GOAL} ms", "service, one connection, median latency"
    pairs = [(each.service_one, median) for each, median in zip(rounds, medians, strict=True) if each.service_one]
    if not pairs:
        return [*found, skipped(name, "ms", wrk.missing(), goal)]
    over = [load.p50 - FACTOR_GOAL * median - EXTRA_GOAL for load, median in pairs]
    return [
        *found,
        figure(
            name,
            [load.p50 for load, _ in pairs],
            "ms",
            ratio=statistics.median(load.p50 / median for load, median in pairs),
            ratio_to="pgbench",
            goal=goal,
            met=statistics.median(over) <= 0 if size >= ENOUGH else None,
        ),
        figure("service, one connection, p99", [load.p99 for load, _ in pairs], "ms"),
    ]
