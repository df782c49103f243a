"""From each release that is kept to this program: nothing is lost, and a release that still runs can go on reading."""

import asyncio
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import psycopg
import pytest

from alexandria.db import Connection, connect, migrate, require_current
from alexandria.db.migrate import TableBusy
from tests.conftest import fresh_database
from tests.db.test_every_statement import problem
from tests.upgrade.release import Release, releases, run
from tests.upgrade.telling import tell
from tests.waiting import until

RunSQL = Callable[[str, str], list[tuple[Any, ...]]]
# A migration as docs/how-to/upgrade.md wants it: what takes long first, what readers queue behind last.
NEXT = """
create table enriched.next (isbn bigint primary key, said text not null default '');
insert into enriched.next select isbn from enriched.editions;
select pg_sleep(0.3);
create index next_said on enriched.next (said);
alter table enriched.editions add column next_field text;
alter table mirror.editions add column next_field text;
"""
FIND = "catalog.find_by_isbn"


@pytest.fixture(scope="module", params=releases(), ids=lambda release: release.folder.name)
def release(request: pytest.FixtureRequest) -> Release:
    found: Release = request.param
    return found


@pytest.fixture(scope="module")
def restored(release: Release, server_url: str) -> Iterator[str]:
    """The database of the release, as it was; to be copied."""
    for url in fresh_database(server_url, "TEMPLATE template0"):
        release.restore(url)
        yield url


@pytest.fixture
def url(restored: str, server_url: str, run_sql: RunSQL) -> Iterator[str]:
    """A copy of it."""
    name = run_sql(restored, "select current_database()")[0][0]
    yield from fresh_database(server_url, f"TEMPLATE {name}")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program's migrations and one that may come."""
    made = tmp_path_factory.mktemp("migrations")
    for file in (files("alexandria.db") / "migrations").iterdir():
        if file.name.endswith(".sql"):
            (made / file.name).write_bytes(file.read_bytes())
    (made / "9001_next.sql").write_text(NEXT)
    return made


def test_a_release_is_kept() -> None:
    assert releases()


def test_nothing_is_lost(release: Release, url: str) -> None:
    counts = release.counts()
    assert counts.pop("public.alexandria_migrations") > 0
    with connect(url) as connection:
        migrate(connection)
        require_current(connection)
        now = {table: connection.execute(f"select count(*) from {table}".encode()).fetchall() for table in counts}
    assert {table: rows[0][0] for table, rows in now.items()} == counts
    assert sum(1 for rows in counts.values() if rows) > 20


def test_the_program_says_what_the_release_said(release: Release, url: str) -> None:
    before = release.told()
    with connect(url) as connection:
        migrate(connection)
    after = asyncio.run(tell(url, [int(name.split()[1]) for name in before if name.startswith("edition ")]))
    assert {name: _shared(after[name], said) for name, said in before.items()} == before


def _shared(after: Any, before: Any) -> Any:
    """What is said now without fields that the release did not have."""
    if isinstance(after, dict) and isinstance(before, dict):
        return {name: _shared(after[name], before[name]) for name in before if name in after}
    return after


def test_statements_of_the_release_go_on(release: Release, url: str, folder: Path) -> None:
    """Lookups find the same rows, all others are understood, but for those that `retired.txt` names."""
    path = release.folder / "retired.txt"
    retired = set(path.read_text().split()) if path.exists() else set()
    statements = release.statements()
    with connect(url, autocommit=True) as connection:
        migrate(connection, folder)
        connection.execute("create schema mirror_next")
        for asked in release.asked():
            assert run(connection, statements[asked.name], asked.params) == asked.rows, asked.name
        known = {name: each for name, each in statements.items() if "mirror_next" not in each.sql}
        broken = {name for name, each in known.items() if problem(connection, each.sql)}
    assert broken == retired
    assert FIND not in retired


@contextmanager
def reading(release: Release, url: str, lock_timeout: str) -> Iterator[list[Any]]:
    """Lookups by the release's statement, one after the other in a thread: True for each, or the error at the end."""
    statement = release.statements()[FIND]
    asked = next(each for each in release.asked() if each.name == FIND)
    answers: list[Any] = []
    leaving = threading.Event()

    def read() -> None:
        with connect(url, autocommit=True) as connection:
            connection.execute(f"set lock_timeout = '{lock_timeout}'".encode())
            try:
                while not leaving.is_set():
                    answers.append(run(connection, statement, asked.params) == asked.rows)
            except psycopg.Error as error:
                answers.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    try:
        until(lambda: bool(answers))
        yield answers
    finally:
        leaving.set()
        thread.join()


def test_lookups_go_on_while_the_database_migrates(release: Release, url: str, folder: Path) -> None:
    """None waits for a lock for more than a second, and each finds what it should."""
    with reading(release, url, "1s") as answers, connect(url) as connection:
        before = len(answers)
        assert migrate(connection, folder)[-1] == "9001_next"
        assert len(answers) > before + 1
        after = len(answers)
        until(lambda: len(answers) > after)
    assert set(answers) == {True}


def test_a_migration_that_keeps_readers_waiting_is_seen(
    release: Release, url: str, folder: Path, tmp_path: Path
) -> None:
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "9002_bad.sql").write_text("lock table enriched.editions; select pg_sleep(0.6);")
    with reading(release, url, "200ms") as answers, connect(url) as connection:
        migrate(connection, tmp_path)
    assert isinstance(answers[-1], psycopg.errors.LockNotAvailable)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Migrations that wait 0.1 s for a table, and try it five times."""
    module = sys.modules[migrate.__module__]  # `alexandria.db.migrate` is the function
    for name, value in {"LOCK_WAIT": "100ms", "ATTEMPTS": 5, "PAUSE": 0.02}.items():
        monkeypatch.setattr(module, name, value)


@contextmanager
def held(url: str) -> Iterator[Connection]:
    """Somebody reads a table in a transaction that stays open, as a backup does."""
    with connect(url) as connection:
        connection.execute("select 1 from enriched.editions limit 1")
        yield connection


@pytest.mark.usefixtures("impatient")
def test_a_migration_that_waits_lets_readers_through(release: Release, url: str, folder: Path) -> None:
    with reading(release, url, "1s") as answers, held(url) as holder:
        with connect(url) as connection, pytest.raises(TableBusy, match="a table that is in use"):
            migrate(connection, folder)
        after = len(answers)
        until(lambda: len(answers) > after)
        holder.rollback()
        with connect(url) as connection:
            assert migrate(connection, folder) == ["9001_next"]
    assert set(answers) == {True}
