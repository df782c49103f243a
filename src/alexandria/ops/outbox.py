"""Messages that are to be delivered: each is tried until every receiver has it, by whoever comes first.

A receiver that had it is not told again; one that is away is tried again for a day. A process that dies while it
delivers may leave a message told twice, never untold.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

import structlog

from alexandria.db import Database, load_statements
from alexandria.ops.rules import Severity

SQL = load_statements(__package__)
PAUSES: Final = (10.0, 30.0, 60.0, 300.0, 900.0)  # seconds after the first failure, the second, …
log = structlog.get_logger(__name__)


class Receivers(Protocol):
    """Whom messages are for."""

    async def tell(
        self, title: str, body: str, severity: Severity, reached: frozenset[str]
    ) -> tuple[frozenset[str], str | None]:
        """All who have the message now, and why not everybody has it; None when everybody has. Never raises."""
        ...


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A message that not everybody has, and why."""

    title: str
    created_at: datetime
    tries: int
    error: str | None
    given_up: bool


async def deliver(database: Database, receivers: Receivers) -> int:
    """How many messages were tried. Raises DatabaseUnavailable."""
    tried = 0
    while row := await _claim(database):
        id, title, body, severity, reached, tries, is_old = row
        had, error = await receivers.tell(title, body, severity, frozenset(reached))
        params = {
            "id": id,
            "tries": tries,
            "reached": sorted(had),
            "error": error,
            "pause": PAUSES[min(tries, len(PAUSES)) - 1],
            "give_up": is_old,
        }
        await database.execute(SQL["settle_message"], params)
        if error and is_old:
            log.warning("message given up", title=title, tries=tries, error=error)
        elif error:
            log.warning("message not delivered", title=title, tries=tries, error=error)
        tried += 1
    return tried


async def _claim(database: Database) -> tuple[Any, ...] | None:
    async with database.transaction() as transaction:
        return await transaction.fetch_one(SQL["claim_message"])


async def list_undelivered(database: Database) -> list[Undelivered]:
    """The messages that wait, or were given up within a week."""
    return [Undelivered(*row) for row in await database.fetch(SQL["list_undelivered"])]
