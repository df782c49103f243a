"""Covers on a real database, with a real host of pictures, real decoders and a folder for a store."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import structlog

from alexandria.config import Settings, read_settings
from alexandria.covers.pool import Decoders
from alexandria.covers.service import Covers, make_covers
from alexandria.db import Database, Statement
from alexandria.enrichment.store import Write, store
from alexandria.mirror.load import load_dumps
from alexandria.queue.batch import Batch
from alexandria.queue.job import NewJob
from alexandria.queue.status import JobStatus, find
from alexandria.queue.store import claim, enqueue
from alexandria.telemetry.log import configure_logs
from tests import dumps
from tests.conftest import RunSQL, fresh_database
from tests.covers.pictures import jpeg
from tests.net.server import Answer, Asked, Server, serving
from tests.pools import opened

FOX, MAGIC, PLAIN, UNKNOWN = 9780140328721, 9780306406157, 9780804429573, 9780261102217
LIBRARY = [
    dumps.line("author", 34184, 3, name="Roald Dahl"),
    dumps.line("work", 45804, 5, title="Fantastic Mr Fox", authors=[{"author": {"key": "/authors/OL34184A"}}]),
    dumps.edition(1, 45804, str(FOX), 4, title="Fantastic Mr Fox", covers=[8739161, 12], ocaid="fantasticmrfox00dahl"),
    dumps.edition(2, 45804, str(MAGIC), 4, covers=[-1]),
    dumps.edition(3, 45804, str(PLAIN), 4),
]
MakeCovers = Callable[..., Covers]
_FORGET = Statement("forget", "delete from queue.jobs where kind = 'cover' and worker is null", "No search waits.")


class Host:
    """Answers with pictures by path, 404 for the others, and remembers what was asked.

    It is Open Library's covers, the Internet Archive and Commons at once, each under an address of its own.
    """

    def __init__(self, server: Server, archive: Server, commons: Server) -> None:
        self.url, self.archive, self.commons = server.url, archive.url, commons.url
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []
        for each in (server, archive, commons):
            each.script = self._answer

    def put(self, path: str, body: bytes, content_type: str = "image/jpeg") -> str:
        """The URL under which the body is from now on."""
        self.answers[path] = Answer(body, content_type=content_type)
        return f"{self.url}{path}"

    def _answer(self, asked: Asked) -> Answer:
        self.asked.append(asked.target)
        return self.answers.get(asked.path, Answer(b"", 404))


@pytest.fixture(autouse=True)
def plain_logs() -> Iterator[None]:
    configure_logs()
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def library(session_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a database with the library, to be copied."""
    url = session_database()
    load_dumps(url, [dumps.write(tmp_path_factory.mktemp("library") / "dump.txt", LIBRARY)], workers=1)
    return url.partition("?")[0].rpartition("/")[2]


@pytest.fixture
def loaded_url(server_url: str, library: str) -> Iterator[str]:
    """The URL of a database with the library."""
    yield from fresh_database(server_url, f"TEMPLATE {library}")


@pytest.fixture
async def database(loaded_url: str) -> AsyncIterator[Database]:
    """A pool on a database with the library."""
    async with opened(loaded_url, max_size=8) as pool:
        yield pool


@pytest.fixture
async def host() -> AsyncIterator[Host]:
    """A host of pictures."""
    async with serving() as server, serving() as archive, serving() as commons:
        yield Host(server, archive, commons)


def settings_for(host: Host, folder: Path, **more: str) -> Settings:
    """Settings in which that host is all providers of pictures, without a pace that a test would have to wait for."""
    environ = {
        "DATA_DIR": str(folder), "CONTACT": "me@example.org", "COVER_HOSTS": host.url.removeprefix("http://"),
        "OPEN_LIBRARY_COVERS_URL": host.url, "OPEN_LIBRARY_COVERS_RATE": "1000", "INTERNET_ARCHIVE_URL": host.archive,
        "INTERNET_ARCHIVE_RATE": "1000", "COMMONS_URL": host.commons, "WIKIMEDIA_RATE": "1000", **more,
    }  # fmt: skip
    return read_settings({f"ALEXANDRIA_{name}": value for name, value in environ.items()}, folder / "none")


class StandingDecoders(Decoders):
    """Decoders for a whole session: most of what a small picture costs is the start of the process that decodes it."""

    async def close(self) -> None:
        """Nothing; the session ends them."""


@pytest.fixture(scope="session")
async def decoders() -> AsyncIterator[Decoders]:
    made = StandingDecoders(2)
    yield made
    await Decoders.close(made)


@pytest.fixture
async def make(database: Database, host: Host, tmp_path: Path, decoders: Decoders) -> AsyncIterator[MakeCovers]:
    """A function that puts covers together by settings; they are closed at the end."""
    async with AsyncExitStack() as stack:

        def build(**more: str) -> Covers:
            made = make_covers(settings_for(host, tmp_path, **more), database, decoders)
            stack.push_async_callback(made.close)
            return made

        yield build


@pytest.fixture
def covers(make: MakeCovers) -> Covers:
    return make()


async def say(database: Database, provider: str, isbn: int, source: str = "self", **fields: Any) -> None:
    """Nothing; a provider said this about an edition, and the search that follows is left to the test."""
    await store(database, [Write("edition", isbn, provider, source, fields, frozenset())])
    await database.execute(_FORGET)


async def work(database: Database, covers: Covers, *isbns: int, **more: Any) -> list[JobStatus]:
    """What became of the search for each ISBN, done as a worker does it."""
    ids = await enqueue(database, [NewJob("cover", isbn, **more) for isbn in isbns])
    jobs = await claim(database, ["cover"], "test", 1000)
    [kind] = [each for each in covers.works() if each.kind == "cover"]
    await Batch(database, kind, jobs).run()
    found = [await find(database, job_id) for job_id in ids]
    assert all(found)
    return [each for each in found if each]


@pytest.fixture
def rows(loaded_url: str, run_sql: RunSQL) -> Callable[[str], list[tuple[Any, ...]]]:
    """A function that gives the rows of a statement."""
    return lambda sql: run_sql(loaded_url, sql)


@pytest.fixture(scope="session")
def cover_bytes() -> bytes:
    return jpeg()
