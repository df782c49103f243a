"""PostgreSQL understands every statement of the program: its tables, columns, types and functions exist."""

import re
from collections.abc import Iterator
from contextlib import closing

import pytest

from alexandria.db import Connection, Statement, all_statements, connect

_PERCENT = re.compile(r"%(?:(%)|\((\w+)\)[sbt]|)")


def numbered(sql: str) -> str:
    """The SQL with $1, $2, … for psycopg's placeholders. Raises ValueError for a lone per cent sign."""
    names: dict[str, int] = {}

    def replace(match: re.Match[str]) -> str:
        if match[1]:
            return "%"
        if not match[2]:
            raise ValueError("a per cent sign must be written %%")
        return f"${names.setdefault(match[2], len(names) + 1)}"

    return _PERCENT.sub(replace, sql)


def problem(connection: Connection, sql: str) -> str:
    """What PostgreSQL has against a statement; "" when nothing."""
    try:
        result = connection.pgconn.prepare(b"", numbered(sql).encode())
    except ValueError as error:
        return str(error)
    return result.error_message.decode().strip()


# `mirror_next` exists only while a load builds it
MIRROR_NEXT = """DO $$ DECLARE name text; BEGIN
    CREATE SCHEMA mirror_next;
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'mirror' LOOP
        EXECUTE format('CREATE TABLE mirror_next.%I (LIKE mirror.%I INCLUDING ALL)', name, name);
    END LOOP;
END $$"""
MERGED = "follow_merges"  # makes a table that other statements of its session read


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    with closing(connect(database_url, autocommit=True)) as opened:
        opened.execute(MIRROR_NEXT)
        [made] = [statement.sql for _, statement in all_statements() if statement.name == MERGED]
        opened.execute(made.encode())
        yield opened


def test_every_statement_can_be_prepared(connection: Connection) -> None:
    problems = {
        f"{path}: {statement.name}": said
        for path, statement in all_statements()
        if (said := problem(connection, statement.sql))
    }
    assert problems == {}


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT numbr FROM public.alexandria_migrations",
        "SELECT number FROM public.alexandria_migration",
        "SELECT number FROM public.alexandria_migrations WHERE name = %(name)s::int",
        "SELECT nmuber(%(number)s)",
        "SELECT number FROM public.alexandria_migrations WHERE name LIKE 'a%'",
        "UPDATE public.alexandria_migrations SET nam = %(name)s",
        "SELEC 1",
    ],
)
def test_a_typo_is_seen(connection: Connection, sql: str) -> None:
    assert problem(connection, sql)


def test_a_good_statement_passes(connection: Connection) -> None:
    sql = "SELECT number %% %(n)s, %(n)s::int FROM public.alexandria_migrations WHERE name = ANY(%(names)s)"
    assert problem(connection, sql) == ""
    assert numbered(sql).count("$1") == 2


def test_names_are_unique_within_a_folder() -> None:
    named = [(path.rpartition("/")[0], statement.name) for path, statement in all_statements()]
    assert len(named) == len(set(named))
    assert all(isinstance(statement, Statement) for _, statement in all_statements())
