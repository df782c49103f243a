"""That a process lives and what it counts, told to the database every few seconds, where every other one can see it.

So one address answers for all processes on all machines, whichever of them is asked, and one that was killed is missed.
"""

import asyncio
import contextlib
import os
import secrets
import shutil
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

import msgspec
import structlog

from alexandria.db import Database, load_statements
from alexandria.errors import DatabaseUnavailable
from alexandria.telemetry.metrics import Metrics, Snapshot
from alexandria.telemetry.summary import Totals, add_up

SQL = load_statements(__package__)
BEAT: Final = 10.0  # seconds
SILENT: Final = 30.0  # seconds without a word after which a process is not counted on
PARTING: Final = 1.0  # seconds that the last word may take
CLUSTER: Final = "postgresql"  # of the embedded server, in the data folder: it may be a disk of its own

Service = Literal["api", "worker", "scheduler"]
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Disk:
    """What is free of the disk on which a folder lies, in bytes."""

    folder: str
    free: int
    total: int


@dataclass(frozen=True, slots=True)
class Process:
    """A process that was heard of lately."""

    id: str
    service: str
    host: str
    started_at: datetime
    seen_at: datetime
    disks: Sequence[Disk]
    counters: Snapshot


@dataclass(frozen=True, slots=True)
class Minute:
    """What all processes did in a minute: requests and 5xx among them, ISBNs looked up and found; and lookups of one
    ISBN by how long they took, by the buckets of `telemetry.metrics.FAST` (empty: none was counted).
    """

    minute: datetime
    requests: int
    errors: int
    lookups: int
    hits: int
    took: Sequence[int]


class Heart:
    """Tells of one process as long as `run` runs. `folder` is the data folder, whose disk is looked at."""

    def __init__(self, database: Database, service: Service, metrics: Metrics, folder: Path) -> None:
        self.id = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
        self.metrics = metrics
        self._database, self._service, self._folder = database, service, folder
        self._told = Totals()

    async def run(self, every: float = BEAT) -> None:
        """Nothing, ever; cancel it. The database may be away at times."""
        while True:
            try:
                await self.beat()
            except DatabaseUnavailable:
                pass  # whoever needs the database says so
            except Exception as error:  # its schema may be older than this program
                log.warning("this process could not tell that it lives", error=f"{type(error).__name__}: {error}")
            await asyncio.sleep(every)

    async def beat(self) -> None:
        """Nothing; what was counted until now is known to all. Raises DatabaseUnavailable."""
        snapshot = self.metrics.snapshot()
        totals = add_up(snapshot)
        news = totals.since(self._told)
        params = {
            "id": self.id,
            "service": self._service,
            "host": socket.gethostname(),
            "disks": _json([asdict(disk) for disk in measure_disks(self._folder)]),
            "counters": _json(snapshot),
        }
        async with self._database.transaction() as transaction:
            await transaction.execute(SQL["beat"], params)
            if news != Totals():
                await transaction.execute(SQL["add_minute"], {"id": self.id, **asdict(news), "took": list(news.took)})
        self._told = totals

    async def end(self) -> None:
        """Nothing; the process is not missed. What it counted last is still told, if the database can be reached."""
        with contextlib.suppress(DatabaseUnavailable, TimeoutError):
            async with asyncio.timeout(PARTING):
                await self.beat()
                await self._database.execute(SQL["end_process"], {"id": self.id})

    @contextlib.asynccontextmanager
    async def beating(self) -> AsyncIterator[None]:
        """Nothing; the heart beats in the block."""
        task = asyncio.create_task(self.run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await self.end()


def measure_disks(folder: Path) -> list[Disk]:
    """The disks of the data folder and of the embedded server, each once."""
    return list(_measure(folder))


def _measure(folder: Path) -> Iterator[Disk]:
    devices = set()
    for path in (folder, folder / CLUSTER):
        with contextlib.suppress(OSError):  # not made yet, or not for us
            device = path.stat().st_dev
            if device not in devices:
                devices.add(device)
                usage = shutil.disk_usage(path)
                yield Disk(path.name, usage.free, usage.total)


async def list_processes(database: Database, seconds: float = SILENT) -> list[Process]:
    """The processes that were heard of in so many seconds, with all that they counted since their start."""
    rows = await database.fetch(SQL["list_processes"], {"seconds": seconds})
    return [
        Process(id, service, host, started_at, seen_at, [Disk(**each) for each in disks], _read(counters))
        for id, service, host, started_at, seen_at, disks, counters in rows
    ]


async def list_minutes(database: Database, minutes: int = 60) -> list[Minute]:
    """What all processes did in the last minutes, the oldest first; minutes in which nothing happened are left out."""
    return [Minute(*row) for row in await database.fetch(SQL["list_minutes"], {"minutes": minutes})]


def _read(counters: str) -> Snapshot:
    return msgspec.json.decode(counters, type=dict[str, list[tuple[list[str], list[float]]]])


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
