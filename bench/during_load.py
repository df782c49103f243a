"""Lookups while a full load of the same dump runs beside: what a reader notices of it."""

from bench import wrk
from bench.catalogue import Catalogue, loaded, start_loader
from bench.result import Result, command_of, figure, skipped
from bench.service import base_of, service
from bench.workspace import BenchFailed, dump_files, scratch

TITLE = "Lookups during a load"
CONNECTIONS, PAUSE = 4, 10  # milliseconds: about 350 lookups a second, far from the limit
SECONDS, QUICK_SECONDS = 20.0, 0.1
GOAL = 3.0
NAME = "p99 during a load"


def run(size: int, quick: bool) -> Result:
    """A quiet stretch, a load, a quiet stretch; the load swaps under the lookups, too."""
    result = Result(
        bench="during_load", title=TITLE, size=size, quick=quick, command=command_of("during_load", size, quick)
    )
    if missing := wrk.missing():
        result.figures = [skipped(NAME, "ms", missing, f"≤ {GOAL:.0f} × without")]
        return result
    with loaded(size) as catalogue, scratch() as folder, service(catalogue.data_dir, folder) as port:
        catalogue.warm()
        seconds = QUICK_SECONDS if quick else SECONDS
        _ask(port, size, min(seconds, 1.0))
        before = _ask(port, size, seconds)
        during = _ask_during_load(catalogue, port)
        catalogue.forget_previous()
        catalogue.warm()
        after = _ask(port, size, seconds)
    quiet = [before, after]
    usual = min(load.p99 for load in quiet)  # the better one: after a load its pages are still being written
    result.figures = [
        figure("p99 without a load (before and after)", [load.p99 for load in quiet], "ms"),
        figure(
            NAME,
            [during.p99],
            "ms",
            ratio=during.p99 / usual,
            ratio_to="without",
            goal=f"≤ {GOAL:.0f} × without",
            met=during.p99 <= GOAL * usual,
        ),
        figure("median without a load", [load.p50 for load in quiet], "ms"),
        figure(
            "median during a load",
            [during.p50],
            "ms",
            ratio=during.p50 / min(load.p50 for load in quiet),
            ratio_to="without",
        ),
        figure("slowest during a load", [during.most], "ms", note=f"of {during.requests:,} in {during.seconds:.0f} s"),
        figure("lookups without a load", [load.rate for load in quiet], "lookups/s"),
        figure("lookups during a load", [during.rate], "lookups/s"),
    ]
    result.notes = [
        f"wrk with {CONNECTIONS} connections that pause {PAUSE} ms after each answer (a modest, nearly fixed rate), "
        "one worker process; the load of all five files uses the processors as it likes, and ends with the swap. "
        "An answer other than 200 at any moment fails the bench."
    ]
    return result


def _ask(port: int, size: int, seconds: float) -> wrk.Load:
    return wrk.run(base_of(port), size, connections=CONNECTIONS, threads=1, seconds=seconds, pause=PAUSE)


def _ask_during_load(catalogue: Catalogue, port: int) -> wrk.Load:
    with start_loader(catalogue.url, dump_files(catalogue.size)) as loader:
        load = wrk.run(
            base_of(port), catalogue.size, connections=CONNECTIONS, threads=1, seconds=0, pause=PAUSE, during=loader
        )
        loader.communicate()
    if loader.returncode != 0:
        raise BenchFailed(f"the load ended with exit code {loader.returncode}; its message is above")
    return load
