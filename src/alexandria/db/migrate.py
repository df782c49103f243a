"""Forward migrations: the files `migrations/NNNN_name.sql`, each applied once, in order, in one transaction.

A transaction-level advisory lock makes runners wait for each other, and a killed one leaves nothing behind.

Readers go on meanwhile. Whoever wants to read a table queues behind a migration that waits for the same table, which
may itself wait for a backup of hours; so a migration waits for a lock no longer than `LOCK_WAIT`, then undoes itself
and lets everybody through before it tries again.
"""

import hashlib
import re
import time
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from psycopg import Connection
from psycopg.errors import LockNotAvailable

from alexandria.errors import AlexandriaError, DatabaseTooOld, SchemaMismatch, SchemaOutdated

LOCK = 0x616C6578  # any number nobody else locks: "alex"
LOCK_WAIT = "1s"  # how long readers may have to queue behind a migration that itself waits
ATTEMPTS, PAUSE = 30, 1.0  # seconds between them
_TABLE = """CREATE TABLE IF NOT EXISTS public.alexandria_migrations (
    number int PRIMARY KEY, name text NOT NULL, sha256 text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now())"""
_INSERT = "INSERT INTO public.alexandria_migrations (number, name, sha256) VALUES (%s, %s, %s)"


class TableBusy(AlexandriaError):
    """A migration did not get the lock that it needs: something has used the table for long."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file: its number, its name (`0001_mirror`), its bytes."""

    number: int
    name: str
    sql: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.sql).hexdigest()


def migrations(folder: Traversable | None = None) -> list[Migration]:
    """The migrations this program brings, in order. Raises ValueError for a number used twice."""
    folder = folder or files("alexandria.db") / "migrations"
    named = sorted((file.name, file) for file in folder.iterdir() if re.fullmatch(r"\d{4}_\w+\.sql", file.name))
    found = [Migration(int(name[:4]), name.removesuffix(".sql"), file.read_bytes()) for name, file in named]
    if len({migration.number for migration in found}) < len(found):
        raise ValueError(f"two migrations in {folder} have the same number")
    return found


def migrate(connection: Connection, folder: Traversable | None = None, up_to: int | None = None) -> list[str]:
    """The names of the migrations applied now; none when the database was current. `up_to`: the last number to apply.

    Raises DatabaseTooOld, SchemaMismatch, TableBusy; an error in a file leaves the database as before that file.
    """
    applied: list[str] = []
    while name := _apply_patiently(connection, folder, up_to):
        applied.append(name)
    return applied


def _apply_patiently(connection: Connection, folder: Traversable | None, up_to: int | None) -> str | None:
    for _ in range(ATTEMPTS - 1):
        try:
            return _apply_next(connection, folder, up_to)
        except LockNotAvailable:
            time.sleep(PAUSE)
    try:
        return _apply_next(connection, folder, up_to)
    except LockNotAvailable as error:
        raise TableBusy(
            f"a migration waits for a table that is in use ({str(error).splitlines()[0]}): wait for the running load "
            "or backup, or end the session that holds it, then run `alexandria db migrate` again"
        ) from error


def _apply_next(connection: Connection, folder: Traversable | None, up_to: int | None) -> str | None:
    """The name of the one migration applied now, in a transaction of its own; None when there is none to apply."""
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        waiting = _waiting(connection, folder)
        if not waiting or (up_to is not None and waiting[0].number > up_to):
            return None
        migration = waiting[0]
        before = connection.execute("SELECT current_setting('lock_timeout')").fetchone()
        connection.execute("SELECT set_config('lock_timeout', %s, true)", (LOCK_WAIT,))
        connection.execute(_TABLE)
        connection.execute(migration.sql)
        connection.execute("SELECT set_config('lock_timeout', %s, true)", before)
        connection.execute(_INSERT, (migration.number, migration.name, migration.sha256))
        return migration.name


def pending(connection: Connection, folder: Traversable | None = None) -> list[str]:
    """The names of the migrations the database still lacks, in order. Raises as `migrate` does."""
    with connection.transaction():
        return [migration.name for migration in _waiting(connection, folder)]


def require_current(connection: Connection) -> None:
    """Nothing; raises SchemaOutdated when the database lacks a migration."""
    if names := pending(connection):
        raise SchemaOutdated(f"the database lacks {', '.join(names)}: run `alexandria db migrate`")


def _waiting(connection: Connection, folder: Traversable | None) -> list[Migration]:
    if connection.info.server_version < 150000:
        version = connection.info.parameter_status("server_version")
        raise DatabaseTooOld(f"PostgreSQL {version} is too old: Alexandria needs PostgreSQL 15 or newer")
    ours = {migration.number: migration for migration in migrations(folder)}
    history = _history(connection)
    for number, (name, sha256) in history.items():
        if number not in ours:
            raise SchemaMismatch(f"the database has migration {name}: it is newer than this program; upgrade it")
        if (name, sha256) != (ours[number].name, ours[number].sha256):
            raise SchemaMismatch(
                f"migration {name} was applied in another wording than this program's {ours[number].name}: "
                "restore the file as it was and put the change into a new migration"
            )
    return [migration for number, migration in ours.items() if number not in history]


def _history(connection: Connection) -> dict[int, tuple[str, str]]:
    row = connection.execute("SELECT to_regclass('public.alexandria_migrations') IS NOT NULL").fetchone()
    if row != (True,):
        return {}
    rows = connection.execute("SELECT number, name, sha256 FROM public.alexandria_migrations ORDER BY number")
    return {number: (name, sha256) for number, name, sha256 in rows}
