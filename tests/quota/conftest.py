"""A ledger on a database of its own, with a clock that a test can set."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tests.conftest import RunSQL

NOON = datetime(2026, 5, 20, 12, tzinfo=UTC)
SetClock = Callable[..., None]


async def eventually(condition: Callable[[], bool], seconds: float = 120) -> None:
    """Returns as soon as the condition holds, while tasks go on; fails when it does not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        await asyncio.sleep(0.002)


@pytest.fixture
def set_clock(database_url: str, run_sql: RunSQL) -> SetClock:
    """A function that lets the ledger's clock read a time now, and run at a speed from there."""

    def put(moment: datetime = NOON, speed: float = 1.0) -> None:
        run_sql(
            database_url,
            "INSERT INTO quota.clock (speed, theirs, ours) "
            f"VALUES ({speed}, clock_timestamp(), '{moment.isoformat()}') ON CONFLICT (one) DO UPDATE "
            "SET speed = excluded.speed, theirs = excluded.theirs, ours = excluded.ours",
        )

    return put
