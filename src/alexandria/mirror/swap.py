"""Putting a mirror in the place of another, in one transaction; readers keep what they have until it commits."""

from collections.abc import Mapping
from datetime import UTC, datetime

from alexandria.db import Connection, load_statements
from alexandria.errors import LoadFailed, NothingToRollBack
from alexandria.mirror.readers import KINDS
from alexandria.mirror.replay import replay_changes

SQL = load_statements(__package__)


def swap(connection: Connection, load_id: int, counts: Mapping[str, int]) -> None:
    """Makes `mirror_next` the mirror and the mirror `mirror_previous`, inside the caller's transaction."""
    drop_previous(connection)
    connection.execute(SQL["keep_counters"].sql)
    connection.execute("alter schema mirror rename to mirror_previous")
    connection.execute("alter schema mirror_next rename to mirror")
    connection.execute(SQL["retire_load"].sql, {"from": "live", "to": "previous"})
    _set_state(connection, load_id, "live", counts)


def drop_previous(connection: Connection) -> None:
    """Gives up the mirror before the live one, and its disk space."""
    connection.execute("drop schema if exists mirror_previous cascade")
    connection.execute(SQL["retire_load"].sql, {"from": "previous", "to": "replaced"})


def note_freshness(connection: Connection, load_id: int, newest: Mapping[str, str]) -> None:
    """Nothing; the dump that serves now is on record, and has made up for what was missing from before it was cut."""
    cut = _cut_of(newest)
    if cut or not newest:
        _set_metadata(connection, "ol_full_dump_version", cut[:10])
    _set_metadata(connection, "ol_full_dump_last_run", datetime.now(UTC).isoformat(timespec="seconds"))
    if connection.execute(SQL["has_other_part"].sql).fetchone() == (True,):
        _set_metadata(connection, "ol_last_changes_sync", "")  # changes of the other records were not followed
    if cut:
        before = datetime.fromisoformat(cut).replace(tzinfo=UTC)
        connection.execute(SQL["close_gaps_before"].sql, {"load": load_id, "before": before})
        connection.execute(SQL["forget_old_behind"].sql, {"before": before})


def _cut_of(newest: Mapping[str, str]) -> str:
    """When a dump of records was cut: the time of its newest one; what readers say has days of its own."""
    return max((time for name, time in newest.items() if name not in KINDS), default="")


def roll_back(connection: Connection) -> None:
    """Makes the mirror before this one the mirror again (and this one the previous), in one transaction.

    What was changed in this one since it came, record by record, is changed in the other too; what came with its dump
    will be followed again. Raises NothingToRollBack when there is none, LoadFailed while a load is running.
    """
    with connection.transaction():
        _refuse_load(connection)
        found = connection.execute(SQL["find_live_and_previous"].sql).fetchall()
        loads = {state: (load, counts, newest) for state, load, counts, newest, _ in found}
        if len(loads) < 2:
            raise NothingToRollBack("there is no previous mirror: none was replaced yet, or a later load has begun")
        connection.execute("alter schema mirror_previous rename to mirror_next")
        changed = replay_changes(connection, max(started for *_, started in found))
        connection.execute(SQL["keep_counters"].sql)
        connection.execute("alter schema mirror rename to mirror_previous")
        connection.execute("alter schema mirror_next rename to mirror")
        (live, _, _), (previous, counts, newest) = loads["live"], loads["previous"]
        connection.execute(SQL["retire_load"].sql, {"from": "live", "to": "previous"})
        if connection.execute(SQL["counts_readers"].sql).fetchone():
            counts = dict.fromkeys(KINDS, 0) | counts
        _set_state(connection, previous, "live", {name: value + changed[name] for name, value in counts.items()})
        connection.execute(SQL["open_gaps_of"].sql, {"load": live})
        _set_metadata(connection, "ol_full_dump_version", _cut_of(newest)[:10])
        _set_metadata(connection, "ol_last_changes_sync", "")  # what the other dump brought is to be read again


def _refuse_load(connection: Connection) -> None:
    """Raises LoadFailed while a load is under way; what an abandoned one has left is removed."""
    row = connection.execute(SQL["lock_loader_for_now"].sql).fetchone()
    if row != (True,):
        raise LoadFailed("a load is running on this database: wait for it or stop it")
    if connection.execute(SQL["has_next"].sql).fetchone() == (True,):
        connection.execute("drop schema mirror_next cascade")
        connection.execute(SQL["close_open_loads"].sql, {"id": 0})


def _set_state(connection: Connection, load_id: int, state: str, counts: Mapping[str, int]) -> None:
    """Moves a load; the live one's counts are what /api/stats and `mirror status` read."""
    values = {"id": load_id, "state": state, "reason": None, "counts": None, "newest": None}
    connection.execute(SQL["set_load_state"].sql, values)
    for name, value in counts.items():
        connection.execute(SQL["set_counter"].sql, {"name": name, "value": value})


def _set_metadata(connection: Connection, key: str, value: str) -> None:
    connection.execute(SQL["set_sync_metadata"].sql, {"key": key, "value": value})
