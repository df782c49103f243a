"""The database's side of a restore: room for an archive's rows, the rows, and all around them as it was."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources.abc import Traversable
from itertools import groupby
from pathlib import Path

from psycopg import Connection
from psycopg.sql import SQL as Text
from psycopg.sql import Composed, Identifier

from alexandria.db.archive import ArchiveReader, Content
from alexandria.db.backup import MIRROR, SQL, list_tables, table_name
from alexandria.db.manifest import ArchiveRefused, Manifest, TableEntry
from alexandria.db.migrate import LOCK, migrate, migrations, pending
from alexandria.errors import AlexandriaError

KEPT = [*MIRROR, "mirror_meta"]
WITHOUT = {"without": KEPT}
_ENABLE = {"O": "ENABLE TRIGGER", "R": "ENABLE REPLICA TRIGGER", "A": "ENABLE ALWAYS TRIGGER"}
Tell = Callable[[int, str], None]


class DatabaseHoldsRows(AlexandriaError):
    """A restore would replace rows and was not told to."""


def make_room(
    connection: Connection, manifest: Manifest, path: Path, force: bool, folder: Traversable | None
) -> list[str]:
    """The migrations applied: the database is then where the archive was, and the archive's tables are locked.

    Raises ArchiveRefused when they do not fit, DatabaseHoldsRows unless forced.
    """
    connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
    last = manifest.migrations[-1]
    waiting = pending(connection, folder)
    for migration in migrations(folder):
        if migration.number > last.number and migration.name not in waiting:
            raise ArchiveRefused(
                f"{path} ends with migration {last.name}, but the database already has {migration.name}, which cannot "
                "be taken back: restore into a new, empty database; it is brought up to date afterwards"
            )
    there = {table[:2] for table in list_tables(connection, KEPT)}
    _lock([table for table in _wanted(manifest) if (table.schema, table.name) in there], connection, force)
    applied = migrate(connection, folder, last.number)
    _check_fit(connection, manifest, path)
    return applied


def _wanted(manifest: Manifest) -> list[TableEntry]:
    return [table for table in manifest.tables if table.schema not in KEPT]


def _lock(tables: list[TableEntry], connection: Connection, force: bool) -> None:
    """Nobody reads or writes the tables until the end. Raises DatabaseHoldsRows unless forced."""
    if tables:
        connection.execute(Text("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(_names(tables)))
    found = [table.label for table in tables if not force and _holds_rows(connection, table)]
    if found:
        names = ", ".join(found[:5]) + (f" and {len(found) - 5} more" if len(found) > 5 else "")
        raise DatabaseHoldsRows(
            f"the database already holds rows in {names}: give --force to replace everything but the mirror"
        )


def _names(tables: list[TableEntry]) -> Composed:
    return Text(", ").join(table_name(table.schema, table.name) for table in tables)


def _holds_rows(connection: Connection, table: TableEntry) -> bool:
    statement = Text("SELECT EXISTS (SELECT FROM {})").format(table_name(table.schema, table.name))
    return connection.execute(statement).fetchone() == (True,)


def _check_fit(connection: Connection, manifest: Manifest, path: Path) -> None:
    """Nothing; raises ArchiveRefused when the migrations did not make what the archive has."""
    tables = {table[:2]: table.columns for table in list_tables(connection, KEPT)}
    missing = [
        table.label
        for table in _wanted(manifest)
        if set(tables.get((table.schema, table.name), ())) != set(table.columns)
    ]
    sequences = set(connection.execute(SQL["list_backup_sequences"].sql, WITHOUT).fetchall())
    missing += [
        f"{entry.schema}.{entry.name}"
        for entry in manifest.sequences
        if entry.schema not in KEPT and (entry.schema, entry.name) not in sequences
    ]
    if missing:
        raise ArchiveRefused(
            f"{path} has {', '.join(missing[:5])}, which the migrations of Alexandria do not make so: "
            "they were made or altered by hand; drop them there and take another backup"
        )


def make_partitions(connection: Connection, manifest: Manifest) -> None:
    """Nothing; the archive's tables are empty, and each has the partitions it had."""
    wanted = _wanted(manifest)
    if wanted:
        connection.execute(Text("TRUNCATE {}").format(_names(wanted)))
    found = connection.execute(SQL["list_backup_partitions"].sql, WITHOUT).fetchall()
    known = {(parent_schema, parent, bound) for _, _, parent_schema, parent, bound in found}
    for entry in manifest.partitions:
        if entry.parent_schema not in KEPT and (entry.parent_schema, entry.parent, entry.bound) not in known:
            partition, parent = table_name(entry.schema, entry.name), table_name(entry.parent_schema, entry.parent)
            statement = Text("CREATE TABLE {} PARTITION OF {} ").format(partition, parent)
            connection.execute(statement + Text(entry.bound))


@contextmanager
def keys_put_away(connection: Connection) -> Iterator[None]:
    """Nothing; within, rows may come in any order and no trigger sees them; after, foreign keys have been checked."""
    keys = connection.execute(SQL["list_foreign_keys"].sql, WITHOUT).fetchall()
    triggers = connection.execute(SQL["list_triggers"].sql, WITHOUT).fetchall()
    for schema, table, name, _ in keys:
        _alter(connection, schema, table, "DROP CONSTRAINT", name)
    for schema, table, name, _ in triggers:
        _alter(connection, schema, table, "DISABLE TRIGGER", name)
    yield
    for schema, table, name, definition in keys:
        _alter(connection, schema, table, "ADD CONSTRAINT", name, definition)
    for schema, table, name, enabled in triggers:
        _alter(connection, schema, table, _ENABLE[enabled], name)


def _alter(connection: Connection, schema: str, table: str, action: str, name: str, rest: str = "") -> None:
    words = Text(" ").join([Text(action), Identifier(name), Text(rest)])
    connection.execute(Text("ALTER TABLE {} {}").format(table_name(schema, table), words))


def load_rows(connection: Connection, reader: ArchiveReader, manifest: Manifest, tell: Tell) -> dict[str, int]:
    """The rows per table, each as many and the very bytes that the manifest says. Raises ArchiveRefused."""
    counts = {table.label: 0 for table in _wanted(manifest)}
    data = 0
    for number, blocks in groupby(reader.blocks(), key=lambda block: block[0]):
        table = manifest.tables[number - 1]
        if table.schema in KEPT:
            continue  # groupby reads over it
        content = Content()
        columns = Text(", ").join(map(Identifier, table.columns))
        statement = Text("COPY {} ({}) FROM STDIN").format(table_name(table.schema, table.name), columns)
        with connection.cursor() as cursor:
            with cursor.copy(statement) as copy:
                for _, block in blocks:
                    content.add(block)
                    copy.write(block)
                    tell(data + content.size, table.label)
            counts[table.label] = cursor.rowcount
        data += content.size
        if content.digest.hexdigest() != table.sha256:
            raise reader.refused(f"the rows of {table.label} changed while they were read")
    for table in _wanted(manifest):
        if counts[table.label] != table.rows:
            raise reader.refused(f"{table.label} has {counts[table.label]} rows instead of {table.rows}")
    return counts


def set_sequences(connection: Connection, manifest: Manifest) -> None:
    """Nothing; every sequence goes on where it was. Only RESTART can be undone; after it, setval is undone with it."""
    for entry in manifest.sequences:
        if entry.schema in KEPT:
            continue
        sequence = table_name(entry.schema, entry.name)
        connection.execute(Text("ALTER SEQUENCE {} RESTART WITH {}").format(sequence, entry.last_value))
        if entry.is_called:
            values = {"schema": entry.schema, "name": entry.name, "value": entry.last_value}
            connection.execute(SQL["set_sequence"].sql, values)


def analyze(connection: Connection) -> None:
    """Nothing; plans know the new rows."""
    if tables := list_tables(connection, KEPT):
        names = Text(", ").join(table_name(table.schema, table.name) for table in tables)
        connection.execute(Text("ANALYZE {}").format(names))
