"""The first page of the dashboard beside millions of finished jobs: how long it takes to read everything anew."""

import time

from alexandria.dashboard.overview import FRESH
from alexandria.db import connect
from bench.catalogue import Catalogue
from bench.queue import ENOUGH, FINISHED, fill
from bench.result import Figure, Result, command_of, figure
from bench.service import Client, service
from bench.workspace import data_dir, scratch

TITLE = "Dashboard"
ROUNDS, QUICK_ROUNDS = 15, 1
AGAIN = 50  # times that it is asked for while it is fresh
GOAL = 200.0
DEAD = 1_000  # of so many finished jobs one lies dead
_MORE = f"""
do $$ begin
    update queue.finished set state = 'dead' where key % {DEAD} = 0;
    insert into queue.tallies (kind, lane, minute, completed, dead)
    select 'edition', 'enrichment', now(), count(*), count(*) filter (where state = 'dead')
    from queue.finished;
    insert into enriched.log (at, kind, id, provider, source, operation, success)
    select now() - make_interval(secs => n), 'edition', key, 'isbndb', 'self', 'fetch', true
    from (select key, row_number() over () as n from queue.finished) f;
    insert into quota.calls (at, bucket, lane, kind, units, items)
    select now() - make_interval(secs => n), 'isbndb', 'enrichment', 'books', 1, 1 from generate_series(1, 20000) n;
    insert into ops.history
    select date_trunc('minute', now()) - make_interval(mins => n),
           jsonb_build_object('edition', array[n, 1, 5000 - n, 0, 0]), jsonb_build_object('isbndb', 500)
    from generate_series(0, 11000) n;
end $$"""


def run(size: int, quick: bool) -> Result:
    """The page anew, again and again; then while what was read is fresh."""
    finished = size * FINISHED
    catalogue = Catalogue(size)
    with catalogue.server, scratch() as folder:
        url = catalogue.make_database("dashboard")
        try:
            fill(url, finished)
            with connect(url, autocommit=True) as connection:
                connection.execute(_MORE.encode())
                connection.execute("vacuum analyze queue.finished, enriched.log, quota.calls, ops.history")
                connection.execute("checkpoint")
            with service(data_dir(size), folder, settings={"ALEXANDRIA_DATABASE_URL": url}) as port:
                client = Client(port)
                client.get("/")  # its templates are made ready, once in the life of a process
                anew = [_anew(client) for _ in range(QUICK_ROUNDS if quick else ROUNDS)]
                again = [client.get("/") for _ in range(AGAIN)]
                kilobytes = len(client.read("/")) / 1000
                client.close()
        finally:
            catalogue.drop_database("dashboard")
    return Result(
        bench="dashboard",
        title=TITLE,
        size=size,
        quick=quick,
        command=command_of("dashboard", size, quick),
        figures=[
            _worst(anew, finished),
            figure("the first page, everything read anew", anew, "ms"),
            figure(f"within {FRESH:.0f} s after that", again, "ms"),
            figure("its size", [kilobytes], "kB"),
        ],
        notes=[
            f"{finished:,} finished jobs and as many attempts lie in the database, one of {DEAD:,} jobs is dead. The "
            f"page is asked for over HTTP; what it shows is read again when it is older than {FRESH:.0f} s, so that "
            "somebody who asks in between waits only for the page to be made.",
        ],
    )


def _anew(client: Client) -> float:
    """Milliseconds of a page for which everything is read again."""
    time.sleep(FRESH)
    return client.get("/")


def _worst(anew: list[float], finished: int) -> Figure:
    worst = max(anew)
    met = worst <= GOAL if finished >= ENOUGH else None
    return figure("the slowest of them", [worst], "ms", goal=f"≤ {GOAL:.0f}", met=met)
