"""What is looked for by many keys is found by an index, also by a plan that was made while the tables were small."""

from collections.abc import Callable, Iterator

import pytest

from alexandria.db import Connection, connect, load_statements
from alexandria.db.reader import number_params

SQL = load_statements("alexandria.enrichment")
FILL = """
insert into enriched.names (kind, match_key, id) select 'work', 'work ' || n, n from generate_series(1, 100) n;
insert into enriched.answers (kind, id, provider, source, licence, fields, said, quality, created_at, updated_at)
select 'edition', n, 'match', 'self', 'open', '{}', '{}', 0, now(), now() from generate_series(1, 100) n;
analyze enriched.names;
analyze enriched.answers;
set plan_cache_mode = force_generic_plan"""


@pytest.fixture(scope="module")
def small(session_database: Callable[[], str]) -> Iterator[Connection]:
    """A database in which little is known, as its statistics say, too."""
    with connect(session_database(), autocommit=True) as connection:
        connection.execute(FILL.encode())
        yield connection


@pytest.mark.parametrize("name", ["find_unlinked", "mint"])
def test_each_key_is_looked_for_by_itself(small: Connection, name: str) -> None:
    sql, order = number_params(SQL[name].sql)
    small.execute(f"prepare {name} as {sql}".encode())
    rows = small.execute(f"explain execute {name}({', '.join(['null'] * len(order))})".encode()).fetchall()
    plan = "\n".join(row[0] for row in rows)
    assert "Anti Join" not in plan
    assert "Index" in plan
