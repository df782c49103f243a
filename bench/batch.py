"""A thousand ISBNs in one request, against the same two statements without the service."""

import statistics
import time
from itertools import islice
from typing import Any

import msgspec

from alexandria.catalog.lookup import SQL
from alexandria.catalog.records import Place, place_params
from alexandria.db import Connection, connect
from bench.catalogue import loaded
from bench.draw import draws
from bench.result import Result, command_of, figure, percentile
from bench.service import Client, service
from bench.workspace import BenchFailed, scratch

TITLE = "A batch of 1,000 ISBNs"
ISBNS = 1_000
REQUESTS, QUICK_REQUESTS, WARMING = 50, 2, 3
GOAL = 40.0
ENOUGH = 1_000_000


def run(size: int, quick: bool) -> Result:
    """Batches of fresh random ISBNs through the service and by SQL alone, in turn, on a warm database."""
    isbns = draws(size, seed=1)
    with loaded(size) as catalogue, scratch() as folder, service(catalogue.data_dir, folder) as port:
        catalogue.warm()
        client = Client(port)
        with connect(catalogue.url, autocommit=True) as connection:
            pairs = []
            for _ in range(WARMING + (QUICK_REQUESTS if quick else REQUESTS)):
                asked = list(islice(isbns, ISBNS))
                pairs.append((_through_service(client, asked), _by_sql(connection, asked)))
        client.close()
    times, plain = zip(*pairs[WARMING:], strict=True)
    middle = statistics.median(times)
    return Result(
        bench="batch",
        title=TITLE,
        size=size,
        quick=quick,
        command=command_of("batch", size, quick),
        figures=[
            figure(
                "POST /api/isbn/batch, median",
                times,
                "ms",
                ratio=middle / statistics.median(plain),
                ratio_to="the two statements alone",
                goal=f"≤ {GOAL:.0f}",
                met=middle <= GOAL if size >= ENOUGH else None,
            ),
            figure("POST /api/isbn/batch, p95", [percentile(times, 0.95)], "ms"),
            figure("the two statements alone, median", plain, "ms"),
        ],
        notes=[
            f"{len(times)} requests one after the other over one connection, each with {ISBNS:,} other ISBNs, all "
            "known; timed until the answer was read whole. Each is followed by the same two statements, prepared, for "
            "the same ISBNs over one connection to PostgreSQL."
        ],
    )


def _through_service(client: Client, isbns: list[int]) -> float:
    body = msgspec.json.encode({"isbns": [str(isbn) for isbn in isbns]})
    milliseconds, answer = client.post("/api/isbn/batch", body)
    found = [item["status"] for item in msgspec.json.decode(answer)["results"]]
    if found != ["found"] * len(isbns):
        raise BenchFailed(f"of {len(isbns)} known ISBNs only {found.count('found')} were found")
    return milliseconds


def _by_sql(connection: Connection, isbns: list[int]) -> float:
    begun = time.perf_counter()
    rows = connection.execute(SQL["find_by_isbn"].sql, {"isbns": isbns}, prepare=True).fetchall()
    places = {row[0]: Place(row[2], row[1], row[2]) for row in rows}
    params: dict[str, Any] = {**place_params(places), "overlays": "{}"}
    connection.execute(SQL["read_editions"].sql, params, prepare=True).fetchall()
    return (time.perf_counter() - begun) * 1000
