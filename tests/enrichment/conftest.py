"""A small library in the mirror, copied for each test."""

from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from alexandria.db import Database
from alexandria.mirror.load import load_dumps
from tests import dumps
from tests.conftest import fresh_database
from tests.pools import opened

LIBRARY = [
    dumps.line("author", 34184, 3, name="Roald Dahl"),
    dumps.line("author", 7, 1, name="R. Dahl"),
    dumps.line("work", 45804, 5, title="Fantastic Mr Fox", authors=[{"author": {"key": "/authors/OL34184A"}}]),
    dumps.line("work", 9, 1, title="Mr Fox", authors=[{"author": {"key": "/authors/OL7A"}}], subjects=["Foxes"]),
    dumps.edition(1, 45804, "9780140328721", 4, publishers=["Puffin"], publish_date="October 1, 1988",
                  number_of_pages=96, subjects=["Animals"]),
    dumps.edition(2, 9, "9780140328738", 4),
]  # fmt: skip


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
    async with opened(loaded_url, max_size=8, timeout_ms=60_000) as pool:  # on a machine that is too busy, too
        yield pool
