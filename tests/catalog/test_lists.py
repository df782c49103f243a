"""The works of an author, page by page: each once, none of another class unless asked for, at a constant cost."""

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from alexandria.catalog.pages import CLASSED, SQL, list_works, read_cursor
from alexandria.db import Database, connect
from alexandria.db.reader import number_params
from tests.pools import opened

pytestmark = pytest.mark.anyio
MANY = 3 * CLASSED
FILL = f"""
    insert into mirror.authors (id, revision, name) values (1, 1, 'Somebody'), (2, 1, 'Of sets');
    insert into mirror.works (id, revision, author_ids, title)
        select n, 1, '{{1}}', 'Work ' || n from generate_series(1, 50) n;
    insert into mirror.works (id, revision, author_ids, title)
        select n, 1, '{{2}}', 'Set ' || n from generate_series(101, {100 + MANY}) n;
    insert into mirror.work_authors select author_ids[1], id from mirror.works;
    insert into mirror.work_classes select n, 'set' from generate_series(2, 50, 5) n;
    insert into mirror.work_classes select n, 'set' from generate_series(102, {100 + MANY}) n;
"""


@pytest.fixture
async def database(session_database: Callable[[], str]) -> AsyncIterator[Database]:
    url = session_database()
    with connect(url) as connection:
        connection.execute(FILL.encode())
    async with opened(url) as pool:
        yield pool


async def walk(database: Database, author: int, limit: int, every: bool) -> tuple[list[str], list[str | None], int]:
    """Keys and classes of all pages, and how many pages there were."""
    cursor, keys, classes = None, [], []
    for pages in range(1, 200):
        page = await list_works(database, author, read_cursor(cursor), limit, every=every)
        assert len(page.results) <= limit
        works = [json.loads(body) for body in page.results]
        keys += [work["key"] for work in works]
        classes += [work["class"] for work in works]
        cursor = page.next
        if cursor is None:
            return keys, classes, pages
    raise AssertionError("there is no end")


@pytest.mark.parametrize("limit", [1, 7, 39, 40, 41, 100])
async def test_works_come_once_and_sets_only_when_asked_for(database: Database, limit: int) -> None:
    keys, classes, _ = await walk(database, 1, limit, every=False)
    assert keys == [f"OL{number}W" for number in range(50, 0, -1) if number % 5 != 2]
    assert set(classes) == {None}
    keys, classes, _ = await walk(database, 1, limit, every=True)
    assert keys == [f"OL{number}W" for number in range(50, 0, -1)]
    assert classes.count("set") == 10


async def test_an_author_of_nothing_but_sets_has_pages_of_a_bounded_cost(database: Database) -> None:
    first = await list_works(database, 2, read_cursor(None), 20)
    assert first.results == []
    assert first.next
    keys, _, pages = await walk(database, 2, 20, every=False)
    assert keys == ["OL101W"]
    assert pages <= 4


def test_a_page_of_an_author_of_many_works_reads_no_more_of_them(session_database: Callable[[], str]) -> None:
    sql, _ = number_params(SQL["list_works_of_authors"].sql)
    with connect(session_database()) as connection:
        connection.execute("insert into mirror.work_authors select 1, n from generate_series(1, 20000) n")
        connection.execute("analyze mirror.work_authors")
        connection.execute("set plan_cache_mode = force_generic_plan")
        connection.execute(f"prepare page as {sql}".encode())
        plan = connection.execute(b"explain (analyze, format json) execute page('{1,2}', 15000, 20)").fetchall()
    assert max(rows_of(plan[0][0][0]["Plan"])) <= 40, plan


def rows_of(node: dict[str, Any]) -> list[float]:
    """How many rows each part of a plan gave."""
    return [node["Actual Rows"] * node["Actual Loops"], *(n for part in node.get("Plans", []) for n in rows_of(part))]
