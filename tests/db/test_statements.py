"""Statements are read whole, with their descriptions, or not at all."""

import sys
from pathlib import Path

import pytest

from alexandria.db import Statement, all_statements, load_statements
from alexandria.db.statements import parse_statements

TWO = """-- Statements of a test.

-- name: find_editions
-- Editions of the given ISBNs,
-- in no order.
SELECT 1 -- not the description
 WHERE 2 = ANY(%(isbns)s);

-- name: count_editions
-- How many editions there are.
SELECT count(*) FROM editions
"""


def test_a_file_gives_its_statements_in_order() -> None:
    find, count = parse_statements(TWO, "x.sql")
    assert find == Statement(
        name="find_editions",
        sql="SELECT 1 -- not the description\n WHERE 2 = ANY(%(isbns)s)",
        doc="Editions of the given ISBNs, in no order.",
    )
    assert (count.name, count.sql) == ("count_editions", "SELECT count(*) FROM editions")


@pytest.mark.parametrize(
    "text",
    [
        "-- name: lonely\nSELECT 1",
        "-- name: empty\n-- No SQL follows.\n",
        "-- name: two words\n-- A name is one word.\nSELECT 1",
        "SELECT 1;\n-- name: late\n-- SQL stands before it.\nSELECT 2",
    ],
)
def test_an_incomplete_statement_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"x\.sql"):
        list(parse_statements(text, "x.sql"))


def make_package(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, **sources: str) -> str:
    (folder / name).mkdir()
    (folder / name / "__init__.py").touch()
    for file, text in sources.items():
        (folder / name / f"{file}.sql").write_text(text)
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, name, raising=False)
    return name


def test_a_package_gives_the_statements_of_all_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    more = "-- name: ping\n-- One.\nSELECT 1"
    name = make_package(tmp_path, monkeypatch, "statements_of_a_test", queries=TWO, more=more)
    assert list(load_statements(name)) == ["ping", "find_editions", "count_editions"]
    assert load_statements(name)["ping"].sql == "SELECT 1"


def test_a_name_used_twice_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = make_package(tmp_path, monkeypatch, "statements_used_twice", one=TWO, two=TWO)
    with pytest.raises(ValueError, match="'find_editions' exists twice"):
        load_statements(name)


def test_migrations_are_no_statements() -> None:
    assert not [path for path, _ in all_statements() if "migrations" in path]
