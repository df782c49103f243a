"""A process that asks ISBNdb as fast as it may, through everything that stands before it, until it is killed.

`python -m bench.asker URL BATCH` with the settings of the environment; BATCH ISBNs in a request.
"""

import asyncio
import random
import sys
from pathlib import Path

from alexandria.config import read_settings
from alexandria.db import Database
from alexandria.errors import DatabaseUnavailable, ProviderFailed, StatementTimeout
from alexandria.net.gate import Lane
from alexandria.providers.isbndb.client import Isbndb
from alexandria.sample.numbers import draw_isbn
from alexandria.wiring import make_services

LANES: tuple[Lane, ...] = ("interactive", "enrichment", "harvest")
PAUSE = 0.1  # seconds after a refusal: dozens of processes on two processors need some of them for their requests


async def ask(isbndb: Isbndb, lane: Lane, batch: int) -> None:
    while True:
        isbns = [draw_isbn(random.Random(), 100_000) for _ in range(batch)]
        try:
            await (isbndb.books(isbns, lane=lane) if batch > 1 else isbndb.book(isbns[0], lane=lane))
        except (ProviderFailed, StatementTimeout, DatabaseUnavailable):  # as a worker, who tries again later
            await asyncio.sleep(PAUSE)


async def main(url: str, batch: int) -> None:
    settings = read_settings(env_file=Path("/nonexistent"))
    database = Database(url)
    await database.open()
    isbndb = Isbndb(make_services(settings, database).client, settings.providers["isbndb"])
    await asyncio.gather(*(ask(isbndb, lane, batch) for lane in LANES))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
