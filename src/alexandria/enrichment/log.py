"""What keeps the log of attempts small and in order."""

from alexandria.db import Database, load_statements

SQL = load_statements(__package__)


async def make_partitions(database: Database) -> None:
    """Nothing; attempts of the next months have their partition."""
    await database.fetch(SQL["make_partitions"])
