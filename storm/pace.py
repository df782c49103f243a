"""A load generator that keeps a pace: requests are sent when they are due, whatever became of those before.

So a service that stands still for a second is seen by all that were due in it, not by the one that waited.
"""

import asyncio
import math
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from bench.result import percentile
from storm.place import HOST, KEY

NOBODY: Final = "no answer"
TIMEOUT: Final = 20.0


@dataclass(slots=True)
class Taken:
    """What came of some seconds of load: milliseconds of each answer, how many of each status, and the seconds."""

    milliseconds: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        return len(self.milliseconds) / self.seconds if self.seconds else 0.0

    def quantile(self, share: float) -> float:
        return percentile(self.milliseconds, share) if self.milliseconds else math.nan


class _Line:
    """One connection, opened again when it breaks."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, path: str) -> str:
        """The status as text."""
        try:
            async with asyncio.timeout(TIMEOUT):
                return await self._get(path)
        except (OSError, EOFError, ValueError, TimeoutError):
            self.close()
            return NOBODY

    async def _get(self, path: str) -> str:
        if self._streams is None:
            self._streams = await asyncio.open_connection(HOST, self._port)
        reader, writer = self._streams
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nX-API-Key: {KEY}\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        length = next((int(line.split(":")[1]) for line in lines if line.lower().startswith("content-length:")), 0)
        await reader.readexactly(length)
        return lines[0].split()[1]

    def close(self) -> None:
        if self._streams:
            self._streams[1].close()
        self._streams = None


async def take(
    ports: Sequence[int], path: Callable[[], str], seconds: float, *, rate: float | None, connections: int
) -> Taken:
    """What so many seconds gave at a rate of requests a second; without one, as many as there come answers."""
    taken, begun = Taken(), time.perf_counter()
    end = begun + seconds

    async def ask(number: int) -> None:
        line = _Line(ports[number % len(ports)])
        step = connections / rate if rate else 0.0
        due = begun + step * number / connections
        while (now := time.perf_counter()) < end and due < end:
            if rate and due > now:
                await asyncio.sleep(due - now)
            asked = due if rate else now
            taken.statuses[await line.get(path())] += 1
            taken.milliseconds.append((time.perf_counter() - asked) * 1000)
            due += step
        line.close()

    await asyncio.gather(*(ask(number) for number in range(connections)))
    taken.seconds = time.perf_counter() - begun
    return taken
