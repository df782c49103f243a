"""Giving from a task, for the client that awaits."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from alexandria.client.exchange import Exchange, Flow
from alexandria.client.give_back import Giver
from alexandria.client.protocol import Protocol

log = logging.getLogger("alexandria.client")


class TaskGiver(Giver):
    """Gives from a task of the running loop, which is there only as long as something waits."""

    def __init__(
        self, alexandria: Protocol, exchange: Exchange, most: int, run: Callable[[Flow[None]], Awaitable[None]]
    ) -> None:
        super().__init__(alexandria, exchange, most)
        self._run = run
        self._task: asyncio.Task[None] | None = None

    @property
    def is_running(self) -> bool:
        return self._task is not None and not self._task.done()

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._work(), name="alexandria-give-back")

    async def flush(self, timeout: float) -> bool:
        """Whether nothing waits any more, as soon as that is so or the time is over."""
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=timeout)
        return not self._waiting and not self.is_running

    async def close(self, linger: float) -> None:
        """Nothing; no more is taken, and what waits is given within the time, unless Alexandria is away."""
        if not self._exchange.breaker.failures:
            await self.flush(linger)
        self._closed = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
        with self._changed:
            self._forget()

    async def _work(self) -> None:
        try:
            await self._run(self.drain())
        except Exception:
            log.exception("giving finds to Alexandria failed")

    def _ended(self) -> None:
        self._task = None
