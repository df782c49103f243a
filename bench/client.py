"""The Python client: what it adds to a bare request, and how it lives on when the service is gone."""

import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import islice
from typing import Any, NamedTuple

import httpx2

from alexandria.client import AsyncClient, Client, LookupFailed
from alexandria.simulator import Simulator
from bench.catalogue import loaded
from bench.draw import draws
from bench.machine import ROOT
from bench.result import Figure, Result, command_of, figure, percentile
from bench.service import base_of, service
from bench.workspace import BenchFailed, scratch

TITLE = "The Python client"
LOOKUPS, QUICK_LOOKUPS = 2_000, 30
OUTAGE, QUICK_OUTAGE = 1_000, 30
WARMING = 50
IMPORTS, QUICK_IMPORTS = 9, 1
RATIO_GOAL, EXTRA_GOAL, REQUESTS_GOAL, IMPORT_GOAL = 1.3, 50.0, 1.1, 150.0
KEY = "a-key"
IMPORT = "import time; begun = time.perf_counter(); {}; print((time.perf_counter() - begun) * 1000)"


class Outage(NamedTuple):
    """Lookups without the service: what each took beyond what Google alone takes, and how many requests all made."""

    extra: list[float]
    requests: int


def run(size: int, quick: bool) -> Result:
    """Hits through both clients and bare, in turn; then lookups of a service that is gone; then imports."""
    lookups, outage = (QUICK_LOOKUPS, QUICK_OUTAGE) if quick else (LOOKUPS, OUTAGE)
    isbns = [str(isbn) for isbn in islice(draws(size, seed=1), lookups)]
    with loaded(size) as catalogue, scratch() as folder:
        catalogue.warm()
        with service(catalogue.data_dir, folder) as port:
            blocking, requests = _blocking(base_of(port), isbns)
            awaiting = asyncio.run(_awaiting(base_of(port), isbns))
        dead = _outage(base_of(port), isbns[:outage])
    return Result(
        bench="client",
        title=TITLE,
        size=size,
        quick=quick,
        command=command_of("client", size, quick),
        figures=[
            *_hit_figures("Client", *blocking),
            *_hit_figures("AsyncClient", *awaiting),
            _requests_figure("requests per call, hits", requests / (lookups + WARMING)),
            *_outage_figures(dead, outage),
            *_import_figures(QUICK_IMPORTS if quick else IMPORTS),
        ],
        notes=[
            f"{lookups:,} hits one after the other over one connection, each for another ISBN, once through the client "
            "and once by httpx2 alone, which come first by turns; httpx2 reads the answer and does not decode it.",
            f"Then the service is ended and {outage:,} ISBNs are looked up, each followed by the same request to the "
            "simulated Google Books by httpx2 alone: the difference is what the dead service costs.",
            "Imports are in processes of their own, without the start of Python. The import alone leaves out "
            "httpcore2, which the first client imports.",
        ],
    )


def _blocking(base: str, isbns: list[str]) -> tuple[tuple[list[float], list[float]], int]:
    """Milliseconds of each hit through Client, and bare; and how many requests the client made."""
    with Client(base, google_books_url=None) as client, httpx2.Client(base_url=base) as bare:

        def through(isbn: str) -> None:
            _check(client.lookup_isbn(isbn))

        def alone(isbn: str) -> None:
            bare.get("/api/isbn", params={"isbn": isbn}).raise_for_status()

        for isbn in isbns[:WARMING]:
            through(isbn)
            alone(isbn)
        pairs = _paired(through, alone, isbns)
        return pairs, client.health().alexandria.requests


def _paired(
    one: Callable[[str], None], other: Callable[[str], None], isbns: list[str]
) -> tuple[list[float], list[float]]:
    times: tuple[list[float], list[float]] = ([], [])
    for number, isbn in enumerate(isbns):
        for which in (0, 1) if number % 2 else (1, 0):
            begun = time.perf_counter()
            (one, other)[which](isbn)
            times[which].append((time.perf_counter() - begun) * 1000)
    return times


async def _awaiting(base: str, isbns: list[str]) -> tuple[list[float], list[float]]:
    """Milliseconds of each hit through AsyncClient, and bare."""
    times: tuple[list[float], list[float]] = ([], [])
    async with AsyncClient(base, google_books_url=None) as client, httpx2.AsyncClient(base_url=base) as bare:
        for number, isbn in enumerate([*isbns[:WARMING], *isbns]):
            for which in (0, 1) if number % 2 else (1, 0):
                begun = time.perf_counter()
                if which == 0:
                    _check(await client.lookup_isbn(isbn))
                else:
                    (await bare.get("/api/isbn", params={"isbn": isbn})).raise_for_status()
                times[which].append((time.perf_counter() - begun) * 1000)
    return times[0][WARMING:], times[1][WARMING:]


def _check(found: Any) -> None:
    if found is None or found.source != "alexandria":
        raise BenchFailed("an ISBN that is known was not found by the client")


def _outage(base: str, isbns: list[str]) -> Outage:
    """Lookups of a service that is no longer there, with the simulated Google Books behind them."""
    extra = []
    with Simulator(limited=False) as simulator, httpx2.Client() as bare:
        url = simulator.urls["google_books"]
        with Client(base, KEY, google_books_url=url, google_books_key=KEY) as client:
            for isbn in isbns:
                begun = time.perf_counter()
                try:
                    client.lookup_isbn(isbn)
                except LookupFailed as error:  # Google does not know it either
                    if len(error.causes) != 1:
                        raise
                middle = time.perf_counter()
                params: dict[str, str | int] = {"q": f"isbn:{isbn}", "maxResults": 10, "country": "US", "key": KEY}
                bare.get(f"{url}/volumes", params=params).raise_for_status()
                extra.append((middle - begun - (time.perf_counter() - middle)) * 1000)
            health = client.health()
    assert health.google_books
    return Outage(extra, health.alexandria.requests + health.google_books.requests)


def _hit_figures(name: str, through: list[float], bare: list[float]) -> list[Figure]:
    ratio = statistics.median(through) / statistics.median(bare)
    return [
        figure(
            f"{name}, a hit, median",
            [statistics.median(through)],
            "ms",
            ratio=ratio,
            ratio_to="bare httpx2",
            goal=f"≤ {RATIO_GOAL} × bare httpx2",
            met=ratio <= RATIO_GOAL,
        ),
        figure(f"{name}, a hit, p95", [percentile(through, 0.95)], "ms"),
        figure(f"bare httpx2 beside {name}, median", [statistics.median(bare)], "ms"),
    ]


def _outage_figures(outage: Outage, lookups: int) -> list[Figure]:
    most = max(*outage.extra, 0.0)
    return [
        figure(
            f"service gone: the most that one of {lookups:,} lookups took beyond Google's own time",
            [most],
            "ms",
            goal=f"≤ {EXTRA_GOAL:.0f}",
            met=most <= EXTRA_GOAL,
        ),
        figure("service gone: what a lookup took beyond it, p95", [max(percentile(outage.extra, 0.95), 0.0)], "ms"),
        _requests_figure("requests per call, service gone", outage.requests / lookups),
    ]


def _requests_figure(name: str, value: float) -> Figure:
    return figure(name, [value], "requests", goal=f"≤ {REQUESTS_GOAL}", met=value <= REQUESTS_GOAL)


def _import_figures(times: int) -> list[Figure]:
    alone = [_imported("import alexandria.client") for _ in range(times)]
    made = [_imported("from alexandria.client import Client; Client().lookup_isbns([])") for _ in range(times)]
    middle = statistics.median(alone)
    return [
        figure("import alexandria.client", alone, "ms", goal=f"≤ {IMPORT_GOAL:.0f}", met=middle <= IMPORT_GOAL),
        figure("the import and the first client", made, "ms"),
    ]


def _imported(what: str) -> float:
    command = [sys.executable, "-c", IMPORT.format(what)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout)
