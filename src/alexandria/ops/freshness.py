"""How far the mirror is behind Open Library."""

from dataclasses import dataclass

from alexandria.db import Database, load_statements

SQL = load_statements(__package__)


@dataclass(frozen=True, slots=True)
class Freshness:
    """`mirror_age`: seconds since the newest record of its dump (None: nothing is loaded). `changes_lag`: seconds since
    changes were read (None: never). `gaps`: stretches of time that could not be read. `behind`: records of which it is
    known that they changed.
    """

    mirror_age: float | None
    changes_lag: float | None
    gaps: int
    behind: int


async def read_freshness(database: Database) -> Freshness:
    """How things stand now; a few rows are read for it."""
    row = await database.fetch_one(SQL["read_freshness"])
    assert row is not None
    return Freshness(*row)
