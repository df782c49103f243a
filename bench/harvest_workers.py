"""The workers of a bench: processes that can be killed, or tasks of this process for a quick run."""

import asyncio
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from alexandria.config import read_settings
from alexandria.db import Database
from alexandria.queue.worker import Worker
from alexandria.telemetry.log import configure_logs
from alexandria.wiring import Services, make_services
from bench.machine import ROOT

STOPPING = 30.0  # seconds that a process may take to end


class Processes:
    """Workers as users run them."""

    def __init__(self, environ: dict[str, str]) -> None:
        self._environ = environ
        self._running: list[subprocess.Popen[bytes]] = []
        self._most = 0

    async def start(self) -> None:
        """Nothing; one more was started."""
        command = [sys.executable, "-m", "alexandria.cli.main", "worker"]
        self._running.append(
            subprocess.Popen(command, env=self._environ, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
        )  # fmt: skip

    async def kill(self) -> None:
        """Nothing; the oldest ended as if by a power cut."""
        self.memory()
        victim = self._running.pop(0)
        victim.kill()
        await asyncio.to_thread(victim.wait)

    def memory(self) -> int:
        """Bytes that one of them had at the most."""
        for each in self._running:
            try:
                lines = Path(f"/proc/{each.pid}/status").read_text().splitlines()
            except OSError:
                continue
            self._most = max([self._most, *(int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM"))])
        return self._most

    async def stop(self) -> None:
        """Nothing; all have ended."""
        self.memory()
        for each in self._running:
            each.terminate()
        for each in self._running:
            await asyncio.to_thread(each.wait, STOPPING)


@dataclass(slots=True)
class _Task:
    database: Database
    services: Services
    worker: Worker
    running: "asyncio.Task[None]" = field(init=False)

    async def end(self) -> None:
        self.worker.stop()
        await self.running
        await self.services.close()
        await self.database.close()


class Tasks:
    """Workers in this process; none can be killed, so they are stopped in the middle of what they do."""

    def __init__(self, environ: dict[str, str]) -> None:
        self._environ = environ
        self._running: list[_Task] = []

    async def start(self) -> None:
        """Nothing; one more works."""
        configure_logs()
        settings = read_settings(self._environ)
        assert settings.database_url
        database = Database(settings.database_url, max_size=6, timeout_ms=60_000)
        await database.open()
        services = make_services(settings, database)
        works = [work for work in services.works() if work.kind in ("edition", "harvest", "harvest-step")]
        task = _Task(database, services, Worker(database, works, grace=2.0))
        task.running = asyncio.create_task(task.worker.run())
        self._running.append(task)

    async def kill(self) -> None:
        """Nothing; the oldest gave up what it did."""
        await self._running.pop(0).end()

    def memory(self) -> int:
        """Nothing that would mean anything."""
        return 0

    async def stop(self) -> None:
        """Nothing; all have ended."""
        while self._running:
            await self.kill()
