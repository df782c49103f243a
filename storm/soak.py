"""`python -m storm.soak`: half an hour at 80 % of what the service can do, while providers fail: is everything flat?

What was begun in the folder goes on; what is over begins anew.
"""

import argparse
import asyncio
import itertools
import random
import shutil
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec
from rich.console import Console

from alexandria.cli.address import free_port
from alexandria.cli.progress import Bar
from alexandria.errors import AlexandriaError
from alexandria.simulator import Simulator
from bench.workspace import dump_files, workspace
from storm import report
from storm.pace import Taken, take
from storm.place import HOST, Place, StormFailed
from storm.run import SERVING, SETTINGS, isbns_from
from storm.soaked import INTERVAL, SHARE, State, picture, soak_outcome
from storm.trend import Sample
from storm.usage import memory_of_group, memory_of_server

PICTURE: Final = report.PAGE.parent / "pictures" / "soak.svg"
STATE: Final = "soak.json"
CONNECTIONS: Final = 32
WARM, MEASURED = 30.0, 60.0  # seconds for which the capacity is looked for, and those that tell it
MISSES: Final = 5.0  # a second that providers are asked about
FIRST: Final = 20_000_000  # of these ISBNs
EDITIONS: Final = 50_000
HITS: Final = "select isbn from mirror.edition_isbns where completeness >= 0 order by hashint8(isbn) limit 10000"
OPEN: Final = "select count(*) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()"
FAULTS: Final = [
    {"fault": "status", "status": 503, "probability": 0.05, "seed": 1},
    {"fault": "status", "status": 429, "probability": 0.02, "seed": 2},
    {"fault": "reset", "at": 20, "probability": 0.02, "seed": 3},
    {"fault": "truncated", "probability": 0.02, "seed": 4},
    {"fault": "delay", "seconds": 2, "probability": 0.02, "seed": 5},
    {"fault": "html", "probability": 0.01, "seed": 6},
]
ALL: Final = ("isbndb", "google_books", "open_library", "wikimedia", "open_library_covers", "internet_archive")


class Soak:
    """One session of a soak."""

    def __init__(self, folder: Path, state: State, place: Place) -> None:
        self._path, self.state, self.place = folder / STATE, state, place
        state.sessions += 1
        self._hits: list[int] = []
        self._misses = itertools.islice(
            isbns_from(FIRST, int(state.minutes * 60 * MISSES) * 2 + 1_000), state.asked, None
        )
        self._miss_due = time.monotonic()
        self._random = random.Random(state.sessions)

    def run(self) -> None:
        """Nothing; the state has all samples."""
        self._hits = [isbn for (isbn,) in self.place.rows(HITS)]
        with Bar("starting") as bar:
            self.place.start()
            if not self.state.capacity:
                bar.show("measuring the capacity", 0, 0, "")
                self._take(WARM, None)  # until workers are at what was asked for meanwhile: they take their share
                self.state.capacity = self._take(MEASURED, None).rate
            begun = time.monotonic()
            while (done := len(self.state.samples) * INTERVAL) < self.state.minutes * 60:
                taken = self._take(INTERVAL, SHARE * self.state.capacity)
                self.state.samples.append(self._sample(taken, time.monotonic() - begun))
                self._path.write_bytes(msgspec.json.encode(self.state))
                said = (
                    f"{taken.rate:,.0f} requests/s, p50 {taken.quantile(0.5):.1f} ms, p99 {taken.quantile(0.99):.1f} ms"
                )
                bar.show("soaking", int(done + INTERVAL), int(self.state.minutes * 60), said)

    def _take(self, seconds: float, rate: float | None) -> Taken:
        return asyncio.run(take(self.place.ports, self._path_of_next, seconds, rate=rate, connections=CONNECTIONS))

    def _path_of_next(self) -> str:
        """The next lookup: now and then of a book that only providers know."""
        now = time.monotonic()
        if now >= self._miss_due:
            self._miss_due = now + 1 / MISSES
            if missed := next(self._misses, None):
                self.state.asked += 1
                return f"/api/isbn?isbn={missed}"
        return f"/api/isbn?isbn={self._random.choice(self._hits)}"

    def _sample(self, taken: Taken, seconds: float) -> Sample:
        memory: dict[str, int] = {}
        for name, runner in self.place.runners.items():
            kind = name.partition("-")[0]
            memory[kind] = memory.get(kind, 0) + memory_of_group(runner.pid)
        memory["postgresql"], cache = memory_of_server(self.place.postmaster())
        return Sample(
            session=self.state.sessions,
            seconds=seconds,
            memory=memory,
            cache=cache,
            connections=self.place.rows(OPEN)[0][0],
            requests=len(taken.milliseconds),
            failures=sum(count for status, count in taken.statuses.items() if status not in ("200", "404")),
            p50=taken.quantile(0.5),
            p95=taken.quantile(0.95),
            p99=taken.quantile(0.99),
            most=max(taken.milliseconds, default=0.0),
        )


def run_soak(folder: Path, minutes: float, editions: int) -> State:
    """What was measured, when the soak of this folder is over; one that was interrupted goes on. Raises StormFailed."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o755)
    path = folder / STATE
    state = msgspec.json.decode(path.read_bytes(), type=State) if path.exists() else State(minutes, editions)
    with Simulator(limited=False) as simulator:
        simulator.faults(**dict.fromkeys(ALL, FAULTS))
        environ = {**{f"ALEXANDRIA_{name}": value for name, value in SETTINGS.items()}, **simulator.environ}
        with Place(folder, [free_port(HOST)], environ, workers=2) as place:
            if not place.rows(SERVING):
                done = place.command("mirror", "load", *dump_files(state.editions))
                if done.returncode:
                    raise StormFailed(f"the dump cannot be loaded: {done.stderr.strip()[-300:]}")
            Soak(folder, state, place).run()
    return state


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 1 when something grew."""
    parser = argparse.ArgumentParser(prog="python -m storm.soak", description="Load for a long time: what grows?")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--editions", type=int, default=EDITIONS, help=f"of the mirror (default {EDITIONS:,})")
    parser.add_argument("--folder", type=Path, help="for the database and the state, else ALEXANDRIA_BENCH_DIR/soak")
    parser.add_argument("--results", type=Path, default=report.RESULTS, help="the folder of the JSON file")
    parser.add_argument("--fresh", action="store_true", help="begin anew, although one was interrupted")
    parser.add_argument("--page", action="store_true", help="write the picture, and docs/reliability.md")
    options, console = parser.parse_args(arguments), Console(stderr=True)
    folder: Path = options.folder or workspace() / "soak"
    if options.fresh:
        shutil.rmtree(folder, ignore_errors=True)
    state = run_soak(folder, options.minutes, options.editions)
    outcome = report.dated(soak_outcome(state))
    report.show(outcome, Console())
    console.print(f"wrote {report.write_outcome(outcome, options.results)}", markup=False)
    (options.results / "soak.svg").write_text(picture(state), encoding="utf-8")
    if options.page:
        PICTURE.parent.mkdir(exist_ok=True)
        PICTURE.write_text(picture(state), encoding="utf-8")
        report.write_page(folder=options.results)
    with suppress(OSError):
        shutil.rmtree(folder)
    return int(bool(outcome.broken))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except AlexandriaError as error:
        Console(stderr=True).print(str(error), markup=False)
        sys.exit(1)
    except KeyboardInterrupt:
        Console(stderr=True).print("interrupted; the same command goes on with this soak")
        sys.exit(130)
