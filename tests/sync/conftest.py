"""Open Library's simulator at a fixed time, a mirror of the sample catalogue, and what follows it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog

from alexandria.config import read_settings
from alexandria.db import Database, connect
from alexandria.mirror.load import load_dumps
from alexandria.providers.open_library import OpenLibrary
from alexandria.sample.catalogue import sample_records
from alexandria.sample.lines import dump_line
from alexandria.simulator import Simulator
from alexandria.simulator.catalogue import Catalogue
from alexandria.simulator.clock import Clock
from alexandria.simulator.open_library.changes import Changes
from alexandria.simulator.open_library.records import Records
from alexandria.sync.follow import Followed, Follower
from alexandria.sync.news import News
from alexandria.telemetry.log import configure_logs
from alexandria.wiring import Services, make_services
from tests import dumps

NOW = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
BEFORE = NOW - timedelta(hours=5)  # the mirror is of then
STILL = 1e-9  # speed of the simulated clock
KINDS = frozenset({"edition", "cover", "refold", "refold-work", "refold-author"})
Follow = Callable[..., Awaitable[Followed]]


@pytest.fixture(autouse=True)
def plain_logs() -> Iterator[None]:
    configure_logs()
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def still_simulator() -> Iterator[Simulator]:
    with Simulator(speed=STILL, epoch=NOW.timestamp(), limited=False) as simulator:
        yield simulator


@pytest.fixture
def simulator(still_simulator: Simulator) -> Simulator:
    still_simulator.reset()
    return still_simulator


def records_at(time: datetime) -> Records:
    """Every record as the simulator has it at a time."""
    catalogue = Catalogue()
    return Records(catalogue, Changes(catalogue, Clock(STILL, time.timestamp())))


@pytest.fixture(scope="session")
def records() -> Records:
    """Every record as the simulator has it."""
    return records_at(NOW)


def dump_lines(records: Records, changed: Iterable[str] = ()) -> list[bytes]:
    """The dump of the sample catalogue and of what changed."""
    keys = [record["key"] for kind in sample_records().values() for record in kind]
    found = [record for key in dict.fromkeys([*keys, *changed]) if (record := records.get(key))]
    return [dump_line(record).encode() for record in found]


@pytest.fixture(scope="session")
def lines_before() -> list[bytes]:
    return dump_lines(records_at(BEFORE))


@pytest.fixture
def sample_url(database_url: str, tmp_path: Path, lines_before: list[bytes]) -> str:
    """A database with the sample catalogue as its mirror, as it was five hours ago; changes are read until then."""
    load_dumps(database_url, [dumps.write(tmp_path / "before.txt", lines_before)])
    read_since(database_url, BEFORE)
    return database_url


@asynccontextmanager
async def serving(url: str, simulator: Simulator, folder: Path) -> AsyncIterator[Services]:
    """Everything that acts on a database, beside the simulator, at any pace."""
    environ = {
        **simulator.environ,
        "ALEXANDRIA_CONTACT": "tests@example.org",
        "ALEXANDRIA_DATA_DIR": str(folder),
        "ALEXANDRIA_OPEN_LIBRARY_RATE": "1000",
        "ALEXANDRIA_OPEN_LIBRARY_DAILY_LIMIT": "100000",
    }
    settings = read_settings(environ, Path("/nonexistent"))
    database = Database(url, timeout_ms=60_000)
    await database.open()
    services = make_services(settings, database)
    try:
        yield services
    finally:
        await services.close()
        await database.close()


@pytest.fixture
async def services(sample_url: str, simulator: Simulator, tmp_path: Path) -> AsyncIterator[Services]:
    async with serving(sample_url, simulator, tmp_path / "data") as made:
        yield made


def follower(services: Services, database: Database, room: int = 10, patience: float = 20) -> Follower:
    """What follows the simulator's changes into a database."""
    open_library = OpenLibrary(services.client, services.settings.providers["open-library"])
    return Follower(database, open_library, News(KINDS, enough=75, room=room), patience=patience)


@pytest.fixture
def follow(services: Services) -> Follow:
    """A function that follows Open Library's changes until the simulated moment."""

    async def run(room: int = 10, patience: float = 20) -> Followed:
        return await follower(services, services.database, room, patience).follow(NOW)

    return run


def read_since(url: str, time: datetime) -> None:
    """Nothing; changes were read up to that time."""
    with connect(url) as connection:
        connection.execute(
            "update mirror_meta.sync_metadata set value = %s where key = 'ol_last_changes_sync'",
            (time.isoformat(),),
        )
