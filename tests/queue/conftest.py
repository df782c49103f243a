"""A database of its own for each test, and a look into its tables."""

import time
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
import structlog

from alexandria.db import Database
from alexandria.errors import DatabaseUnavailable
from alexandria.telemetry.log import configure_logs


@pytest.fixture(autouse=True)
def plain_logs() -> Iterator[None]:
    """Logs as a process of ours writes them: those for people take half a second for a traceback."""
    configure_logs()
    yield
    structlog.reset_defaults()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A pool on a fresh database."""
    opened = Database(database_url, max_size=8)
    await opened.open()
    deadline = time.monotonic() + 120
    while True:  # a first connection takes its time on a busy machine
        try:
            await opened.ping()
            break
        except DatabaseUnavailable:
            assert time.monotonic() < deadline, "the database does not answer"
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def law_url(session_database: Callable[[], str]) -> str:
    """The URL of a database that many examples of a law use one after the other."""
    return session_database()
