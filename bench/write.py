"""Writing: single upserts over HTTP against pgbench running the same statements; whole batches through the store.

pgbench gets the six statements of a write, in one transaction, with the rows that one real write has left as literals.
"""

import asyncio
import json
import statistics
import time
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import msgspec

from alexandria.db import Connection, Database, connect
from alexandria.enrichment.store import SQL, Write, store
from alexandria.keys.store import create_key
from bench import pgbench, wrk
from bench.catalogue import loaded
from bench.draw import draws, pgbench_lines
from bench.result import Figure, Result, command_of, figure, skipped
from bench.service import Client, base_of, service
from bench.workspace import BenchFailed, scratch

TITLE = "Writing"
COPY = "alexandria_write"  # the database that is written to; the loaded one stays as it was
SCRIPT = Path(__file__).with_name("write.lua")
ROUNDS, SECONDS, QUICK_SECONDS = 3, 10.0, 0.1
CLIENTS, CONNECTIONS, THREADS = 8, 32, 2
FEW = 1_000  # ISBNs to which half of the writes go
RATIO_GOAL = 0.4
RECORDS, QUICK_RECORDS, BATCH, RATE_GOAL = 10_000, 300, 250, 3_000
ENOUGH = 1_000_000  # editions from which on the goals are judged
BODY = (
    '{"isbn":"ISBN","title":"The Measured Edition","subtitle":"A Benchmark in Three Rounds","publisher":"Bench Books",'
    '"publication_date":"1988-10-01","page_count":PAGES,"format":"paperback","language":"en",'
    '"metadata":{"shelf":"B 12"}}'
)
ROWS = {
    "write_answers": "select to_jsonb(a) from enriched.answers a where kind = 'edition' and id = %(isbn)s",
    "write_editions": "select to_jsonb(e) - 'isbn' - 'created_at' from enriched.editions e where isbn = %(isbn)s",
    "write_log": "select to_jsonb(l) from enriched.log l where kind = 'edition' and id = %(isbn)s limit 1",
}


class Round(NamedTuple):
    """Upserts by pgbench, and over HTTP."""

    plain: pgbench.Transactions
    service: wrk.Load | None


def run(size: int, quick: bool) -> Result:
    """Rounds of pgbench, the service and the store in turn, on a copy of the warm database."""
    rounds, seconds = (1, QUICK_SECONDS) if quick else (ROUNDS, SECONDS)
    count = QUICK_RECORDS if quick else RECORDS
    with loaded(size) as catalogue, scratch() as folder, catalogue.copy(COPY) as url:
        catalogue.warm(url)
        key = asyncio.run(_make_key(url))
        settings = {"ALEXANDRIA_DATABASE_URL": url, "ALEXANDRIA_TRUSTED_PROXIES": "127.0.0.1"}
        with service(catalogue.data_dir, folder, settings=settings) as port:
            text = script(size, *_write_once(url, port, key, size))
            _round(url, size, folder, text, port, key, min(seconds, 1.0))  # connections, prepared statements, caches
            upserts = [_round(url, size, folder, text, port, key, seconds) for _ in range(rounds)]
        batches = [asyncio.run(_store(url, size, count, seed)) for seed in range(rounds)]
    return Result(
        bench="write",
        title=TITLE,
        size=size,
        quick=quick,
        command=command_of("write", size, quick),
        figures=[*_upserts(upserts, size), *_batches(batches, size)],
        notes=[
            f"{rounds} rounds of {seconds:.0f} s each in turn: pgbench -M prepared with {CLIENTS} clients and "
            f"{THREADS} threads, wrk with {CONNECTIONS} connections and {THREADS} threads against the service with one "
            "worker process and its pool of 8 connections. All on the same processors, in a copy of the loaded "
            "database; fsync and synchronous_commit are on.",
            f"Half of the ISBNs are any known ones, half are one of {FEW:,} that are written again and again. Each "
            "request has another page count, a key (stored, checked for each), and comes through a proxy as far as "
            "the service can tell, so that the limits count it; they are raised, not off. An answer other than 200 "
            "or 201 fails the bench.",
            "pgbench runs lock_editions, read_answers, read_mirror_editions, write_answers, write_editions and "
            "write_log of the program in one transaction; its rows are literals, those of one write over HTTP. The "
            "service besides decodes, checks and folds, and answers with the record (two more statements); writes that "
            "come together share a transaction.",
            f"Batches: {count:,} editions that are known to the mirror, an answer of ISBNdb's size for each, {BATCH} "
            "in a transaction; two at a time (as the worker does: the database works on one while the other is "
            "folded) and one after the other, in one process; then the same again, which changes nothing but the log.",
        ],
    )


# --- single upserts -------------------------------------------------------------------------------------------


async def _make_key(url: str) -> str:
    database = Database(url, max_size=1)
    await database.open()
    try:
        key, _ = await create_key(database, "bench", "write")
        return key.text
    finally:
        await database.close()


def _write_once(url: str, port: int, key: str, size: int) -> tuple[dict[str, str], int]:
    """The rows that a write over HTTP leaves, as JSON lists by statement, and its ISBN."""
    isbn = next(draws(size, seed=1))
    client = Client(port, {"X-API-Key": key})
    client.post("/api/enrich/edition", BODY.replace("ISBN", str(isbn)).replace("PAGES", "100").encode())
    client.close()
    with connect(url) as connection:
        return {name: _row(connection, sql, isbn) for name, sql in ROWS.items()}, isbn


def _row(connection: Connection, sql: str, isbn: int) -> str:
    row = connection.execute(sql.encode(), {"isbn": isbn}).fetchone()
    if row is None:
        raise BenchFailed("a write that was answered has left no row")
    return json.dumps([{"id": isbn, **row[0]}], ensure_ascii=False, separators=(",", ":"))


def script(size: int, rows: dict[str, str], isbn: int) -> str:
    """The text of a pgbench script that writes about one random known ISBN; `rows` are about the ISBN given."""
    values = {"ids": "array[:isbn]", "kind": "'edition'"}
    statements = [
        pgbench.translated(SQL[name].sql, values) for name in ("lock_editions", "read_answers", "read_mirror_editions")
    ]
    for name, row in rows.items():
        before, _, after = row.partition(str(isbn))
        made = f"({pgbench.literal(before)} || :isbn || {pgbench.literal(after)})"
        statements.append(pgbench.translated(SQL[name].sql, values | {"rows": made}))
    return "\n".join(
        (pgbench_lines(size, FEW), "begin;", *(f"{statement};" for statement in statements), "commit;", "")
    )


def _round(url: str, size: int, folder: Path, text: str, port: int, key: str, seconds: float) -> Round:
    plain = pgbench.run(url, size, folder, clients=CLIENTS, threads=THREADS, seconds=seconds, text=text)
    if wrk.missing():
        return Round(plain, None)
    base = base_of(port)
    load = wrk.run(
        base, size, connections=CONNECTIONS, threads=THREADS, seconds=seconds, script=SCRIPT, more=(key, str(FEW), BODY)
    )
    return Round(plain, load)


def _upserts(rounds: list[Round], size: int) -> list[Figure]:
    name, goal = "POST /api/enrich/edition, 1 worker", f"≥ {RATIO_GOAL} × pgbench"
    found = [
        figure(f"pgbench, {CLIENTS} clients", [each.plain.rate for each in rounds], "upserts/s"),
        figure(f"pgbench, {CLIENTS} clients, mean latency", [each.plain.mean for each in rounds], "ms"),
    ]
    pairs = [(each.service, each.plain.rate) for each in rounds if each.service]
    if not pairs:
        return [*found, skipped(name, "upserts/s", wrk.missing(), goal)]
    ratios = [load.rate / plain for load, plain in pairs]
    ratio = statistics.median(ratios)
    return [
        *found,
        figure(
            name,
            [load.rate for load, _ in pairs],
            "upserts/s",
            ratio=ratio,
            ratio_to="pgbench",
            goal=goal,
            met=ratio >= RATIO_GOAL if size >= ENOUGH else None,
            note="by round: " + ", ".join(f"{each:.2f}" for each in ratios),
        ),
        figure(f"{name}, median latency", [load.p50 for load, _ in pairs], "ms"),
        figure(f"{name}, p99", [load.p99 for load, _ in pairs], "ms"),
    ]


# --- batches --------------------------------------------------------------------------------------------------


class Stored(NamedTuple):
    """Records a second: one batch at a time, two at a time (of other records), and the first ones again."""

    alone: float
    two: float
    again: float


async def _store(url: str, size: int, count: int, seed: int) -> Stored:
    isbns = list(islice(dict.fromkeys(islice(draws(size, seed=1_000 + seed), 4 * count)), 2 * count))
    writes = [Write("edition", isbn, "isbndb", f"bench-{seed}", _fields(isbn)) for isbn in isbns]
    database = Database(url, max_size=2)
    await database.open()
    try:
        return Stored(
            await _rate(database, writes[:count], 1),
            await _rate(database, writes[count:], 2),
            await _rate(database, writes[:count], 1),
        )
    finally:
        await database.close()


async def _rate(database: Database, writes: list[Write], at_once: int) -> float:
    """Records a second when so many callers take the next batch whenever they are done with one."""
    batches = iter([writes[start : start + BATCH] for start in range(0, len(writes), BATCH)])

    async def take() -> int:
        return sum([len(await store(database, batch)) for batch in batches])

    begun = time.perf_counter()
    stored = sum(await asyncio.gather(*(take() for _ in range(at_once))))
    if stored != len(writes):
        raise BenchFailed(f"of {len(writes)} writes {stored} were stored")
    return stored / (time.perf_counter() - begun)


def _fields(isbn: int) -> dict[str, object]:
    """What ISBNdb says of an edition, in its usual size."""
    text = f"Edition {isbn} follows the life of a catalogue through all its shelves, and back to where it began. " * 6
    fields = {
        "title": f"The Measured Edition {isbn}",
        "authors": [{"name": "Ada Shelf"}, {"name": "Ben Stack"}],
        "publisher": "Bench Books International",
        "publication_date": "2012-05-04",
        "page_count": isbn % 900 + 1,
        "format": "hardcover",
        "language": "en",
        "description": text,
        "subjects": ["Catalogues", "Measurement", "Fiction", "Libraries and society"],
        "cover_url": f"https://images.example.org/covers/{isbn % 100}/{isbn}.jpg",
        "metadata": {"msrp": "19.99", "dimensions": "9 x 6 x 1 inches"},
    }
    return msgspec.convert(fields, dict[str, object])


def _batches(batches: list[Stored], size: int) -> list[Figure]:
    rates = [each.two for each in batches]
    met = statistics.median(rates) >= RATE_GOAL if size >= ENOUGH else None
    name = f"store, batches of {BATCH}"
    return [
        figure(
            f"{name}, two at a time", rates, "records/s", goal=f"≥ {RATE_GOAL:,}", met=met, note="answers, fold, log"
        ),
        figure(f"{name}, one at a time", [each.alone for each in batches], "records/s"),
        figure(f"{name}, the same again", [each.again for each in batches], "records/s"),
    ]
