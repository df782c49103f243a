"""Whether a load fits on the disk and how long it may take, before it starts."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from alexandria.db import Connection, load_statements
from alexandria.errors import DumpRefused, NotEnoughDisk

SQL = load_statements(__package__)
GZIP_MAGIC = b"\x1f\x8b"
GROWTH_GZIP, GROWTH_PLAIN = 3.9, 0.9  # bytes of tables and indexes per byte of file, as measured and rounded up
SPARE = 512 << 20  # write-ahead log, sorting for indexes
FIRST_SPEED = 4 << 20  # bytes of gzip a second: a modest machine, until a load here has told more
GZIP_RATIO = 4.3


class Forecast(NamedTuple):
    """What a load needs: bytes on disk, seconds. `packed` is the size of the files as gzip.

    `free` is None where the database's disk cannot be seen; what an unfinished load takes counts as free, since the
    next one goes on with it or drops it.
    """

    needed: int
    free: int | None
    packed: int
    seconds: float


def forecast(connection: Connection, paths: Sequence[Path]) -> Forecast:
    """The forecast for a load of these files, from their sizes and the speed of the last load here."""
    sizes = [measure(path) for path in paths]
    needed = sum(size * (GROWTH_GZIP if is_gzip else GROWTH_PLAIN) for size, is_gzip in sizes) + SPARE
    packed = int(sum(size if is_gzip else size / GZIP_RATIO for size, is_gzip in sizes))
    row = connection.execute(SQL["find_last_speed"].sql).fetchone()
    speed = row[0] if row and row[0] else FIRST_SPEED
    return Forecast(int(needed), _free(connection), packed, packed / speed)


def check_room(found: Forecast) -> None:
    """Raises NotEnoughDisk when the load would fill the disk."""
    if found.free is not None and found.free < found.needed:
        raise NotEnoughDisk(
            f"the load needs about {found.needed / 1e9:,.1f} GB beside the mirror that serves, and the database's disk "
            f"has {found.free / 1e9:,.1f} GB free; make room, or load a part (--with-isbn, --languages)"
        )


def measure(path: Path) -> tuple[int, bool]:
    """A file's size, and whether it is gzip. Raises DumpRefused when it cannot be read."""
    try:
        with path.open("rb") as file:
            return path.stat().st_size, file.read(2) == GZIP_MAGIC
    except OSError as error:
        raise DumpRefused(f"{path}: cannot be read ({error.strerror or error})") from error


def _free(connection: Connection) -> int | None:
    """Free bytes on the database's disk, when it is on this machine (a server on a Unix socket) and may be seen."""
    if not connection.info.host.startswith("/"):
        return None
    row = connection.execute(SQL["find_data_directory"].sql).fetchone()
    folder = Path(row[0]) if row and row[0] else None
    while folder is not None and folder != folder.parent:
        try:
            return shutil.disk_usage(folder).free + _unfinished(connection)
        except OSError:  # the cluster's own folder is closed to us; its parent is on the same disk
            folder = folder.parent
    return None


def _unfinished(connection: Connection) -> int:
    row = connection.execute(SQL["measure_unfinished"].sql).fetchone()
    return int(row[0]) if row else 0
