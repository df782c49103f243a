"""After a new mirror: every record about which somebody said something is chosen again, a piece at a time.

A dump brings what nobody told us of, unlike the changes between dumps, whose records are chosen again one by one. So
the sweep goes once through all answers for each mirror that begins to serve.
"""

from typing import Any, Final

from alexandria.db import Database, load_statements
from alexandria.queue.entities import REFOLDS
from alexandria.queue.job import NewJob
from alexandria.queue.store import enqueue_in

SQL = load_statements(__package__)
PIECE: Final = 1_000  # records in one transaction
MOST: Final = 20_000  # in one sweep
PRIORITY: Final = 2


async def sweep(database: Database, most: int = MOST) -> dict[str, Any]:
    """How many records are to be folded again because of a new mirror (`refolds`), and whether that were all."""
    await database.execute(SQL["begin_sweep"])
    count, done = 0, False
    while count < most and not done:
        found, done = await _sweep_piece(database, min(PIECE, most - count))
        count += found
    return {"refolds": count, "is_done": done}


async def _sweep_piece(database: Database, limit: int) -> tuple[int, bool]:
    async with database.transaction() as transaction:
        place = await transaction.fetch_one(SQL["hold_sweep"])
        if place is None or place[2]:
            return 0, True
        kind, after, _ = place
        rows = await transaction.fetch(SQL["list_answered"], {"kind": kind, "after": after, "limit": limit})
        jobs = [NewJob(REFOLDS[of], number, PRIORITY, again=True) for of, number in rows]
        await enqueue_in(transaction, jobs)
        last = rows[-1] if rows else (kind, after)
        done = len(rows) < limit
        await transaction.execute(SQL["move_sweep"], {"kind": last[0], "after": last[1], "is_done": done})
    return len(rows), done
