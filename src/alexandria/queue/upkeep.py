"""What keeps the queue's tables small: tallies added up, partitions made in time."""

from alexandria.db import Database, load_statements

MANY = 50  # rows of tallies above which they are added up
_SQL = load_statements(__package__)


async def fold_tallies(database: Database) -> None:
    """Nothing; what happened is added up by minute, and what was long ago altogether."""
    await database.execute(_SQL["fold_tallies"], {"many": MANY, "now": None})


async def make_partitions(database: Database) -> None:
    """Nothing; jobs that end in the next months have their partition."""
    await database.fetch(_SQL["make_partitions"])
