"""Programs that are killed, as by `kill -9`, in the middle of what they do: to be started as processes of their own."""

import asyncio
import multiprocessing
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from alexandria.db import Database, Transaction
from alexandria.mirror.download import Progress as Downloading
from alexandria.mirror.report import Progress as Loading
from alexandria.sync import follow
from alexandria.sync.refresh import Listeners, Source, refresh_mirror
from tests.sync.conftest import follower, serving

_context = multiprocessing.get_context("forkserver")  # it has imported all this, and no threads
_context.set_forkserver_preload([__name__])


def run(work: Callable[..., None], *arguments: Any) -> bool:
    """Whether the process came to its end; else it was killed. What is raised in it fails the test."""
    process = _context.Process(target=work, args=arguments)
    process.start()
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL), process.exitcode
    return process.exitcode == 0


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def refresh(url: str, source: Source, stage: str) -> None:
    """A refresh that is killed at the beginning of a stage."""

    def tell(progress: Downloading | Loading) -> None:
        if progress.stage == stage:
            die()

    refresh_mirror(url, source, told=Listeners(download=tell, load=tell))


def follow_changes(
    url: str, environ: dict[str, str], folder: Path, now: datetime, place: int, after: bool, batch: int
) -> None:
    """Follows changes, and is killed in the transaction of that number, before the commit or right after it."""
    follow.TOGETHER, follow.BATCH = 1, batch  # type: ignore[misc]

    async def work() -> None:
        simulator: Any = SimpleNamespace(environ=environ)
        database = Dying(url, place, after)
        await database.open()
        async with serving(url, simulator, folder) as services:
            await follower(services, database).follow(now)
        await database.close()

    asyncio.run(work())


class Dying(Database):
    """A database whose user dies in one of its transactions."""

    def __init__(self, url: str, place: int, after: bool) -> None:
        super().__init__(url, timeout_ms=60_000)
        self.place, self.after = place, after

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        self.place -= 1
        async with super().transaction() as transaction:
            yield transaction
            if self.place == 0 and not self.after:
                die()
        if self.place == 0:
            die()
