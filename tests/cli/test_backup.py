"""`backup` and `restore`: one file with a date, one readable line for what goes wrong."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Calls

RunSQL = Callable[[str, str], list[tuple[Any, ...]]]
TABLE = "create table public.books_read (id bigint generated always as identity, title text)"


@pytest.fixture
def own(database_url: str, run_sql: RunSQL) -> str:
    """A database with a row of its own, as a migration to come may make it."""
    run_sql(database_url, TABLE)
    run_sql(database_url, "insert into public.books_read (title) values ('Matilda')")
    return database_url


def test_there_and_back(call_on_database: Calls, own: str, tmp_path: Path, run_sql: RunSQL) -> None:
    code, out, err = call_on_database("backup")
    assert code == 0, err
    (path,) = tmp_path.glob("*.tar.gz")
    assert re.fullmatch(r"alexandria-backup-\d{4}-\d\d-\d\dT\d{6}Z\.tar\.gz", path.name)
    assert f"alexandria restore {path.name}" in out
    assert "/s, " in err  # a rate
    run_sql(own, "update public.books_read set title = 'The Twits'")
    code, out, err = call_on_database("restore", path)
    assert (code, out) == (1, "")
    assert "already holds rows in public.books_read: give --force" in err.splitlines()[-1]
    code, out, err = call_on_database("restore", path, "--force")
    assert code == 0, err
    assert re.search(r"restored \d+ rows of \d+ tables", out)
    assert run_sql(own, "select title from public.books_read") == [("Matilda",)]


def test_json(call_on_database: Calls, own: str, tmp_path: Path) -> None:
    done = call_on_database.result("backup", "--out", tmp_path / "b.tar.gz")
    assert done["file"] == str(tmp_path / "b.tar.gz")
    assert done["bytes"] == (tmp_path / "b.tar.gz").stat().st_size
    assert done["tables"]["public.books_read"] == 1
    restored = call_on_database.result("restore", tmp_path / "b.tar.gz", "--force")
    assert restored["tables"]["public.books_read"] == 1
    assert restored["rows"] == sum(restored["tables"].values())
    assert restored["migrated"] == []


def test_errors_are_one_line(
    call_on_database: Calls, own: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "none.tar.gz").write_text("nothing")
    (tmp_path / "folder").mkdir()
    call_on_database.result("backup", "--out", "good.tar.gz")
    for arguments, says in (
        (("restore", "none.tar.gz"), "none.tar.gz is damaged or no backup of Alexandria"),
        (("restore", "missing.tar.gz"), "missing.tar.gz: No such file or directory; check the path"),
        (("restore", "folder"), "folder: Is a directory"),
        (("backup", "--out", "none.tar.gz"), "none.tar.gz is there already: give --force"),
        (("backup", "--out", "nowhere/b.tar.gz"), "nowhere/b.tar.gz: No such file or directory; check the path"),
    ):
        code, out, err = call_on_database(*arguments)
        assert (code, out, err.count("\n")) == (1, "", 1), err
        assert says in err
    assert (tmp_path / "none.tar.gz").read_text() == "nothing"
    monkeypatch.setenv("ALEXANDRIA_DATABASE_URL", "postgresql://me:hunter2@127.0.0.1:1/x")
    for arguments in (("backup", "--out", "away.tar.gz"), ("restore", "good.tar.gz")):
        code, out, err = call_on_database(*arguments)
        assert (code, out) == (1, "")
        assert "127.0.0.1:1 is not available" in err.splitlines()[-1]
        assert "hunter2" not in err
    assert not (tmp_path / "away.tar.gz").exists()
