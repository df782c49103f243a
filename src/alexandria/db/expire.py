"""Rows that are old enough taken out of a table hour by hour: handed to somebody who keeps them, then deleted.

A table's owner names the statements. Killed between the two, the next run hands the same hour over again; an hour that
gets rows meanwhile is left as it is for the next run.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alexandria.db.pool import Database
from alexandria.db.statements import Statement
from alexandria.errors import AlexandriaError

HOUR = timedelta(hours=1)
Keep = Callable[[str, datetime, Sequence[str]], Awaitable[None]]  # name of the table, hour, rows as JSON


class StillChanging(AlexandriaError):
    """Rows came into an hour while it was taken out; nothing was deleted."""


@dataclass(frozen=True, slots=True)
class Expiring:
    """A table whose rows expire, and the statements of its owner.

    `oldest` gives the hour of the oldest row before a time, `listing` and `deleting` are of one hour (`since` to
    `until`), `dropping` removes partitions that are empty and end before a time.
    """

    name: str
    oldest: Statement
    listing: Statement
    deleting: Statement
    dropping: Statement


async def expire(database: Database, table: Expiring, before: datetime, keep: Keep) -> int:
    """How many rows were kept elsewhere and deleted: all of whole hours before a time."""
    total = 0
    while True:
        row = await database.fetch_one(table.oldest, {"before": before})
        if row is None or row[0] is None or row[0] + HOUR > before:
            break
        hour = {"since": row[0], "until": row[0] + HOUR}
        rows = [each[0] for each in await database.fetch(table.listing, hour)]
        await keep(table.name, row[0], rows)
        async with database.transaction() as transaction:
            deleted = await transaction.execute(table.deleting, hour)
            if deleted > len(rows):
                raise StillChanging(f"rows came into {table.name} of {row[0]:%Y-%m-%d %H}:00 meanwhile; run it again")
        total += deleted
    await database.fetch(table.dropping, {"before": before})
    return total
