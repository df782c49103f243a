"""What every worker and scheduler does beside its work: tells that it lives, and looks after alerts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from alexandria.config import Settings
from alexandria.covers.hosts import bucket_policies
from alexandria.db import Database
from alexandria.ops.processes import Heart, Service
from alexandria.ops.watch import Watch
from alexandria.telemetry.metrics import Metrics


@asynccontextmanager
async def standing(settings: Settings, database: Database, service: Service, metrics: Metrics) -> AsyncIterator[None]:
    """Nothing; in the block, all others know of this process, and alerts are looked after."""
    metrics.read_pool = database.count_connections
    heart = Heart(database, service, metrics, settings.data_dir)
    watch = Watch(database, bucket_policies(settings), settings.alert_urls, settings.runbooks_url)
    async with heart.beating():
        watching = asyncio.create_task(watch.run())
        try:
            yield
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
