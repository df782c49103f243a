"""Tables on many servers: which statements ask only those that have the keys, and that nothing else changes.

A cluster needs the extension Citus, which no package registry has: `ALEXANDRIA_TEST_CITUS_URL` names a disposable
database with it (and with workers), else what needs one is skipped. All else is seen on a plain PostgreSQL: its planner
says which conditions stand at each table.
"""

import asyncio
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from alexandria.biblio.isbn import parse_isbn
from alexandria.catalog.lookup import Lookup, Outcome
from alexandria.catalog.records import read_editions, read_works
from alexandria.db import Connection, all_statements, connect, load_statements, migrate
from alexandria.db.distribute import COLUMNS, EVERYWHERE, GROUPS, _give_editions_another_key, distribute
from alexandria.db.reader import number_params
from alexandria.mirror.load import load_dumps
from tests import dumps
from tests.api.conftest import LIBRARY
from tests.pools import opened

SQL = load_statements("alexandria.catalog")
PAGE = Path(__file__).parents[2] / "docs" / "scale.md"
HOT = ("find_by_isbn", "read_editions", "read_overlays", "find_covered", "read_works")
CITUS = os.environ.get("ALEXANDRIA_TEST_CITUS_URL")
ISBNS = [parse_isbn(text) for text in ("9780140328721", "9780306406157", "9791034907625", "9780804429573",
                                       "9780345242235", "9780261102217", "9783161484100")]  # fmt: skip
CONDITIONS = ("Index Cond", "Recheck Cond", "Filter")


@pytest.fixture(scope="module")
def library(session_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a database with a small library, and something learned beside it."""
    url = session_database()
    load(url, tmp_path_factory.mktemp("library"))
    return url


def load(url: str, folder: Path) -> None:
    load_dumps(url, [dumps.write(folder / "library.txt", LIBRARY)])
    with connect(url, autocommit=True) as connection:
        connection.execute(
            """insert into enriched.editions (isbn, work_id, chosen)
            values (9780140328721, null, '{"title": "Told"}'), (9783161484100, 45804, '{"title": "Ours"}')
            on conflict do nothing"""
        )
        connection.execute("insert into enriched.works (work_id, chosen) values (45804, '{}') on conflict do nothing")


# --- plain PostgreSQL -----------------------------------------------------------------------------------------


@pytest.fixture
def planner(library: str) -> Iterator[Connection]:
    with closing(connect(library, autocommit=True)) as connection:
        connection.execute("set plan_cache_mode = force_generic_plan")
        yield connection


def scans(connection: Connection, sql: str) -> list[tuple[str, str]]:
    """Each reading of a table in the plan of a statement: its name, and the conditions that stand there."""
    numbered, order = number_params(sql)
    connection.execute(f"prepare it as {numbered}".encode())
    values = ", ".join(["null"] * len(order))
    row = connection.execute(f"explain (verbose, format json) execute it({values})".encode()).fetchone()
    connection.execute("deallocate it")
    assert row is not None
    return list(_scans(row[0][0]["Plan"]))


def _scans(node: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if "Relation Name" in node:
        yield f"{node['Schema']}.{node['Relation Name']}", " ".join(str(node.get(name, "")) for name in CONDITIONS)
    for inner in node.get("Plans", ()):
        yield from _scans(inner)


def unnamed(connection: Connection, sql: str) -> list[str]:
    """The spread tables that a statement reads without naming the keys that it wants of them."""
    return [
        table
        for table, conditions in scans(connection, sql)
        if table in COLUMNS and not re.search(rf"\b{COLUMNS[table]} = ANY \(\$\d+\)", conditions)
    ]


@pytest.mark.parametrize("name", HOT)
def test_a_hot_statement_names_its_keys_for_every_table(planner: Connection, name: str) -> None:
    sql = SQL[name].text(spread=True)
    read = {table for table, _ in scans(planner, sql)}
    assert read & set(COLUMNS), "it reads none of the spread tables"
    assert unnamed(planner, sql) == []


def test_a_table_without_its_keys_is_seen(planner: Connection) -> None:
    assert set(unnamed(planner, SQL["read_editions"].text(spread=False))) == set(GROUPS[1])
    wrong = "select from mirror.edition_isbns where edition_id = any(%(ids)s::bigint[])"
    assert unnamed(planner, wrong) == ["mirror.edition_isbns"]


def test_statements_that_ask_every_server_are_told_of() -> None:
    """Those of the catalogue that are not hot: the page says what they cost on a cluster."""
    tables = re.compile("|".join(re.escape(table) for table in COLUMNS))
    others = {name for name, statement in SQL.items() if tables.search(statement.sql)} - set(HOT)
    told = set(re.findall(r"`(\w+)`", PAGE.read_text(encoding="utf-8").partition("## Not yet on a cluster")[2]))
    assert others <= told


def test_the_page_names_every_table_and_column() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for table, column in COLUMNS.items():
        assert f"| `{table}` | `{column}` |" in text
    for table in EVERYWHERE:
        assert f"| `{table}` | on every server |" in text


def test_every_spread_form_can_be_prepared(planner: Connection) -> None:
    changed = [statement for _, statement in all_statements() if statement.spread]
    assert len(changed) >= 2
    for statement in changed:
        numbered, order = number_params(statement.spread)
        assert order == number_params(statement.sql)[1]
        result = planner.pgconn.prepare(b"", numbered.encode())
        assert result.error_message == b""


def answers(url: str, *, spread: bool) -> tuple[Mapping[int, Outcome], object, object]:
    """What lookups by ISBN and by key say."""

    async def ask() -> tuple[Mapping[int, Outcome], object, object]:
        async with opened(url, spread=spread) as database:
            lookup = Lookup(database)
            found = await lookup.many(ISBNS)
            editions = await read_editions(database, [(45804, 1, ISBNS[0]), (-20, 20, None), (45804, 12, ISBNS[1])])
            works = await read_works(database, [45804, -20, 5])
            await lookup.close()
            return found, editions, works

    return asyncio.run(ask())


def test_both_forms_say_the_same(library: str) -> None:
    plain, spread = answers(library, spread=False), answers(library, spread=True)
    assert plain == spread
    assert sum(isinstance(outcome, bytes) for outcome in plain[0].values()) == 6
    assert len(plain[1]) == 3  # type: ignore[arg-type]


def test_the_other_key_of_editions_serves_and_the_next_load_has_its_own(
    session_database: Callable[[], str], tmp_path: Path
) -> None:
    """What `distribute` does to a table that every server has: lookups do not notice, a load makes the key it needs."""

    def key() -> str:
        found = connection.execute(
            "select pg_get_constraintdef(oid) from pg_constraint where conrelid = 'mirror.editions'::regclass "
            "and contype = 'p'"
        ).fetchone()
        assert found is not None
        return str(found[0])

    url = session_database()
    load(url, tmp_path)
    before = answers(url, spread=False)
    with connect(url, autocommit=True) as connection:
        for _ in range(2):  # a second time it is as it should be
            _give_editions_another_key(connection)
        assert key() == "PRIMARY KEY (work_id, id)"
        assert answers(url, spread=True) == before
        load_dumps(url, [dumps.write(tmp_path / "again.txt", LIBRARY)])
        assert key() == "PRIMARY KEY (id)"
    assert answers(url, spread=False) == before


# --- a cluster ------------------------------------------------------------------------------------------------

needs_citus = pytest.mark.skipif(not CITUS, reason="ALEXANDRIA_TEST_CITUS_URL names no cluster with Citus")


@needs_citus
def test_on_a_cluster_lookups_ask_the_servers_that_have_the_keys(tmp_path: Path) -> None:
    assert CITUS
    with connect(CITUS, autocommit=True) as connection:
        migrate(connection)
        load(CITUS, tmp_path)
        before = answers(CITUS, spread=False)
        done = distribute(connection)
        assert set(done.spread) | set(done.known) == {*COLUMNS, *EVERYWHERE}
        assert distribute(connection).spread == []
        assert answers(CITUS, spread=True) == before
        sql, _ = number_params(SQL["find_by_isbn"].text(spread=True))
        connection.execute("set plan_cache_mode = force_custom_plan")
        connection.execute(f"prepare it as {sql}".encode())
        rows = connection.execute(b"explain (format json) execute it('{9780140328721}')").fetchone()
        assert rows is not None
        counts = [int(each) for each in re.findall(r'"Task Count": (\d+)', json.dumps(rows[0]))]
        assert counts
        assert set(counts) == {1}
