"""Requests that are old enough go elsewhere."""

from datetime import datetime

from alexandria.db import Database, load_statements
from alexandria.db.expire import Expiring, Keep
from alexandria.db.expire import expire as expire_table

SQL = load_statements(__package__)
TABLE = Expiring("calls", *(SQL[f"{name}_calls"] for name in ("oldest", "list_expired", "delete_expired", "drop_old")))


async def expire(database: Database, before: datetime, keep: Keep) -> int:
    """How many requests from before a time were handed to `keep`, and are here no more."""
    return await expire_table(database, TABLE, before, keep)
