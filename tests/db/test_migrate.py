"""Migrations are applied once each, in order, whole, by whoever comes first."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from alexandria.db import connect, migrate, pending, require_current
from alexandria.db.migrate import migrations
from alexandria.errors import DatabaseTooOld, SchemaMismatch, SchemaOutdated

RunSQL = Callable[[str, str], list[tuple[Any, ...]]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "0001_first.sql").write_text("CREATE TABLE first (n int); INSERT INTO first VALUES (1);")
    (tmp_path / "0002_second.sql").write_text("CREATE TABLE second (n int); SELECT '100%';")
    return tmp_path


def test_the_program_s_migrations_apply_once(empty_database_url: str) -> None:
    names = [migration.name for migration in migrations()]
    with connect(empty_database_url) as connection:
        with pytest.raises(SchemaOutdated, match="0000_base"):
            require_current(connection)
        assert pending(connection) == names
        assert migrate(connection) == names
        assert migrate(connection) == pending(connection) == []
        require_current(connection)


def test_our_role_plans_without_jit(empty_database_url: str, run_sql: RunSQL) -> None:
    with connect(empty_database_url) as connection:
        migrate(connection)
    assert run_sql(empty_database_url, "SHOW jit") == [("off",)]
    assert run_sql(empty_database_url, "SHOW random_page_cost") == [("1.1",)]


def test_a_later_migration_is_added(empty_database_url: str, folder: Path) -> None:
    with connect(empty_database_url) as connection:
        assert migrate(connection, folder) == ["0001_first", "0002_second"]
        (folder / "0003_third.sql").write_text("CREATE TABLE third (n int)")
        assert pending(connection, folder) == ["0003_third"]
        assert migrate(connection, folder) == ["0003_third"]


@pytest.mark.parametrize("last", ["SELECT 1 / 0", "DROP TABLE public.alexandria_migrations"])
def test_a_failing_migration_leaves_nothing_of_itself(
    empty_database_url: str, folder: Path, run_sql: RunSQL, last: str
) -> None:
    (folder / "0002_second.sql").write_text(f"CREATE TABLE second (n int); {last};")
    with connect(empty_database_url) as connection:
        with pytest.raises(psycopg.Error):
            migrate(connection, folder)
        assert pending(connection, folder) == ["0002_second"]
    found = run_sql(empty_database_url, "SELECT to_regclass('first') IS NULL, to_regclass('second') IS NULL")
    assert found == [(False, True)]


def test_a_changed_migration_is_refused(empty_database_url: str, folder: Path) -> None:
    with connect(empty_database_url) as connection:
        migrate(connection, folder)
        (folder / "0001_first.sql").write_text("CREATE TABLE first (n bigint);")
        with pytest.raises(SchemaMismatch, match="0001_first"):
            migrate(connection, folder)
        with pytest.raises(SchemaMismatch, match="0001_first"):
            pending(connection, folder)


def test_a_database_newer_than_the_program_is_refused(empty_database_url: str, folder: Path) -> None:
    with connect(empty_database_url) as connection:
        migrate(connection, folder)
        (folder / "0002_second.sql").unlink()
        with pytest.raises(SchemaMismatch, match=r"0002_second.*newer than this program"):
            migrate(connection, folder)


def test_a_number_used_twice_is_refused(folder: Path) -> None:
    (folder / "0002_another.sql").touch()
    with pytest.raises(ValueError, match="same number"):
        migrations(folder)


def test_an_old_postgresql_is_refused(empty_database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psycopg.ConnectionInfo, "server_version", 140012)
    with connect(empty_database_url) as connection, pytest.raises(DatabaseTooOld, match="15 or newer"):
        migrate(connection)


def test_racing_processes_apply_each_once(empty_database_url: str, folder: Path) -> None:
    for number in range(3, 13):
        (folder / f"{number:04}_more.sql").write_text(f"CREATE TABLE more{number} (); SELECT pg_sleep(0.01)")
    script = (
        "import sys, pathlib; from alexandria.db import connect, migrate\n"
        "connection = connect(sys.argv[1]); print('ready', flush=True); sys.stdin.readline()\n"
        "print(*migrate(connection, pathlib.Path(sys.argv[2])))\n"
    )
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", script, empty_database_url, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    assert [racer.stdout.readline() for racer in racers if racer.stdout] == ["ready\n"] * 3
    for racer in racers:
        assert racer.stdin
        racer.stdin.write("go\n")
        racer.stdin.flush()
    applied = [racer.communicate()[0].split() for racer in racers]
    assert [racer.returncode for racer in racers] == [0, 0, 0]
    assert sorted(name for names in applied for name in names) == [migration.name for migration in migrations(folder)]
