"""A restore: all of a backup in one transaction, or nothing.

The archive is read twice: first to check every byte of it against the manifest, without a database; then into the
tables. A database without migrations gets those of the archive, then the rows, then the migrations that came later;
one that already has later ones cannot be taken back there and is refused.

`mirror_meta` says what the mirror beside it holds, so it belongs to that mirror and not to the backup, which has
none: a restore never changes it. A database with a mirror keeps its counters, loads and dates; an empty one says,
truly, that nothing was loaded. Its rows are in the archive for whoever wants to read them.

While rows come in, foreign keys are away (they are made and checked again, all rows at once) and triggers sleep.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from itertools import groupby
from pathlib import Path
from time import monotonic
from typing import BinaryIO

from psycopg import Connection
from psycopg.sql import SQL as Text
from psycopg.sql import Composed, Identifier

from alexandria.db.archive import ArchiveReader, Content
from alexandria.db.backup import MIRROR, SQL, OnProgress, Progress, list_tables, table_name, told, use_settings
from alexandria.db.connect import connect
from alexandria.db.manifest import ArchiveRefused, Manifest, PartitionEntry, TableEntry
from alexandria.db.migrate import LOCK, migrate, migrations, pending
from alexandria.errors import AlexandriaError

KEPT = [*MIRROR, "mirror_meta"]
_LITERAL = r"(?:'(?:[^'\\]|'')*'|-?\d+(?:\.\d+)?|MINVALUE|MAXVALUE|NULL|true|false)"
_LIST = rf"\({_LITERAL}(?:, {_LITERAL})*\)"
_BOUND = re.compile(
    rf"DEFAULT|FOR VALUES (?:IN {_LIST}|FROM {_LIST} TO {_LIST}|WITH \(modulus \d+, remainder \d+\))", re.ASCII
)
_ENABLE = {"O": "ENABLE TRIGGER", "R": "ENABLE REPLICA TRIGGER", "A": "ENABLE ALWAYS TRIGGER"}


class DatabaseHoldsRows(AlexandriaError):
    """A restore would replace rows and was not told to."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did: rows per table, the migrations it applied before and after them."""

    file: Path
    tables: dict[str, int]
    rows: int
    migrated: list[str]
    kept: list[str]
    seconds: float


def restore_backup(
    url: str,
    path: Path,
    *,
    force: bool = False,
    on_progress: OnProgress | None = None,
    folder: Traversable | None = None,
) -> Restored:
    """What was restored from the archive; `folder` is another one of migrations.

    Raises ArchiveRefused (nothing was touched), DatabaseHoldsRows unless forced, SchemaMismatch, DatabaseUnavailable,
    DatabaseInUse, OSError.
    """
    begun = monotonic()
    with path.open("rb") as file:
        total = file.seek(0, 2)
        reader = ArchiveReader(file, str(path))
        contents = _read_all(reader, _teller("checking", file, total, on_progress))
        manifest = _check_manifest(reader, contents, folder)
        with connect(url) as connection, told(url, connection), connection.transaction():
            migrated = _prepare(connection, manifest, path, force, folder)
            reader = ArchiveReader(file, str(path))
            rows = _load(connection, reader, manifest, _teller("restoring", file, total, on_progress))
            migrated += _finish(connection, manifest, folder)
    kept = sorted(name for table in manifest.tables if (name := _full(table)) not in rows)
    return Restored(path, rows, sum(rows.values()), migrated, kept, round(monotonic() - begun, 3))


Tell = Callable[[int, str], None]


def _teller(stage: str, file: BinaryIO, total: int, on_progress: OnProgress | None) -> Tell:
    def tell(data: int, table: str) -> None:
        if on_progress:
            on_progress(Progress(stage, min(file.tell(), total), total, data, table))

    return tell


def _full(entry: TableEntry) -> str:
    return f"{entry.schema}.{entry.name}"


def _read_all(reader: ArchiveReader, tell: Tell) -> dict[int, Content]:
    contents: dict[int, Content] = {}
    data = 0
    for number, block in reader.blocks():
        contents.setdefault(number, Content()).add(block)
        data += len(block)
        tell(data, "")
    return contents


def _check_manifest(reader: ArchiveReader, contents: dict[int, Content], folder: Traversable | None) -> Manifest:
    """The manifest of an archive that is whole and of this program's migrations. Raises ArchiveRefused."""
    manifest = reader.manifest
    assert manifest is not None
    for number, table in enumerate(manifest.tables, 1):
        _check_table(reader, table, contents.pop(number, Content()))
    if contents:
        raise reader.refused("it has rows of a table that its manifest does not name")
    for partition in manifest.partitions:
        if not _BOUND.fullmatch(partition.bound):
            raise reader.refused(f"partition {partition.schema}.{partition.name}: an unknown bound")
    _check_migrations(reader.name, manifest, folder)
    return manifest


def _check_table(reader: ArchiveReader, table: TableEntry, content: Content) -> None:
    if (content.size, content.digest.hexdigest()) != (table.bytes, table.sha256):
        raise reader.refused(f"the rows of {_full(table)} are not those that were written")


def _check_migrations(name: str, manifest: Manifest, folder: Traversable | None) -> None:
    ours = {migration.number: migration for migration in migrations(folder)}
    for theirs in manifest.migrations:
        known = ours.pop(theirs.number, None)
        if known is None:
            raise ArchiveRefused(
                f"{name} has migration {theirs.name}, which this program does not know: "
                f"Alexandria {manifest.program} wrote it; upgrade this one"
            )
        if (known.name, known.sha256) != (theirs.name, theirs.sha256):
            raise ArchiveRefused(f"{name} has migration {theirs.name} in another wording than this program's {known.name}")
    last = max((migration.number for migration in manifest.migrations), default=-1)
    if lacks := [migration.name for number, migration in sorted(ours.items()) if number < last]:
        raise ArchiveRefused(f"{name} lacks migration {lacks[0]}, which comes before its last: it cannot be restored")


def _prepare(
    connection: Connection, manifest: Manifest, path: Path, force: bool, folder: Traversable | None
) -> list[str]:
    """The migrations applied: the database is then where the archive was, its tables are locked and empty."""
    use_settings(connection)
    connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
    last = manifest.migrations[-1].number
    waiting = set(pending(connection, folder))
    for migration in migrations(folder):
        if migration.number > last and migration.name not in waiting:
            raise ArchiveRefused(
                f"{path} ends with migration {manifest.migrations[-1].name}, but the database already has "
                f"{migration.name}, which cannot be taken back: restore into a new, empty database (it is migrated after)"
            )
    wanted = [table for table in manifest.tables if table.schema not in KEPT]
    there = {table[:2] for table in list_tables(connection, KEPT)}
    _lock_tables(connection, [table for table in wanted if (table.schema, table.name) in there], force)
    migrated = migrate(connection, folder, last)
    _check_fits(connection, manifest, wanted, path)
    _put_away_keys(connection)
    if wanted:
        connection.execute(Text("TRUNCATE {}").format(_names(wanted)))
    _make_partitions(connection, manifest.partitions)
    return migrated


def _names(tables: list[TableEntry]) -> Composed:
    return Text(", ").join(table_name(table.schema, table.name) for table in tables)


def _lock_tables(connection: Connection, tables: list[TableEntry], force: bool) -> None:
    if not tables:
        return
    connection.execute(Text("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(_names(tables)))
    found = [table for table in tables if not force and _holds_rows(connection, table)]
    if found:
        names = ", ".join(map(_full, found[:5])) + (f" and {len(found) - 5} more" if len(found) > 5 else "")
        raise DatabaseHoldsRows(f"the database already holds rows in {names}: give --force to replace all but the mirror")


def _holds_rows(connection: Connection, table: TableEntry) -> bool:
    statement = Text("SELECT EXISTS (SELECT FROM {})").format(table_name(table.schema, table.name))
    return connection.execute(statement).fetchone() == (True,)
