"""What runs by schedule, run by a worker: every kind has its handler, and what it says can be read."""

import asyncio

import pytest

from alexandria.ops.schedule import TABLE
from alexandria.ops.ticks import Entry, fire, list_entries
from alexandria.queue.status import find
from alexandria.queue.worker import Worker
from alexandria.wiring import Services
from tests.mirror.test_load import rows

pytestmark = pytest.mark.anyio
ASKED = {each.name for each in TABLE} - {"refresh"}  # which is asked of whoever publishes dumps: see test_refresh


async def test_a_worker_does_what_is_scheduled(services: Services, sample_url: str) -> None:
    worker = Worker(services.database, services.works(), grace=2)
    running = asyncio.create_task(worker.run())
    for name in ASKED:
        await fire(services.database, name)

    async def entries() -> list[Entry]:
        return [each for each in await list_entries(services.database) if each.name in ASKED]

    async with asyncio.timeout(60):
        while any(each.outcome in ("pending", "running") for each in await entries()):
            await asyncio.sleep(0.05)
    found = {each.name: each for each in await entries()}
    ended = {name: (each.outcome, each.error) for name, each in found.items()}
    assert ended == dict.fromkeys(ASKED, ("completed", None))
    results = {}
    for name, each in found.items():
        assert each.job_id
        status = await find(services.database, each.job_id)
        assert status
        results[name] = status.result
    assert results["changes"].keys() == {"until", "applied", "vain", "gaps"}
    assert results["archive"] == {"rows": 0}
    assert results["reconcile"] == {"reason": "ISBNdb is not asked"}
    assert results["sweep"] == {"refolds": 0, "is_done": True}
    worker.stop()
    await running
    assert rows(sample_url, "select count(*) from queue.jobs where worker is not null") == [(0,)]
