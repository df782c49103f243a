"""A storm from beginning to end: everything runs, is used and is killed; then it is looked at what is broken."""

import itertools
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from alexandria.cli.address import check_free, free_port
from alexandria.cli.progress import Bar, Rate
from alexandria.db import OperationalError
from alexandria.errors import AddressInUse, DatabaseUnavailable
from alexandria.sample.numbers import nth_isbn
from alexandria.simulator import Simulator
from alexandria.simulator.open_library.dumps import last_month
from alexandria.simulator.world import HOSTS
from storm import checks
from storm.checks import Check
from storm.killer import MOST, Killer
from storm.people import Asker, Enqueuer, Person, Reader, Writer, read_numbers
from storm.place import HOST, Place, StormFailed, is_ready, wait_for
from storm.plan import Plan, Progress, added, read_progress, write_progress

FIRST: Final = 2_000  # of the ISBNs that only the providers know
MINE: Final = 40_000_000  # of those that a writer tells about
WRITES: Final = 200_000
WRITTEN: Final = "written"
LONG_AFTER: Final = 600.0  # seconds: jobs that sleep longer are not waited for
RATE: Final = 20  # requests a second to ISBNdb, by whose limits the storm is watched
FAST = {"RATE": "5000", "DAILY_LIMIT": "100000000"}
SETTINGS: Final = {
    "CONTACT": "storm@example.org", "ISBNDB_PLAN": "pro", "ISBNDB_API_KEY": "one", "GOOGLE_BOOKS_API_KEY": "two",
    "ISBNDB_RATE": str(RATE), "ISBNDB_DAILY_LIMIT": "100000000", "ISBNDB_BUFFER": "0", "WIKIMEDIA_RATE": "5000",
    "COVER_RATE": "5000",
    **{f"{host}_{name}": value for host in ("GOOGLE_BOOKS", "OPEN_LIBRARY", "OPEN_LIBRARY_COVERS", "INTERNET_ARCHIVE")
       for name, value in FAST.items()},
}  # fmt: skip
LEFT = "select count(*) from queue.jobs where run_at < now() + make_interval(secs => %(long)s)"
MIRRORED = "select distinct isbn from mirror.edition_isbns where completeness >= 0 order by 1"
SERVING = "select files::text from mirror_meta.loads where state = 'live'"
FOLLOWED = """
    update mirror_meta.sync_metadata set value = (now() - interval '1 hour')::text
    where key = 'ol_last_changes_sync' returning key"""
LAST_CALL = "select coalesce(max(id), 0) from quota.calls"


def isbns_from(first: int, count: int) -> list[int]:
    """So many ISBNs that no mirror has."""
    numbers = (number for index in itertools.count(first) if (number := nth_isbn(index)))
    return list(itertools.islice(dict.fromkeys(itertools.islice(numbers, 2 * count)), count))


def free_row(count: int) -> int:
    """The first of so many ports in a row on which nobody listens, below those that the system gives away itself."""
    for _ in range(100):
        first = random.randrange(12_000, 30_000)
        with suppress(AddressInUse):
            for port in range(first, first + count):
                check_free(HOST, port)
            return first
    raise StormFailed(f"there are no {count} free ports in a row")


def run_storm(folder: Path, plan: Plan) -> tuple[Progress, list[Check]]:
    """What was seen and what is broken, when the storm of this folder is over; one that was interrupted goes on.

    Raises StormFailed.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o755)
    ports = [free_port(HOST) for _ in range(plan.apis)]
    progress = read_progress(folder) or Progress(plan, free_row(len(HOSTS)), ports)
    plan = progress.plan
    with simulated(progress.first_port) as simulator:
        environ = {**{f"ALEXANDRIA_{name}": value for name, value in SETTINGS.items()}, **simulator.environ}
        with Place(folder, progress.ports, environ, workers=plan.workers, lease=plan.lease) as place:
            return Storm(folder, progress, place, simulator).run()


@contextmanager
def simulated(port: int) -> Iterator[Simulator]:
    """The providers; ISBNdb holds us to a limit, the others let us go as fast as we can."""
    with Simulator(port=port) as simulator:
        others = ("google_books", "open_library", "wikimedia", "open_library_covers", "internet_archive")
        allowed = {"plan": "pro", "rate": RATE, "daily": 100_000_000}
        simulator.limits(isbndb=allowed, **dict.fromkeys(others))
        yield simulator


class Storm:
    """One session of a storm."""

    def __init__(self, folder: Path, progress: Progress, place: Place, simulator: Simulator) -> None:
        self.folder, self.progress, self.place, self.simulator = folder, progress, place, simulator
        self.plan = progress.plan
        self.isbns = isbns_from(FIRST, self.plan.jobs)
        self.before, self._begun = progress.seconds, time.monotonic()
        self._random = random.Random(self.plan.seed + progress.sessions)
        progress.sessions += 1

    def clock(self) -> float:
        """Seconds of storm so far, in all sessions."""
        return self.before + time.monotonic() - self._begun

    def run(self) -> tuple[Progress, list[Check]]:
        """All of it."""
        with Bar("starting") as bar:
            self._load_mirror()
            [(after,)] = self.place.rows(LAST_CALL)
            self.place.start()
            if not self.progress.mirrored:
                self.progress.mirrored = self._find_mirrored()
            self._set_going()
            self._begun = time.monotonic()
            people = self._people()
            try:
                self._blow(bar, people)
            finally:
                self._note(people)
            bar.show("looking what is broken", 0, 0, "")
            return self.progress, list(self._check(after))

    # --- before ------------------------------------------------------------------------------------------------

    def _load_mirror(self) -> None:
        """Nothing; the dump before the newest one serves."""
        if self.place.rows(SERVING):
            return
        day = last_month(last_month(datetime.now(UTC).date()))
        self._do("mirror", "download", "--date", day)
        self._do("mirror", "load", *sorted((self.place.data_dir / "dumps").glob(f"*_{day}.txt.gz")))
        self.place.rows(FOLLOWED)

    def _find_mirrored(self) -> list[int]:
        """ISBNs that are found, and so must be at any moment."""
        asker = Asker(self.place.ports[0])
        there = [
            isbn for (isbn,) in self.place.rows(MIRRORED) if asker.ask("GET", f"/api/isbn?isbn={isbn}")[0] == "200"
        ]
        asker.close()
        if not there:
            raise StormFailed("nothing of the mirror is found")
        return there

    def _set_going(self) -> None:
        """Nothing; a harvest, a refresh and the following of changes are under way, once."""
        if self.progress.is_refreshing:
            return
        self._do("harvest", "releases", "--from", f"{datetime.now(UTC):%Y-%m}", "--max-pages", self.plan.pages)
        self._do("schedule", "run", "refresh")
        self._do("schedule", "run", "changes")
        self.progress.is_refreshing = True
        write_progress(self.folder, self.progress)

    def _do(self, *arguments: object) -> None:
        done = self.place.command(*arguments)
        if done.returncode:
            raise StormFailed(f"alexandria {' '.join(map(str, arguments))}: {done.stderr.strip().splitlines()[-1:]}")

    # --- during ------------------------------------------------------------------------------------------------

    def _people(self) -> list[Person]:
        ports, seed = itertools.cycle(self.place.ports), self.plan.seed
        mine = isbns_from(MINE, WRITES if self.plan.jobs > WRITES // 100 else self.plan.jobs)
        readers = [Reader(f"reader-{n}", next(ports), self.progress.mirrored, self._asked, seed + n) for n in range(2)]
        writer = Writer("writer", next(ports), mine, self.folder / WRITTEN)
        return [*readers, writer, Enqueuer("enqueuer", next(ports), self.isbns, self.progress.enqueued, self._tell)]

    def _asked(self) -> int | None:
        """An ISBN that was asked for; None before there is one."""
        return self._random.choice(self.isbns[: self.progress.enqueued]) if self.progress.enqueued else None

    def _tell(self, done: int) -> None:
        self.progress.enqueued = done  # written down with the rest; what is asked for twice is one job

    def _blow(self, bar: Bar, people: Sequence[Person]) -> None:
        """Nothing; everybody does what they do and is killed, until all is done and enough were killed."""
        plan = self.plan
        killer = Killer(self.place, plan.seed + self.progress.sessions, MOST, self.clock)
        for person in people:
            person.start()
        due, rate = time.monotonic() + plan.every / 2, Rate()
        while (left := self._left()) or len(self.progress.kills) < plan.kills:
            done = max(self.progress.enqueued - left, 0)
            kills = len(self.progress.kills)
            bar.show("storm", done, plan.jobs, f"{left:,} jobs open, {kills} kills, {rate.add(done):,.0f} jobs/s")
            if time.monotonic() >= due and kills < plan.most_kills and all(map(is_ready, self.place.ports)):
                self.progress.kills.append(killer.kill())
                due = time.monotonic() + plan.every * self._random.uniform(0.5, 1.5)
            self.progress.seconds = self.clock()
            write_progress(self.folder, self.progress)
            time.sleep(0.3)

    def _left(self) -> int:
        """How many jobs are open or yet to be asked for; while the database is away, one."""
        with suppress(DatabaseUnavailable, OperationalError):
            return int(self.place.rows(LEFT, {"long": LONG_AFTER})[0][0]) + self.plan.jobs - self.progress.enqueued
        return 1

    def _note(self, people: Sequence[Person]) -> None:
        """Nothing; people have stopped, and what they saw is kept."""
        progress = self.progress
        for person in people:
            person.stop()
            if isinstance(person, Reader):
                progress.lookups = added(progress.lookups, person.counts)
                progress.longest = max(progress.longest, person.longest)
                progress.half += person.half[:10]
            else:
                progress.writes = added(progress.writes, person.counts)
        progress.seconds = self.clock()
        write_progress(self.folder, progress)

    # --- after -------------------------------------------------------------------------------------------------

    def _check(self, after: int) -> Iterator[Check]:
        """Everything that is to be so."""
        progress, place = self.progress, self.place
        wait_for(lambda: not self._left(), "jobs that came late", 300)  # by schedule
        yield from checks.check_database(place)
        yield from checks.check_jobs(place, self.isbns)
        yield checks.check_writes(place, read_numbers(self.folder / WRITTEN))
        yield from checks.check_quota(place, self.simulator, after)
        yield checks.check_covers(place)
        yield checks.check_explained(place, self.isbns, self.plan.seed)
        day = last_month(datetime.now(UTC).date())
        serving = "".join(str(files) for (files,) in place.rows(SERVING))
        is_old = str(day) not in serving
        yield Check("the newest dump serves", int(is_old), serving if is_old else "")
        yield Check("no reader saw half a mirror", len(progress.half), next(iter(progress.half), ""))
        failed = failures(progress.lookups) | failures(progress.writes)
        yield Check("no answer was a failure of ours but 503", sum(failed.values()), str(failed or ""))
        late = [kill for kill in progress.kills if kill.recovered is None]
        yield Check("every kill was made up for within two leases", len(late), late[0].victim if late else "")


def failures(counts: Mapping[str, int]) -> dict[str, int]:
    """The answers of kinds that must not be."""
    return {status: count for status, count in counts.items() if status.startswith("5") and status != "503"}
