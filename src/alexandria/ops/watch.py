"""The rules looked at every thirty seconds, the digest written every fifteen minutes, messages delivered at once.

Runs in every scheduler and every worker, so that the silence of either is told by the other. Who looks is decided in
the database, by who comes first.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog

from alexandria.db import Database
from alexandria.errors import DatabaseUnavailable
from alexandria.ops.alerts import Teller, digest, look
from alexandria.ops.outbox import deliver
from alexandria.ops.tell import Telling
from alexandria.quota.policy import Policy

POLL = 1.0  # seconds between two looks whether it is time
LONGEST = 60.0  # seconds that one turn may take
log = structlog.get_logger(__name__)


class Watch:
    """Looks after alerts as long as `run` runs. `urls` are the receivers of messages."""

    def __init__(
        self,
        database: Database,
        policies: Mapping[str, Policy],
        urls: tuple[str, ...] = (),
        runbooks_url: str | None = None,
    ) -> None:
        self._database, self._policies = database, policies
        self._telling = Telling(urls)
        self._teller = Teller(bool(urls), runbooks_url)

    async def run(self) -> None:
        """Nothing, ever; cancel it. The database may be away at times, and a rule may break: the others go on."""
        delivering = asyncio.create_task(self._again(self._deliver))
        try:
            await self._again(self._look)
        finally:
            delivering.cancel()
            await asyncio.gather(delivering, return_exceptions=True)

    async def _look(self) -> None:
        await look(self._database, self._policies, self._teller)
        await digest(self._database, self._teller)

    async def _deliver(self) -> None:
        if self._telling:
            await deliver(self._database, self._telling)

    async def _again(self, do: Callable[[], Awaitable[None]]) -> None:
        """Nothing, ever; does it again and again."""
        while True:
            try:
                async with asyncio.timeout(LONGEST):
                    await do()
            except (DatabaseUnavailable, TimeoutError):
                pass  # whoever needs the database says so
            except Exception as error:
                log.error("alerts could not be looked at", exc_info=error)
                await asyncio.sleep(9 * POLL)
            await asyncio.sleep(POLL)
