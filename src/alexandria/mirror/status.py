"""What the mirror holds, where it came from and what it costs on disk."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alexandria.db import Connection, load_statements

SQL = load_statements(__package__)


@dataclass(frozen=True, slots=True)
class Reject:
    """The lines of one load that became no row for one reason, in all its files, and the first of them."""

    reason: str
    count: int
    sample: str


@dataclass(frozen=True, slots=True)
class Load:
    """A load, however it ended. `reason` says why it was refused or failed."""

    id: int
    state: str
    reason: str | None
    started_at: datetime
    finished_at: datetime | None
    lines: int
    rejects: list[Reject]


@dataclass(frozen=True, slots=True)
class MirrorStatus:
    """The live mirror: rows and bytes per table, the newest record of each dump in it, and the last load."""

    loaded: bool
    rows: Mapping[str, int]
    disk_bytes: Mapping[str, int]
    bytes_per_edition: float | None
    files: list[str]
    newest: Mapping[str, str]
    sync: Mapping[str, str | None]
    last_load: Load | None


def read_status(connection: Connection) -> MirrorStatus:
    """The state of the mirror, from maintained counters and the catalogue of tables: quick at any size."""
    rows: dict[str, int] = dict(connection.execute(SQL["list_counters"].sql).fetchall())
    disk = {name: int(size) for name, size in connection.execute(SQL["measure_disk"].sql).fetchall()}
    live = connection.execute(SQL["find_live_load"].sql).fetchone()
    editions = rows.get("editions", 0)
    return MirrorStatus(
        loaded=live is not None,
        rows=rows,
        disk_bytes=disk,
        bytes_per_edition=sum(disk.values()) / editions if editions else None,
        files=list(live[3]) if live else [],
        newest=dict(live[1]) if live else {},
        sync={row[0]: row[1] or None for row in connection.execute(SQL["list_sync_metadata"].sql).fetchall()},
        last_load=_read_last_load(connection),
    )


def _read_last_load(connection: Connection) -> Load | None:
    row = connection.execute(SQL["find_last_load"].sql).fetchone()
    if row is None:
        return None
    chunks = connection.execute(SQL["find_chunks"].sql, {"load_id": row[0]}).fetchall()
    lines = sum(chunk[2] for chunk in chunks)
    return Load(row[0], row[1], row[2], row[3], row[4], lines, read_rejects(connection, row[0]))


def read_rejects(connection: Connection, load_id: int) -> list[Reject]:
    """The rejects of a load by reason, the most frequent first."""
    found: dict[str, Reject] = {}
    rows: list[tuple[Any, ...]] = connection.execute(SQL["list_rejects"].sql, {"load_id": load_id}).fetchall()
    for _, reason, count, sample in rows:
        before = found.get(reason)
        found[reason] = Reject(reason, count + before.count, before.sample) if before else Reject(reason, count, sample)
    return sorted(found.values(), key=lambda reject: (-reject.count, reject.reason))
