"""More API processes behind nginx, all through one PgBouncer to one PostgreSQL: what each further process adds."""

from contextlib import ExitStack
from pathlib import Path

from bench import fleet, wrk
from bench.catalogue import Catalogue, loaded
from bench.result import Figure, Result, command_of, figure, skipped
from bench.service import base_of, service
from bench.workspace import scratch

TITLE = "Growing out: API processes behind nginx and PgBouncer"
PROCESSES = (1, 2, 4)
ROUNDS, SECONDS, QUICK_SECONDS = 3, 10.0, 2.0
CONNECTIONS, THREADS = 64, 2
POOL = 16  # connections of PgBouncer to PostgreSQL, whatever the number of processes


def run(size: int, quick: bool) -> Result:
    """Rounds of wrk against 1, 2 and 4 processes, and against one of them without anything between."""
    reason = wrk.missing() or fleet.missing()
    rates: dict[str, list[wrk.Load]] = {}
    if not reason:
        with loaded(size) as catalogue, scratch() as folder, ExitStack() as stack:
            catalogue.warm()
            bases = _start(catalogue, folder, stack)
            rounds = 1 if quick else ROUNDS
            for base in bases.values():
                _load(base, size, 1.0)  # connections and caches
            for _ in range(rounds):
                for name, base in bases.items():
                    rates.setdefault(name, []).append(_load(base, size, QUICK_SECONDS if quick else SECONDS))
    return Result(
        bench="scale",
        title=TITLE,
        size=size,
        quick=quick,
        command=command_of("scale", size, quick),
        figures=_figures(rates, reason),
        notes=[
            f"wrk with {CONNECTIONS} connections and {THREADS} threads draws uniformly from known ISBNs and asks nginx "
            "(one worker process, connections to the API kept), which shares among the API processes; each of them "
            f"asks PgBouncer in transaction mode (no prepared statements: every lookup is planned anew), which holds "
            f"{POOL} connections to the embedded PostgreSQL. The direct rows leave out nginx, then PgBouncer too.",
            "Everything, the load generator too, runs on the same processors: with more processes than processors the "
            "figures show what sharing costs, not what a further machine brings.",
        ],
    )


def _start(catalogue: Catalogue, folder: Path, stack: ExitStack) -> dict[str, str]:
    """The address of each thing to be measured, by its name."""
    folder.chmod(0o755)
    pooled = stack.enter_context(fleet.pgbouncer(folder, catalogue.url, POOL))
    settings = {
        "ALEXANDRIA_DATABASE_URL": pooled,
        "ALEXANDRIA_DATABASE_DIRECT_URL": catalogue.url,
        "ALEXANDRIA_POOLER": "transaction",
        "ALEXANDRIA_TRUSTED_PROXIES": "127.0.0.1",
    }
    ports = [stack.enter_context(service(catalogue.data_dir, folder, settings=settings)) for _ in range(max(PROCESSES))]
    alone = stack.enter_context(service(catalogue.data_dir, folder))
    bases = {"one process, direct, no PgBouncer": base_of(alone), "one process, direct": base_of(ports[0])}
    for count in PROCESSES:
        place = folder / f"nginx-{count}"
        place.mkdir(mode=0o755)
        bases[_name(count)] = stack.enter_context(fleet.nginx(place, ports[:count]))
    return bases


def _name(count: int) -> str:
    return f"{count} process{'es' if count > 1 else ''} behind nginx"


def _load(base: str, size: int, seconds: float) -> wrk.Load:
    return wrk.run(base, size, connections=CONNECTIONS, threads=THREADS, seconds=seconds)


def _figures(rates: dict[str, list[wrk.Load]], reason: str) -> list[Figure]:
    if reason:
        return [skipped(_name(count), "lookups/s", reason) for count in PROCESSES]
    first = rates[_name(PROCESSES[0])]
    found = []
    for name, loads in rates.items():
        ratio = sum(load.rate for load in loads) / sum(load.rate for load in first)
        found.append(
            figure(name, [load.rate for load in loads], "lookups/s", ratio=ratio, ratio_to=_name(PROCESSES[0]))
        )
        found.append(figure(f"{name}, p99", [load.p99 for load in loads], "ms"))
    return found
