"""A backlog of covers, a tenth of which is broken, slow, huge, no cover or hostile: each ends as it should, exactly.

A few hundred are enough here; ALEXANDRIA_TEST_COVERS=5000 makes it the whole backlog.
"""

import asyncio
import os
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from alexandria.config import read_settings
from alexandria.covers.hosts import bucket_policies
from alexandria.covers.pool import Decoders
from alexandria.covers.service import Covers, make_covers
from alexandria.covers.store import find_attempts, find_covers
from alexandria.db import Database, Statement
from alexandria.enrichment.store import Write, store
from alexandria.queue.worker import Worker
from alexandria.quota.ledger import Ledger
from alexandria.simulator import Simulator
from alexandria.simulator.catalogue import Catalogue, numbers
from alexandria.simulator.covers.commons import is_licensed
from alexandria.simulator.covers.hosts import has_cover, is_placeholder
from alexandria.simulator.google_books.volume import has_picture, volume_id
from tests.net.server import Answer, serving
from tests.pools import opened

MANY = int(os.environ.get("ALEXANDRIA_TEST_COVERS", "200"))
pytestmark = [pytest.mark.anyio, pytest.mark.slow, pytest.mark.timeout(300 + MANY)]
SECONDS = 4.0  # for one fetch
SOURCES = ("google-books", "open-library", "internet-archive", "wikidata", "isbndb")
HOSTS = ("google_books_pictures", "open_library_covers", "internet_archive", "commons", "isbndb_pictures")
Fault = dict[str, Any]
BAD: Sequence[tuple[Fault, str, str]] = (  # what happens, the state of the search, words of its reason
    ({"fault": "picture", "picture": "blank"}, "refused", "has 1×1 pixels"),
    ({"fault": "status", "status": 503}, "later", "503"),
    ({"fault": "picture", "picture": "flat"}, "refused", "one colour"),
    ({"fault": "picture", "picture": "small"}, "refused", "has 20×30 pixels"),
    ({"fault": "timeout"}, "later", "did not finish its answer in"),
    ({"fault": "picture", "picture": "cut"}, "refused", "cannot be decoded"),
    ({"fault": "picture", "picture": "damaged"}, "refused", "cannot be decoded"),
    ({"fault": "reset"}, "later", ""),
    ({"fault": "picture", "picture": "bomb"}, "refused", "900.0 million pixels"),
    ({"fault": "picture", "picture": "huge"}, "refused", "bytes"),
    ({"fault": "slow", "rate": 200}, "later", ""),
    ({"fault": "picture", "picture": "svg"}, "refused", "SVG"),
    ({"fault": "picture", "picture": "pdf"}, "refused", "PDF"),
    ({"fault": "truncated"}, "later", "ends too early"),
    ({"fault": "picture", "picture": "page"}, "refused", "web page"),
    ({"fault": "picture", "picture": "nothing"}, "refused", "empty"),
    ({"fault": "status", "status": 404}, "missing", "nobody has a picture"),
    ({"fault": "status", "status": 302, "headers": {"Location": "http://169.254.169.254/latest/meta-data/"}},
     "refused", "169.254.169.254 is"),
    ({"fault": "status", "status": 302, "headers": {"Location": "TRAP"}}, "refused", "port .* is not asked"),
    ({"fault": "html", "status": 200}, "refused", "web page"),
)  # fmt: skip


@dataclass(frozen=True)
class Book:
    """One of the backlog: its ISBN, who names a picture of it and which, a part of the request for it, what happens."""

    isbn: int
    source: int
    fields: dict[str, Any]
    match: str
    bad: tuple[Fault, str, str] | None

    @property
    def state(self) -> str:
        return self.bad[1] if self.bad else "stored"


def backlog(simulator: Simulator) -> Iterator[Book]:
    """So many books, of which each has one candidate; every tenth is bad, at another source each time."""
    catalogue, number = Catalogue(), 0
    for place in range(MANY):
        source = place % len(SOURCES)
        number += 1
        while not (named := NAMES[source](catalogue, simulator, number)):
            number += 1
        is_bad = place % 10 == place // 10 % 10
        fields, match = named
        yield Book(numbers.isbn_of(number), source, fields, match, BAD[place // 10 % len(BAD)] if is_bad else None)


def google(catalogue: Catalogue, simulator: Simulator, number: int) -> Any:
    name = volume_id(number, catalogue.seed)
    url = f"{simulator.urls['google_books_pictures']}/books/content?id={name}&printsec=frontcover&img=1&zoom=1"
    return ({"cover_url": url}, f"id={name}&") if has_picture(catalogue.edition(number)) else None


def open_library(catalogue: Catalogue, simulator: Simulator, number: int) -> Any:
    place = 10_000_000 + number
    url = f"{simulator.urls['open_library_covers']}/b/id/{place}-L.jpg"
    return ({"cover_url": url}, f"/b/id/{place}-") if has_cover(place) else None


def archive(catalogue: Catalogue, simulator: Simulator, number: int) -> Any:
    return {"identifiers": {"ocaid": [f"invented{number}synt"]}}, f"/invented{number}synt/"


def commons(catalogue: Catalogue, simulator: Simulator, number: int) -> Any:
    url = f"https://commons.wikimedia.org/wiki/Special:FilePath/A_cover_{number}.jpg"
    return ({"cover_url": url}, f"A_cover_{number}.jpg") if is_licensed(number) else None


def isbndb(catalogue: Catalogue, simulator: Simulator, number: int) -> Any:
    isbn = str(numbers.isbn_of(number))
    path = f"/covers/{isbn[-4:-2]}/{isbn[-2:]}/{isbn}.jpg"
    fields = {"cover_url": simulator.urls["isbndb_pictures"] + path}
    return None if is_placeholder(number) else (fields, path)


NAMES: Sequence[Callable[[Catalogue, Simulator, int], Any]] = (google, open_library, archive, commons, isbndb)


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator(limited=False) as running:
        yield running


@pytest.fixture
async def trap() -> AsyncIterator[Any]:
    """A private host that nobody named."""
    async with serving() as server:
        server.script = lambda asked: Answer(b"a secret of this network")
        yield server


@pytest.fixture
async def covers(database: Database, simulator: Simulator, decoders: Decoders, tmp_path: Path) -> AsyncIterator[Covers]:
    """Everything by the simulator's settings, with no pace to wait for."""
    rates = ("OPEN_LIBRARY_COVERS_RATE", "INTERNET_ARCHIVE_RATE", "WIKIMEDIA_RATE", "COVER_RATE")
    more = {**dict.fromkeys(rates, "100000"), "DATA_DIR": str(tmp_path), "CONTACT": "tests@example.org"}
    settings = read_settings(
        {**simulator.environ, **{f"ALEXANDRIA_{name}": text for name, text in more.items()}}, tmp_path / "none"
    )
    ledger = Ledger(database, bucket_policies(settings))
    made = make_covers(settings, database, decoders, gate=ledger, seconds=SECONDS)
    yield made
    await made.close()
    await ledger.close()


SEARCHED = Statement("searched", "select count(*) from covers.attempts where state = any(%(states)s)", "Ended ones.")
FORGET = Statement("forget", "delete from quota.breakers", "Nobody is left alone.")
HURRY = Statement("hurry", "update queue.jobs set run_at = now() where key = any(%(isbns)s)", "These are due.")


async def work_until(database: Database, covers: Covers, many: int, *states: str, rescue: Sequence[int] = ()) -> None:
    """Nothing; a worker ran until so many searches had ended in one of the states.

    It is watched over another pool, since the worker may need all of its own. Now and then those to `rescue` are due,
    and no host is left alone: bad ones may have opened a breaker before them.
    """
    worker = Worker(database, [work for work in covers.works() if work.kind == "cover"])
    running = asyncio.create_task(worker.run())
    async with opened(database.url, timeout_ms=60_000) as eyes, asyncio.timeout(60 + MANY / 4):
        for turn in count():
            if (await eyes.fetch(SEARCHED, {"states": list(states)}))[0][0] >= many:
                break
            if rescue and turn % 100 == 0:
                await eyes.execute(FORGET)
                await eyes.execute(HURRY, {"isbns": list(rescue)})
            await asyncio.sleep(0.05)
            assert not running.done()
    worker.stop()
    await running


def faults(books: Sequence[Book], trap: str) -> dict[str, list[Fault]]:
    """The scripts that make these books bad."""
    found: dict[str, list[Fault]] = {host: [] for host in HOSTS}
    for book in books:
        if book.bad:
            fault = dict(book.bad[0])
            if fault.get("headers") == {"Location": "TRAP"}:
                fault["headers"] = {"Location": f"{trap}/x.jpg"}
            found[HOSTS[book.source]].append({**fault, "match": book.match})
    return found


async def test_each_of_a_backlog_ends_as_it_should(
    database: Database, covers: Covers, simulator: Simulator, trap: Any, tmp_path: Path
) -> None:
    books = list(backlog(simulator))
    assert sum(1 for book in books if book.bad) == MANY // 10
    simulator.faults(**faults(books, trap.url))
    for start in range(0, MANY, 500):  # which asks for the searches, too
        writes = [
            Write("edition", book.isbn, PROVIDERS[book.source], "self", book.fields)
            for book in books[start : start + 500]
        ]
        await store(database, writes)
    await work_until(database, covers, MANY, "stored", "missing", "refused", "later")
    good = [book.isbn for book in books if not book.bad]
    await work_until(database, covers, len(good), "stored", rescue=good)
    attempts = await find_attempts(database, [book.isbn for book in books])
    ended = {isbn: (attempt.state, attempt.reason or "") for isbn, attempt in attempts.items()}
    wrong = [(book.bad, ended[book.isbn]) for book in books if not is_as_expected(book, *ended[book.isbn])]
    assert not wrong, "\n".join(map(str, wrong))
    stored = await find_covers(database, [book.isbn for book in books])
    assert stored.keys() == {book.isbn for book in books if book.state == "stored"}
    assert Counter(cover.provider for cover in stored.values()).keys() == set(SOURCES)
    assert trap.asked == [], "nobody was led to a private host"

    simulator.faults(**{host: [] for host in HOSTS})  # who was away is back
    back = [book.isbn for book in books if book.state == "later"]
    await work_until(database, covers, len(good) + len(back), "stored", rescue=back)
    stored = await find_covers(database, [book.isbn for book in books])
    assert stored.keys() == {book.isbn for book in books if book.state in ("stored", "later")}
    pictures = {cover.digest for cover in stored.values()}
    assert len(pictures) == len(stored), "each book has a cover of its own"
    assert sum(1 for path in (tmp_path / "covers").rglob("*.webp")) == 3 * len(pictures), "and nothing else is stored"
    violations = [each for found in simulator.violations().values() for each in found]
    assert [each for each in violations if "/health" not in each["detail"]] == []  # a stranger may knock at a port


PROVIDERS = ("google-books", "open-library", "open-library", "wikidata", "isbndb")


def is_as_expected(book: Book, state: str, reason: str) -> bool:
    words = f"{book.bad[2]}|left alone" if book.bad and book.state == "later" else book.bad[2] if book.bad else ""
    return state == book.state and re.search(words, reason) is not None
