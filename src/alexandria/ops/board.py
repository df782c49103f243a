"""All metrics of the whole, by whichever process is asked: read at most every few seconds, once for all who ask."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Final

from alexandria.db import Database
from alexandria.errors import DatabaseUnavailable
from alexandria.ops.gauges import UP, of_processes, read_gauges
from alexandria.ops.processes import Heart
from alexandria.quota.policy import Policy
from alexandria.telemetry.exposition import Found

FRESH: Final = 3.0  # seconds


class Board:
    """The metrics, as this process knows them. `heart` is its own."""

    def __init__(self, database: Database, heart: Heart, policies: Mapping[str, Policy]) -> None:
        self._database, self._heart, self._policies = database, heart, policies
        self._found: Sequence[Found] = ()
        self._until = 0.0
        self._reading: asyncio.Task[Sequence[Found]] | None = None

    async def read(self) -> Sequence[Found]:
        """Every metric with its rows, up to three seconds old. While the database is away, those of this process."""
        if time.monotonic() < self._until:
            return self._found
        if self._reading is None:
            self._reading = asyncio.create_task(self._read())
        return await asyncio.shield(self._reading)

    async def _read(self) -> Sequence[Found]:
        try:
            self._found = await self._ask()
            self._until = time.monotonic() + FRESH
            return self._found
        finally:
            self._reading = None

    async def _ask(self) -> Sequence[Found]:
        try:
            await self._heart.beat()  # so that what this process counted until now is in what all others tell, too
            return await read_gauges(self._database, self._policies)
        except (DatabaseUnavailable, TimeoutError):
            return [(UP, [((), [0])]), *of_processes([("api", self._heart.id, self._heart.metrics.snapshot())])]
