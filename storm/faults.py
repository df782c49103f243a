"""The faults that must raise alerts, each as it would come about, and how somebody would mend it.

What comes from outside comes from the simulated providers, or by killing a process; what is age (a job that is due for
hours, changes that were not read for a day) is dated back in the database. No rule is ever asked.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from alexandria.simulator import Simulator
from storm.people import NOBODY, Asker
from storm.place import Place, StormFailed, wait_for
from storm.run import isbns_from

FIRST: Final = 300_000  # of the ISBNs that only the providers know
ISBNS: Final = 50_000
LIMIT: Final = 120  # units that Google Books allows us a day
LEVELS: Final = 70, 85, 100  # percent of a day at which an alert is raised
SPARE: Final = 3  # units beyond a share, since what is not sent is given back; less than to the next share
SOON: Final = 120.0  # seconds in which a fault must have come about
USED: Final = """
    select coalesce(sum(interactive + enrichment + harvest + covers + anonymous), 0)::int from quota.windows
    where bucket = 'google-books' and began_at <= quota.now() and quota.now() < resets_at"""
OPEN: Final = "select 1 from quota.breakers where bucket = %(bucket)s and open_until is not null"
DATED: Final = """
    update queue.jobs set run_at = now() - %(age)s::interval
    where kind = %(kind)s and key = %(key)s and worker is null returning key"""
LAST_TRY: Final = """
    update queue.jobs set attempts = most_attempts - 1, run_at = now()
    where kind = 'edition' and key = %(key)s and worker is null and attempts > 0 returning key"""
ASKED: Final = ("isbndb", "google_books", "open_library", "wikimedia")
ENDED: Final = "select 1 from queue.finished where kind = 'edition' and key = %(key)s"
SETTLED: Final = """
    select 1 where not exists (
        select from queue.jobs where kind = 'edition' and key = any(%(keys)s)
                                 and (worker is not null or run_at <= now()))"""
IS_DEAD: Final = f"{ENDED} and state = 'dead'"
READ: Final = """
    update mirror_meta.sync_metadata set value = (now() - %(age)s::interval)::text
    where key = 'ol_last_changes_sync' returning key"""
GAPS: Final = "select 1 from mirror_meta.gaps where closed_at is null"
FULL: Final = """
    insert into ops.processes (id, service, host, seen_at, disks)
    values ('elsewhere', 'api', 'elsewhere', now() + interval '1 hour',
            '[{"folder": "data", "free": 100000000, "total": 100000000000}]') returning id"""
ROOM: Final = "delete from ops.processes where id = 'elsewhere' returning id"
DAY: Final = """
    insert into quota.clock (speed, theirs, ours)
    select 1, now(), (date_trunc('day', now() at time zone 'America/Los_Angeles') + make_interval(days => %(day)s)
                      - make_interval(mins => %(minutes)s)) at time zone 'America/Los_Angeles'
    on conflict (one) do update set theirs = excluded.theirs, ours = excluded.ours returning speed"""


class Site:
    """An installation to which faults are done.

    The day of the ledger is late: little of it is kept for others, but more than the hour in which all may be used.
    """

    def __init__(self, place: Place, simulator: Simulator) -> None:
        self.place, self.simulator = place, simulator
        self.asker = Asker(place.ports[0])
        self.isbns: Iterator[int] = iter(isbns_from(FIRST, ISBNS))
        self._day = 0

    def next_day(self, minutes: int = 80) -> None:
        """Nothing; no unit of the day is used, which ends in so many minutes."""
        self._day += 1
        self.place.rows(DAY, {"day": self._day, "minutes": minutes})

    def command(self, *arguments: object) -> None:
        """Nothing; it ran, however it ended: what became of it is seen in the database."""
        self.place.command(*arguments)

    def look_up(self, count: int = 1) -> int:
        """How many lookups of books that we do not have were answered with 5xx."""
        asked = [self.asker.ask("GET", f"/api/isbn?isbn={next(self.isbns)}")[0] for _ in range(count)]
        return sum(each.startswith("5") for each in asked)

    def enqueue(self, kind: str, *keys: str) -> None:
        """Nothing; the jobs are in the queue. Raises StormFailed."""
        body = {"jobs": [{"entity_type": kind, "entity_key": key} for key in keys]}
        status, said = self.asker.ask("POST", "/api/enrich/queue/batch", body)
        if status == NOBODY:  # a connection that was idle for minutes is closed
            status, said = self.asker.ask("POST", "/api/enrich/queue/batch", body)
        if status not in ("200", "201"):
            raise StormFailed(f"the queue does not take jobs: {status} {said[:200]!r}")

    def seek_until(self, missing: Callable[[], int], what: str) -> None:
        """Nothing; so many books as are missing were looked for, until none was. Raises StormFailed."""
        end = time.monotonic() + SOON
        while count := missing():
            if time.monotonic() > end:
                raise StormFailed(f"looked for books in vain until {what}")
            keys = [next(self.isbns) for _ in range(count)]
            self.enqueue("edition", *map(str, keys))
            with suppress(StormFailed):  # each is over, or waits: what was only reserved is given back by then
                wait_for(lambda keys=keys: self.has(SETTLED, keys=keys), what, 20)  # type: ignore[misc]

    def has(self, sql: str, **values: object) -> bool:
        return bool(self.place.rows(sql, values))


@dataclass(frozen=True, slots=True)
class Fault:
    """What is done, to raise the alert of a rule about a subject, and what is done to end it.

    `passes`: rules about the same subject that may be seen on the way there.
    """

    rule: str
    subject: str
    about: str
    make: Callable[[Site], None]
    mend: Callable[[Site], None]
    passes: tuple[str, ...] = ()


# --- quota, providers --------------------------------------------------------------------------------------------


def _use(share: float) -> Callable[[Site], None]:
    def make(site: Site) -> None:
        wanted = min(round(share * LIMIT) + SPARE, LIMIT)
        site.seek_until(lambda: max(wanted - site.place.rows(USED)[0][0], 0), f"{share:.0%} of the day are used")

    return make


def _quota(percent: int) -> Fault:
    about = f"books are looked for until {percent} % of the day are used; a day later"
    passes = tuple(f"quota-{each}" for each in LEVELS if each < percent)
    return Fault(f"quota-{percent}", "google-books", about, _use(percent / 100), _rest, passes)


def _rest(site: Site) -> None:
    """A day later; what waits for it is dropped, or it would use up that day, too."""
    site.command("queue", "drop", "--all")
    site.next_day()


def _refuse(host: str, bucket: str, status: int) -> Callable[[Site], None]:
    def make(site: Site) -> None:
        site.simulator.faults(**{host: [{"fault": "status", "status": status}]})
        site.seek_until(lambda: 0 if site.has(OPEN, bucket=bucket) else 5, f"the breaker of {bucket} is open")

    return make


def _accept(host: str) -> Callable[[Site], None]:
    def mend(site: Site) -> None:
        site.simulator.faults(**{host: []})
        site.command("doctor")

    return mend


# --- jobs, processes ---------------------------------------------------------------------------------------------


def _kill_worker(site: Site) -> None:
    """The worker is gone; before, it ended a job of an edition, so that these make progress."""
    isbn = next(site.isbns)
    site.enqueue("edition", str(isbn))
    wait_for(lambda: site.has(ENDED, key=isbn), "an edition", SOON)
    site.place.runners["worker-1"].kill()


def _start_worker(site: Site) -> None:
    runner = site.place.runners["worker-1"]
    if runner.has_ended():
        runner.start()


def _wait(kind: str, age: str) -> Callable[[Site], None]:
    def make(site: Site) -> None:
        key = next(site.isbns)
        number = key if kind == "edition" else key % 10_000_000
        site.enqueue(kind, str(key) if kind == "edition" else f"OL{number}A")
        if not site.has(DATED, age=age, kind=kind, key=number):
            raise StormFailed(f"the {kind} job is not there")

    return make


def _kill_job(site: Site) -> None:
    """All providers answer with pages for people, at the last try too."""
    isbn = next(site.isbns)
    site.simulator.faults(**dict.fromkeys(ASKED, [{"fault": "html"}]))
    site.enqueue("edition", str(isbn))
    wait_for(lambda: site.has(LAST_TRY, key=isbn), "the first failure", SOON)
    wait_for(lambda: site.has(IS_DEAD, key=isbn), "the last failure", SOON)


def _retry(site: Site) -> None:
    site.simulator.faults(**dict.fromkeys(ASKED, []))
    site.command("queue", "retry", "--dead")


# --- the mirror --------------------------------------------------------------------------------------------------


def _lag(site: Site) -> None:
    site.place.rows(READ, {"age": "31 hours"})


def _follow(site: Site) -> None:
    site.simulator.faults(open_library=[])
    site.command("sync", "changes")


def _empty_day(site: Site) -> None:
    """Open Library lists no change of a quarter of a day."""
    site.place.rows(READ, {"age": "10 hours"})
    nothing = {"fault": "status", "status": 200, "body": [], "match": "recentchanges"}
    site.simulator.faults(open_library=[nothing])
    site.command("sync", "changes")
    if not site.has(GAPS):
        raise StormFailed("an empty day is no gap")


def _empty_dump(site: Site) -> None:
    site.simulator.faults(dumps=[{"fault": "hollow", "match": "editions"}])
    site.command("mirror", "refresh")


def _whole_dump(site: Site) -> None:
    site.simulator.faults(dumps=[])
    site.command("mirror", "refresh")


# --- the machine -------------------------------------------------------------------------------------------------


def _fail_requests(site: Site) -> None:
    """PostgreSQL is killed, until twenty requests were answered with 5xx meanwhile."""
    failed, end = 0, time.monotonic() + SOON
    while failed < 20:
        if time.monotonic() > end:
            raise StormFailed("PostgreSQL was killed, and requests were answered all the same")
        if pid := site.place.postmaster():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        failed += site.look_up(10)


def _serve_requests(site: Site) -> None:
    """So many are answered well that those before are few."""
    wait_for(lambda: not site.look_up(), "PostgreSQL", SOON)
    site.look_up(1_000)


WAVES: Final = (
    (
        Fault("breaker-open", "open-library", "every answer is a 503; well again, `doctor`",
              _refuse("open_library", "open-library", 503), _accept("open_library")),
        Fault("key-refused", "isbndb", "every answer is a 401; well again, `doctor`",
              _refuse("isbndb", "isbndb", 401), _accept("isbndb")),
        Fault("dump-refused", "mirror", "the newest dump is an empty file; a whole one, loaded",
              _empty_dump, _whole_dump),
    ),
    *((_quota(percent),) for percent in LEVELS),  # each alone: others look for books, too
    (
        Fault("dead-letters", "edition", "every answer is a page for people; well again, `queue retry`",
              _kill_job, _retry),
    ),
    (
        Fault("error-rate", "api", "PostgreSQL is killed; back, and a thousand requests served",
              _fail_requests, _serve_requests),
    ),
    (
        Fault("gap-found", "mirror", "a day's changes are an empty list; they are all listed", _empty_day, _follow),
        Fault("sync-lag", "mirror", "changes were read 31 hours ago; read now", _lag, _follow),
        Fault("process-silent", "worker", "the only worker is killed; started again", _kill_worker, _start_worker),
        Fault("oldest-job", "edition", "a job waits for 7 hours; done", _wait("edition", "7 hours"), _start_worker),
        Fault("no-progress", "author", "a job waits for 11 minutes; done", _wait("author", "11 minutes"),
              _start_worker),
        Fault("disk-space", "elsewhere/data", "another machine tells of a full disk; it is gone",
              lambda site: _do(site, FULL), lambda site: _do(site, ROOM)),
    ),
)  # fmt: skip
LAST_HOUR: Final = 50  # minutes before the end of the ledger's day: all of it may be used then, which is no alert


def _do(site: Site, sql: str) -> None:
    site.place.rows(sql)
