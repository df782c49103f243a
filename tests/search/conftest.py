"""The sample catalogue, and the recorded dump lines where they are; copied for tests that write."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from alexandria.db import Database
from alexandria.mirror.load import load_dumps
from alexandria.sample.catalogue import write_sample
from tests.conftest import fresh_database
from tests.pools import opened

FIXTURES = Path(__file__).parents[3] / "shared" / "fixtures" / "openlibrary" / "dump"


@pytest.fixture(scope="session")
def catalogue_url(session_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a database with the sample and the recorded dump lines; only for reading."""
    url = session_database()
    recorded = sorted(FIXTURES.glob("ol_dump_*"))
    load_dumps(url, [*write_sample(tmp_path_factory.mktemp("sample")), *recorded], force=True)
    return url


@pytest.fixture
async def catalogue(catalogue_url: str) -> AsyncIterator[Database]:
    """A pool on it."""
    async with opened(catalogue_url, max_size=2) as pool:
        yield pool


@pytest.fixture
def written_url(server_url: str, catalogue_url: str) -> Iterator[str]:
    """The URL of a copy of it, to write to."""
    yield from fresh_database(server_url, f"TEMPLATE {catalogue_url.partition('?')[0].rpartition('/')[2]}")


@pytest.fixture
async def written(written_url: str) -> AsyncIterator[Database]:
    """A pool on a copy of it."""
    async with opened(written_url, max_size=4) as pool:
        yield pool
