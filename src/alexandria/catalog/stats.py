"""What the catalogue holds and how fresh it is, from maintained counters: never a count(*)."""

from typing import Any

from alexandria.db import Database, load_statements

SQL = load_statements(__package__)


async def read_stats(database: Database) -> dict[str, Any]:
    """Rows per table of the mirror, and the dump it came from."""
    counts: dict[str, int] = dict(await database.fetch(SQL["list_counters"]))
    facts: dict[str, str] = dict(await database.fetch(SQL["list_sync_metadata"]))
    return {"mirror": counts, "sync": {key: value or None for key, value in facts.items()}}
