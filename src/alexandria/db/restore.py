"""A restore: all of a backup in one transaction, or nothing.

The archive is read twice: first to check every byte of it against the manifest, without a database; then into the
tables. A database without migrations gets those of the archive, then the rows, then the migrations that came later;
one that already has later ones cannot be taken back there and is refused.

`mirror_meta` says what the mirror beside it holds, so it belongs to that mirror and not to the backup, which has
none: a restore never changes it. A database with a mirror keeps its counters, loads and dates; an empty one says,
truly, that nothing was loaded. Its rows are in the archive for whoever wants to read them.

While rows come in, foreign keys are away (they are made and checked again, all rows at once) and triggers sleep.
"""

from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from time import monotonic
from typing import BinaryIO

from alexandria.db.archive import ArchiveReader, Content
from alexandria.db.backup import OnProgress, Progress, told, use_settings
from alexandria.db.connect import connect
from alexandria.db.manifest import ArchiveRefused, Manifest, TableEntry
from alexandria.db.migrate import migrate, migrations
from alexandria.db.replace import (
    Tell,
    analyze,
    keys_put_away,
    load_rows,
    make_partitions,
    make_room,
    set_sequences,
)


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did: rows per table, the migrations it applied before and after them."""

    file: Path
    tables: dict[str, int]
    rows: int
    migrated: list[str]
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
            use_settings(connection)
            migrated = make_room(connection, manifest, path, force, folder)
            with keys_put_away(connection):
                make_partitions(connection, manifest)
                reader = ArchiveReader(file, str(path))
                rows = load_rows(connection, reader, manifest, _teller("restoring", file, total, on_progress))
                set_sequences(connection, manifest)
            migrated += migrate(connection, folder)
            analyze(connection)
    return Restored(path, rows, sum(rows.values()), migrated, round(monotonic() - begun, 3))


def _teller(stage: str, file: BinaryIO, total: int, on_progress: OnProgress | None) -> Tell:
    def tell(data: int, table: str) -> None:
        if on_progress:
            on_progress(Progress(stage, min(file.tell(), total), total, data, table))

    return tell


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
    if manifest is None or not manifest.migrations:
        raise reader.refused("it names no migrations")
    for number, table in enumerate(manifest.tables, 1):
        _check_table(reader, table, contents.pop(number, Content()))
    if contents:
        raise reader.refused("it has rows of a table that its manifest does not name")
    _check_migrations(reader.name, manifest, folder)
    return manifest


def _check_table(reader: ArchiveReader, table: TableEntry, content: Content) -> None:
    if (content.size, content.digest.hexdigest()) != (table.bytes, table.sha256):
        raise reader.refused(f"the rows of {table.label} are not those that were written")


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
            raise ArchiveRefused(
                f"{name} has migration {theirs.name} in another wording than this program's {known.name}"
            )
    last = max(migration.number for migration in manifest.migrations)
    if lacks := [migration.name for number, migration in sorted(ours.items()) if number < last]:
        raise ArchiveRefused(f"{name} lacks migration {lacks[0]}, which comes before its last: it cannot be restored")
