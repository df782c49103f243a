"""Alexandria's own services beside simulated providers, and a worker in this process."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager

import pytest

from alexandria.config import read_settings
from alexandria.db import Database
from alexandria.harvest.campaign import Status, find_campaign
from alexandria.queue.worker import Worker
from alexandria.simulator.catalogue import Catalogue
from alexandria.simulator.launch import Simulator
from alexandria.telemetry.log import configure_logs
from alexandria.wiring import Services, make_services
from bench.harvest_truth import fill_mirror

AUTHORS = range(0, 12)
FAST = {"ISBNDB_RATE": "2000", "ISBNDB_DAILY_LIMIT": "100000", "ISBNDB_BUFFER": "0"}


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return Catalogue()


@pytest.fixture(scope="session")
def unlimited() -> Iterator[Simulator]:
    """The providers, who allow everything."""
    with Simulator(limited=False, editions=60_000) as running:
        yield running


@pytest.fixture
def simulator(unlimited: Simulator) -> Simulator:
    """The providers without faults, and with nothing counted."""
    unlimited.faults(isbndb=[])
    unlimited.reset()
    return unlimited


def settings_of(simulator: Simulator, url: str, **more: str) -> dict[str, str]:
    """The settings of a process that asks the simulator."""
    own = {"DATABASE_URL": url, "CONTACT": "tests@example.org", "ISBNDB_API_KEY": "one", **FAST, **more}
    return {**{f"ALEXANDRIA_{name}": value for name, value in own.items()}, **simulator.environ}


@pytest.fixture
def mirrored_url(database_url: str, catalogue: Catalogue) -> str:
    """The URL of a database whose mirror knows some authors."""
    fill_mirror(database_url, catalogue, AUTHORS)
    return database_url


@pytest.fixture
async def services(mirrored_url: str, simulator: Simulator) -> AsyncIterator[Services]:
    """Everything that acts on that database."""
    configure_logs()
    database = Database(mirrored_url, max_size=8, timeout_ms=20_000)
    await database.open()
    made = make_services(read_settings(settings_of(simulator, mirrored_url)), database)
    yield made
    await made.close()
    await database.close()


@asynccontextmanager
async def working(services: Services, kinds: tuple[str, ...] = ("harvest", "harvest-step")) -> AsyncIterator[Worker]:
    """A worker that does jobs of these kinds meanwhile."""
    worker = Worker(services.database, [work for work in services.works() if work.kind in kinds], grace=2.0)
    running = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        worker.stop()
        await running


async def until_true(condition: Callable[[], Awaitable[bool]], seconds: float = 30) -> None:
    """Returns as soon as the condition holds; fails when it does not within `seconds`."""
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.02)


async def until_over(services: Services, id: int, seconds: float = 30) -> Status:
    """The campaign, which is done or cancelled."""

    async def over() -> bool:
        return (await find_campaign(services.database, id)).ended_at is not None

    await until_true(over, seconds)
    return await find_campaign(services.database, id)
