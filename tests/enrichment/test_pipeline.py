"""What the pipeline does with jobs when it cannot go on. What it does with answers: tests/e2e."""

import asyncio
import gc
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from alexandria.config import ProviderSettings
from alexandria.db import Database
from alexandria.enrichment.pipeline import Pipeline
from alexandria.enrichment.sources import Sources
from alexandria.errors import DatabaseUnavailable
from alexandria.net.client import Client
from alexandria.providers.google_books import GoogleBooks
from alexandria.queue.job import Job
from alexandria.quota.breakers import SharedBreakers
from alexandria.quota.ledger import Ledger
from tests.pools import opened

pytestmark = pytest.mark.anyio
NOWHERE = "postgresql://127.0.0.1:1/nowhere"


def job(isbn: int) -> Job:
    return Job(uuid4(), "edition", isbn, "enrichment", 5, {}, 1, 1, datetime.now(UTC))


@pytest.mark.usefixtures("impatient")
async def test_of_many_jobs_that_lose_the_database_one_is_told(database: Database) -> None:
    """All of a batch fail together; what is left of the others is no surprise that a log is full of."""
    surprises: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: surprises.append(context))
    settings = ProviderSettings(name="google-books", bucket="google-books", url="http://127.0.0.1:1", api_key="one")
    async with opened(NOWHERE, max_size=1) as gone, Client(Ledger(gone, {}), SharedBreakers(gone), None) as client:
        pipeline = Pipeline(database, Sources(google_books=GoogleBooks(client, settings)))
        with pytest.raises(DatabaseUnavailable):
            [step async for step in pipeline.editions([job(9_780_140_328_721 + n) for n in range(5)])]
    gc.collect()
    assert surprises == []
