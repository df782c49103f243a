"""A backup of everything but the mirror, over the connection: any server from version 15 on, near or far.

All tables are read as of one moment. Their locks (which only keep them from being dropped, truncated or altered)
come before that moment, since a truncated table is empty for older moments too. Sequences know no moments: read
last, they stand where the rows need them or beyond.

Rows are COPY's text, which every version reads; a partitioned table is one table, its partitions are named in the
manifest. The schemas of `MIRROR` are left out: `alexandria mirror load` makes them again. `mirror_meta` is in, for
the record; `restore` says what becomes of it.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources.abc import Traversable
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from psycopg import Connection, OperationalError
from psycopg.errors import LockNotAvailable, UndefinedTable
from psycopg.sql import SQL as Text
from psycopg.sql import Composed, Identifier

from alexandria import __version__
from alexandria.db.archive import PIECE, ArchiveWriter, write_whole
from alexandria.db.connect import connect, unavailable
from alexandria.db.manifest import FORMAT, Manifest, MigrationEntry, PartitionEntry, SequenceEntry, TableEntry
from alexandria.db.migrate import migrations, pending
from alexandria.db.statements import load_statements
from alexandria.errors import AlexandriaError, SchemaOutdated

SQL = load_statements(__package__)
MIRROR = ["mirror", "mirror_next", "mirror_previous"]
ATTEMPTS = 10
LOCK_SECONDS = 30
SETTINGS = {
    # what text looks like
    **{"client_encoding": "UTF8", "datestyle": "ISO, YMD", "intervalstyle": "postgres", "timezone": "UTC"},
    **{"extra_float_digits": "3", "bytea_output": "hex", "standard_conforming_strings": "on"},
    # all rows or an error, as long as it takes, but not behind somebody else's lock
    **{"row_security": "off", "statement_timeout": "0", "idle_in_transaction_session_timeout": "0"},
    **{"synchronize_seqscans": "off", "lock_timeout": f"{LOCK_SECONDS}s"},
}


class DatabaseInUse(AlexandriaError):
    """A lock on a table did not come in time."""


class TablesChange(AlexandriaError):
    """Tables come and go faster than they can be locked."""


class Progress(NamedTuple):
    """Where a backup or restore is: the stage, bytes done of bytes in all, bytes of rows so far, the table."""

    stage: str
    done: int
    total: int
    data: int
    table: str


OnProgress = Callable[[Progress], None]


class Table(NamedTuple):
    """A table as the catalogue has it; `size` is what it takes on disk."""

    schema: str
    name: str
    partitioned: bool
    columns: list[str]
    size: int


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds: rows per table, without the mirror."""

    file: Path
    bytes: int
    tables: dict[str, int]
    rows: int
    migration: str
    seconds: float


def backup_name(now: datetime) -> str:
    """The name of a backup's file, such as `alexandria-backup-2026-07-01T120000Z.tar.gz`."""
    return f"alexandria-backup-{now.astimezone(UTC):%Y-%m-%dT%H%M%SZ}.tar.gz"


def write_backup(
    url: str,
    path: Path,
    *,
    force: bool = False,
    on_progress: OnProgress | None = None,
    folder: Traversable | None = None,
) -> Backup:
    """The backup just written; `folder` is another one of migrations. The file is there when it is complete.

    Raises BackupExists, SchemaOutdated, SchemaMismatch, DatabaseUnavailable, DatabaseInUse, OSError.
    """
    begun = monotonic()
    with write_whole(path, force=force) as file, connect(url, autocommit=True) as connection, told(url, connection):
        connection.prepare_threshold = None  # a pooler may stand between
        if len(pending(connection, folder)) == len(migrations(folder)):
            raise SchemaOutdated(
                "the database is empty, there is nothing to back up: check ALEXANDRIA_DATABASE_URL and DATA_DIR"
            )
        tables = _open_snapshot(connection)
        writer = ArchiveWriter(file)
        manifest = _make_manifest(connection, _copy_tables(connection, tables, writer, on_progress))
        writer.finish(manifest)
        size = file.tell()
    counts = {table.label: table.rows for table in manifest.tables}
    last = manifest.migrations[-1].name
    return Backup(path, size, counts, sum(counts.values()), last, round(monotonic() - begun, 3))


@contextmanager
def told(url: str, connection: Connection) -> Iterator[None]:
    """Nothing; a server that goes away and a lock that does not come are told in our words."""
    try:
        yield
    except LockNotAvailable as error:
        raise DatabaseInUse(
            f"the database is in use ({str(error).splitlines()[0]}): stop Alexandria's other processes, "
            "or wait for a running load or migration, then run the command again"
        ) from error
    except OperationalError as error:
        if connection.closed:
            raise unavailable(url, error) from None
        raise


def table_name(schema: str, name: str) -> Identifier:
    """The name as it stands in a statement."""
    return Identifier(schema, name)


def list_tables(connection: Connection, without: list[str]) -> list[Table]:
    """The tables outside these schemas; neither PostgreSQL's nor an extension's nor the list of migrations."""
    return [Table(*row) for row in connection.execute(SQL["list_backup_tables"].sql, {"without": without})]


def use_settings(connection: Connection) -> None:
    """Nothing; the settings hold until the transaction ends."""
    for name, value in SETTINGS.items():
        connection.execute(Text("SET LOCAL {} = {}").format(Identifier(name), value))


def _open_snapshot(connection: Connection) -> list[Table]:
    """The tables, locked, and then a transaction in which all is as of one moment; it ends with the connection."""
    for _ in range(ATTEMPTS):
        with connection.transaction():
            use_settings(connection)  # even to ask for a size waits for locks
            known = [table[:3] for table in list_tables(connection, MIRROR)]
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        use_settings(connection)
        connection.execute("SET LOCAL search_path = ''")  # names of types are written in full
        try:
            if known:
                names = Text(", ").join(table_name(schema, name) for schema, name, _ in known)
                connection.execute(Text("LOCK TABLE {} IN ACCESS SHARE MODE").format(names))
            tables = list_tables(connection, MIRROR)
        except UndefinedTable:
            tables = []
        if tables and [table[:3] for table in tables] == known:
            return tables
        connection.execute("ROLLBACK")
    raise TablesChange("tables are made and dropped too quickly; wait for a running migration, then try again")


def _copy_tables(
    connection: Connection, tables: list[Table], writer: ArchiveWriter, on_progress: OnProgress | None
) -> list[TableEntry]:
    total, before, data = sum(table.size for table in tables), 0, 0
    entries = []
    for number, table in enumerate(tables, 1):

        def tell(size: int, table: Table = table, before: int = before, data: int = data) -> None:
            if on_progress:
                done = before + min(size, table.size)
                on_progress(Progress("backing up", done, total, data + size, f"{table.schema}.{table.name}"))

        tell(0)
        entry = _copy_table(connection, table, number, writer, tell)
        entries.append(entry)
        before, data = before + table.size, data + entry.bytes
        if on_progress:
            on_progress(Progress("backing up", before, total, data, entry.label))
    return entries


def _copy_statement(table: Table) -> Composed:
    columns = Text(", ").join(map(Identifier, table.columns))
    form = "COPY (SELECT {1} FROM {0}) TO STDOUT" if table.partitioned else "COPY {0} ({1}) TO STDOUT"
    return Text(form).format(table_name(table.schema, table.name), columns)


def _copy_table(
    connection: Connection, table: Table, number: int, writer: ArchiveWriter, tell: Callable[[int], None]
) -> TableEntry:
    digest, held, size, piece = hashlib.sha256(), bytearray(), 0, 0

    def write() -> None:
        nonlocal size, piece
        data, piece = bytes(held), piece + 1
        held.clear()
        digest.update(data)
        size += len(data)
        writer.add_piece(number, f"{table.schema}.{table.name}", piece, data)
        tell(size)

    with connection.cursor() as cursor:
        with cursor.copy(_copy_statement(table)) as copy:
            for row in copy:
                held += row
                if len(held) >= PIECE:
                    write()
        if held:
            write()
        rows = cursor.rowcount
    return TableEntry(table.schema, table.name, table.columns, rows, size, digest.hexdigest())


def _make_manifest(connection: Connection, tables: list[TableEntry]) -> Manifest:
    without = {"without": MIRROR}
    sequences = []
    for schema, name in connection.execute(SQL["list_backup_sequences"].sql, without).fetchall():
        statement = Text("SELECT last_value, is_called FROM {}").format(table_name(schema, name))
        value, called = connection.execute(statement).fetchall()[0]
        sequences.append(SequenceEntry(schema, name, value, called))
    return Manifest(
        FORMAT,
        __version__,
        f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        connection.info.parameter_status("server_version") or "",
        [MigrationEntry(*row) for row in connection.execute(SQL["list_backup_migrations"].sql)],
        tables,
        [PartitionEntry(*row) for row in connection.execute(SQL["list_backup_partitions"].sql, without)],
        sequences,
    )
