"""Putting a mirror in the place of another, in one transaction; readers keep what they have until it commits."""

from collections.abc import Mapping

from alexandria.db import Connection, load_statements
from alexandria.errors import NothingToRollBack

SQL = load_statements(__package__)


def swap(connection: Connection, load_id: int, counts: Mapping[str, int]) -> None:
    """Makes `mirror_next` the mirror and the mirror `mirror_previous`, inside the caller's transaction."""
    drop_previous(connection)
    connection.execute("alter schema mirror rename to mirror_previous")
    connection.execute("alter schema mirror_next rename to mirror")
    connection.execute(SQL["retire_load"].sql, {"from": "live", "to": "previous"})
    _set_state(connection, load_id, "live", counts)


def drop_previous(connection: Connection) -> None:
    """Gives up the mirror before the live one, and its disk space."""
    connection.execute("drop schema if exists mirror_previous cascade")
    connection.execute(SQL["retire_load"].sql, {"from": "previous", "to": "replaced"})


def roll_back(connection: Connection) -> None:
    """Makes the mirror before this one the mirror again (and this one the previous), in one transaction.

    Raises NothingToRollBack when there is none.
    """
    with connection.transaction():
        found = connection.execute(SQL["find_live_and_previous"].sql).fetchall()
        loads = {state: (load, counts) for state, load, counts, _ in found}
        versions = {state: max(newest.values(), default="")[:10] for state, _, _, newest in found}
        if len(loads) < 2:
            raise NothingToRollBack("there is no previous mirror: none was replaced yet, or a later load has begun")
        connection.execute("alter schema mirror rename to mirror_next")
        connection.execute("alter schema mirror_previous rename to mirror")
        connection.execute("alter schema mirror_next rename to mirror_previous")
        (live, live_counts), (previous, previous_counts) = loads["live"], loads["previous"]
        _set_state(connection, live, "previous", live_counts)
        _set_state(connection, previous, "live", previous_counts)
        version = {"key": "ol_full_dump_version", "value": versions["previous"]}
        connection.execute(SQL["set_sync_metadata"].sql, version)


def _set_state(connection: Connection, load_id: int, state: str, counts: Mapping[str, int]) -> None:
    """Moves a load; the live one's counts are what /api/stats and `mirror status` read."""
    values = {"id": load_id, "state": state, "reason": None, "counts": None, "newest": None}
    connection.execute(SQL["set_load_state"].sql, values)
    if state == "live":
        for name, value in counts.items():
            connection.execute(SQL["set_counter"].sql, {"name": name, "value": value})
