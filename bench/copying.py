"""The same rows by plain COPY: what PostgreSQL takes when nothing has to be read, parsed, checked or swapped."""

import time
from pathlib import Path

from alexandria.db import Connection, connect, load_statements
from alexandria.mirror.build import TABLES

SQL = load_statements("alexandria.mirror")
PIECE = 1 << 20


def export(url: str, folder: Path) -> list[Path]:
    """The files, in COPY's text format, that hold the mirror's tables (those that have rows)."""
    written = []
    with connect(url) as connection:
        for table in TABLES:
            path = folder / f"{table}.copy"
            statement = f"copy (select * from mirror.{table}) to stdout".encode()
            with connection.cursor() as cursor, path.open("wb") as file, cursor.copy(statement) as copy:
                for piece in copy:
                    file.write(piece)
            if path.stat().st_size:
                written.append(path)
    return written


def copy_plainly(url: str, files: list[Path]) -> float:
    """Seconds to copy exported files into fresh tables, add the same keys and indexes, vacuum and analyse.

    One connection, and each table is made in the transaction that fills it: with `wal_level = minimal` that is not
    logged, so this is PostgreSQL's quickest way.
    """
    with connect(url, autocommit=True) as connection:
        connection.execute("drop schema if exists plain cascade")
        connection.execute("checkpoint")
        begun = time.perf_counter()
        connection.execute("create schema plain")
        for path in files:
            _copy_table(connection, path)
        _add_indexes(connection, {path.stem for path in files})
        for path in files:
            connection.execute(f"vacuum (analyze) plain.{path.stem}".encode())
        seconds = time.perf_counter() - begun
        connection.execute("drop schema plain cascade")
        return seconds


def _copy_table(connection: Connection, path: Path) -> None:
    table = path.stem
    with connection.transaction(), connection.cursor() as cursor, path.open("rb") as file:
        cursor.execute(f"create table plain.{table} (like mirror.{table} including all excluding indexes)".encode())
        with cursor.copy(f"copy plain.{table} from stdin".encode()) as copy:
            while piece := file.read(PIECE):
                copy.write(piece)


def _add_indexes(connection: Connection, tables: set[str]) -> None:
    for table, name, is_primary, definition in connection.execute(SQL["find_keys_and_indexes"].sql).fetchall():
        if table not in tables:
            continue
        if is_primary:
            connection.execute(f"alter table plain.{table} add constraint {name} {definition}".encode())
        else:
            connection.execute(definition.replace(f" ON mirror.{table} ", f" ON plain.{table} ").encode())
