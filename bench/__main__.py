"""`python -m bench [NAME…]`: runs benches one after the other, keeps what they say, shows it."""

import argparse
import importlib
import os
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from alexandria.db import EmbeddedServer, connect
from alexandria.errors import AlexandriaError
from bench import machine
from bench.ratios import picture
from bench.report import show, write_page
from bench.result import Result, command_of, read_results, write_result
from bench.workspace import VARIABLE, data_dir, held

NAMES = (
    "load",
    "lookup",
    "batch",
    "write",
    "covers",
    "during_load",
    "cold",
    "client",
    "sync",
    "generator",
    "permits",
    "queue",
    "dashboard",
    "pipeline",
    "search",
)  # `load` first: the others use what it loads
LONG = ("month", "harvest", "scale")  # those that are run only when they are named, as by `make bench-long`
FULL, QUICK = 1_000_000, 50_000
WIDTH = 150  # of the tables in a log
RESULTS = machine.ROOT / "bench" / "results"
PAGE = machine.ROOT / "docs" / "benchmarks.md"
PICTURE = PAGE.parent / "pictures" / "ratios.svg"


def measure(name: str, size: int, quick: bool) -> Result:
    """What a bench says, or that it failed and why; with where and when."""
    result = Result(bench=name, title=name, size=size, quick=quick, command=command_of(name, size, quick))
    load_average, busy = os.getloadavg(), machine.busy_share(0.2 if quick else 2.0)
    begun = time.perf_counter()
    try:
        result = importlib.import_module(f"bench.{name}").run(size, quick)
    except Exception as error:  # one bench that fails must not hide the others
        result.failed = f"{type(error).__name__}: {error}"
    if quick:
        for figure in result.figures:
            figure.met = None  # it shows that the bench works, no more
    result.seconds = time.perf_counter() - begun
    result.date = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    result.machine, result.versions = machine.machine(), machine.versions()
    result.load_average, result.busy = load_average, busy
    if busy > machine.BUSY:
        result.notes.append(f"Noisy: others used {busy:.0%} of the processors just before; read with care.")
    return result


def note_server(results: Sequence[Result]) -> None:
    """Nothing; each result gets the settings and the version of the server of its size."""
    for size in {result.size for result in results if result.bench != "generator"}:
        with suppress(AlexandriaError), EmbeddedServer(data_dir(size)) as server, connect(server.url) as connection:
            version = connection.info.parameter_status("server_version") or "?"
            settings = machine.settings_of(connection)
            for result in results:
                if result.size == size and result.bench != "generator":
                    result.settings, result.versions["postgresql"] = settings, version.split()[0]


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure Alexandria. Without names: all.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}")
    parser.add_argument("--editions", type=int, help=f"how many (default {FULL:,}, quick {QUICK:,})")
    parser.add_argument("--quick", action="store_true", help="each once and briefly, to see that it works")
    parser.add_argument("--results", type=Path, default=RESULTS, help="the folder of the JSON files")
    parser.add_argument("--folder", type=Path, help=f"for dumps and databases, instead of ${VARIABLE}")
    parser.add_argument(
        "--page", action="store_true", help="write the results (not quick ones) into docs/benchmarks.md"
    )
    parser.add_argument("--only-page", action="store_true", help="run nothing, write the page from what is there")
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - {*NAMES, *LONG}:
        parser.error(f"no such bench: {', '.join(sorted(unknown))}; there are {', '.join((*NAMES, *LONG))}")
    options.editions = options.editions or (QUICK if options.quick else FULL)
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 1 when a bench failed. A goal that was not met is a result, no failure."""
    options, console = parse(arguments), Console(stderr=True)
    results: list[Result] = []
    if options.folder:
        os.environ[VARIABLE] = str(options.folder)
    if not options.only_page:
        results = run_all(options.names or NAMES, options, console)
    show(results, Console(width=None if sys.stdout.isatty() else WIDTH))
    if options.only_page or (options.page and not options.quick):
        found = read_results(options.results)
        write_page(PAGE, found)
        PICTURE.write_text(picture(found), encoding="utf-8")
        console.print(f"wrote {PAGE} and {PICTURE}", markup=False)
    return int(any(result.failed for result in results))


def run_all(names: Sequence[str], options: argparse.Namespace, console: Console) -> list[Result]:
    """The results of the benches, each kept as JSON (a failed one is not)."""
    results: list[Result] = []
    with held():
        for name in names:
            console.print(f"bench {name}, {options.editions:,} editions …", markup=False)
            results.append(measure(name, options.editions, options.quick))
            note_server(results[-1:])
            if not results[-1].failed:
                path = write_result(options.results, results[-1])
                console.print(f"  {results[-1].seconds:.0f} s, {path}", markup=False)
    return results


if __name__ == "__main__":
    try:
        sys.exit(main())
    except AlexandriaError as error:
        Console(stderr=True).print(str(error), markup=False)
        sys.exit(1)
