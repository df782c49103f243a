"""Lookups after a start, with nothing of the database in memory: every page comes from disk."""

import os
from itertools import islice
from pathlib import Path

from alexandria.db import connect
from bench.catalogue import Catalogue, loaded
from bench.draw import draws
from bench.result import Result, command_of, figure, percentile
from bench.service import Client, service
from bench.usage import server_reads
from bench.workspace import scratch

TITLE = "Cold lookups"
LOOKUPS, QUICK_LOOKUPS = 300, 20
GOAL = 30.0
ENOUGH = 5_000_000
_BLOCKS = """
select coalesce(sum(heap_blks_read), 0)::bigint + coalesce(sum(toast_blks_read), 0)::bigint
           + coalesce(sum(tidx_blks_read), 0)::bigint,
       coalesce(sum(idx_blks_read), 0)::bigint,
       (select blks_read from pg_stat_database where datname = current_database())
from pg_statio_user_tables where schemaname = 'mirror'"""


def run(size: int, quick: bool) -> Result:
    """Single lookups, one after the other, by a service that has just started on a server that has just started."""
    count = QUICK_LOOKUPS if quick else LOOKUPS
    with loaded(size) as catalogue, scratch() as folder:
        catalogue.server.stop()
        dropped = drop_from_cache(catalogue.server.cluster.folder)
        catalogue.server.start()
        before = _blocks(catalogue)
        with service(catalogue.data_dir, folder) as port:
            disk = server_reads(catalogue.postmaster)
            client = Client(port)
            times = [client.get(f"/api/isbn?isbn={isbn}") for isbn in islice(draws(size, seed=size + 7), count)]
            client.close()
            disk = server_reads(catalogue.postmaster) - disk
        # the service's sessions have ended, so all they read is counted
        tables, indexes, everything = (new - old for new, old in zip(_blocks(catalogue), before, strict=True))
    p95 = percentile(times, 0.95)
    return Result(
        bench="cold",
        title=TITLE,
        size=size,
        quick=quick,
        command=command_of("cold", size, quick),
        figures=[
            figure("cold lookup, median", times, "ms"),
            figure(
                "cold lookup, p95",
                [p95],
                "ms",
                goal=f"≤ {GOAL:.0f} on ≥ {ENOUGH / 1e6:.0f} M editions",
                met=p95 <= GOAL if size >= ENOUGH else None,
            ),
            figure("cold lookup, the first", times[:1], "ms", note="it also prepares the statements"),
            figure(
                "blocks read for a lookup",
                [(tables + indexes) / count],
                "blocks of 8 kB",
                note=f"tables {tables / count:.1f}, indexes {indexes / count:.1f}; "
                f"with the system catalogue and the start {everything / count:.1f}",
            ),
            figure("read from disk for a lookup", [disk / count / 1024], "kB", note="the system reads ahead"),
        ],
        notes=[
            f"The server is stopped, its {dropped / 1e9:.1f} GB of files are written out (fsync) and dropped from the "
            f"page cache (posix_fadvise), it is started again, and {count} random ISBNs are looked up over one "
            "connection, one after the other. Pages shared by lookups (the upper levels of indexes) are read once, so "
            "later ones are a little warmer. A virtual machine's host may still have the disk in its own cache."
        ],
    )


def drop_from_cache(folder: Path) -> int:
    """Bytes of the files that the system has no longer in memory."""
    total = 0
    for path in folder.rglob("*"):
        if path.is_symlink() or not path.is_file():
            continue
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)  # dirty pages cannot be dropped
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            total += os.fstat(descriptor).st_size
        finally:
            os.close(descriptor)
    return total


def _blocks(catalogue: Catalogue) -> tuple[int, int, int]:
    with connect(catalogue.url) as connection:
        row = connection.execute(_BLOCKS).fetchone()
    assert row is not None
    return row[0], row[1], row[2]
