"""Forward migrations: the files `migrations/NNNN_name.sql`, each applied once, in order, in one transaction.

A transaction-level advisory lock makes runners wait for each other, and a killed one leaves nothing behind.
"""

import hashlib
import re
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from psycopg import Connection

from alexandria.errors import DatabaseTooOld, SchemaMismatch, SchemaOutdated

LOCK = 0x616C6578  # any number nobody else locks: "alex"
_TABLE = """CREATE TABLE IF NOT EXISTS public.alexandria_migrations (
    number int PRIMARY KEY, name text NOT NULL, sha256 text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now())"""
_INSERT = "INSERT INTO public.alexandria_migrations (number, name, sha256) VALUES (%s, %s, %s)"


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

    Raises DatabaseTooOld, SchemaMismatch; an error in a file leaves the database as before that file.
    """
    applied = []
    for _ in migrations(folder):
        with connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
            waiting = _waiting(connection, folder)
            if not waiting or (up_to is not None and waiting[0].number > up_to):
                break
            migration = waiting[0]
            connection.execute(_TABLE)
            connection.execute(migration.sql)
            connection.execute(_INSERT, (migration.number, migration.name, migration.sha256))
            applied.append(migration.name)
    return applied


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
