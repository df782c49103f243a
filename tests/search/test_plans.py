"""The statements of a search use their indexes: a plan that reads a whole table turns this red."""

import re
from collections.abc import Callable, Iterator

import pytest

from alexandria.db import Connection, connect, load_statements
from alexandria.db.reader import number_params

SQL = load_statements("alexandria.search")
FILL = """
    insert into mirror.works (id, revision, title, author_ids, data)
        select n, 1, 'Work ' || n, array[n], jsonb_build_object('subjects', array['S' || n % 999])
        from generate_series(1, {n}) n;
    insert into mirror.editions (id, work_id, revision, completeness, title, data)
        select n, n, 1, 50, 'Edition ' || n, '{}' from generate_series(1, {n}) n;
    insert into mirror.work_authors select n, n from generate_series(1, {n}) n;
    insert into mirror.documents
        select n, n % 20, n, 1990, 1990, 1, true, 'en', 'work w' || n, '', '@name @n' || n, '=en'
        from generate_series(1, {n}) n;
    insert into search.documents
        select 'edition', n, n, 1, n, 1990, 1990, 1, true, 'en', 'work w' || n, '', '@name @n' || n, '=en'
        from generate_series(1, {n}) n;
    insert into mirror.lexicon select 'w' || n, n % 70, 0 from generate_series(1, {n}) n;
    insert into search.lexicon select 'x' || n, 1, 0 from generate_series(1, {n}) n;
    insert into enriched.editions (isbn, work_id) select 9780000000000 + n, n from generate_series(1, {n}) n;
    insert into enriched.work_authors select n, n + 1 from generate_series(1, {n}) n;
    insert into mirror.work_series select n, 1, n / 3, 'Series', null from generate_series(1, {n}) n;
    insert into search.similar select n, '[]' from generate_series(1, {n}) n;
    analyze
"""
TERMS = "array['''w7'' & (''work'' | ''@work'')', '''w8''']::tsquery[]"
CALLS = {  # with their parameters, where VALUES does not have them
    "count_words": "'{w7,w8}'",
    "list_near_words": "'{0}', '{4}', '{w12}', '{321}'",
    "list_frequent_words": "'w12', 20",
    "list_words": "'w12', 20",
    "find_documents": None,
    "find_popular_documents": None,
    "find_documents_by_title": None,
    "find_documents_of_authors": "'{7,8}', 20",
    "choose_editions": None,
    "read_suggestions": "'{7,8}'",
    "find_similar_by_subject": "7, 12, 300",
    "find_works_of_same_authors": "7, 60",
    "find_works_of_same_series": "7, 60",
    "rate_works": "'{7,8}'",
    "list_stale_similar": "20",
    "forget_similar": "",
    "find_stored_similar": "7",
    "store_similar": "7, '[]'",
}
VALUES = {
    "terms": TERMS, "most_read": "300", "most": "300", "from_year": "null", "to_year": "null", "formats": "null",
    "has_cover": "null", "codes": "'{7,8}'", "language": "null", "works": "'{7,8}'", "format": "null",
    "wished": "'en'", "each": "1",
}  # fmt: skip


@pytest.fixture(scope="module", params=[2_000, 50_000])
def filled(request: pytest.FixtureRequest, session_database: Callable[[], str]) -> Iterator[Connection]:
    with connect(session_database(), autocommit=True) as connection:
        connection.execute(FILL.replace("{n}", str(request.param)).encode())
        for setting in ("plan_cache_mode = force_generic_plan", "random_page_cost = 1.1", "jit = off"):
            connection.execute(f"set {setting}".encode())
        connection.execute("set enable_seqscan = off")  # as the statement `bound` has it
        yield connection


@pytest.mark.parametrize("name", CALLS)
def test_no_table_is_read_whole(filled: Connection, name: str) -> None:
    sql, params = number_params(SQL[name].sql)
    values = CALLS[name] or ", ".join(VALUES[each] for each in params)
    filled.execute(f"prepare {name} as {sql}".encode())
    plan = "\n".join(row[0] for row in filled.execute(f"explain execute {name}{values and f'({values})'}".encode()))
    assert not re.search(r"Seq Scan on (?!unnest)", plan), plan
    assert "Index" in plan
    for scan in re.findall(r"(?:Bitmap Index|Index Only|Index) Scan (?:using|on) \w+[^\n]*\n", plan):
        assert "documents_pkey" not in scan or name in ("find_documents_of_authors", "rate_works"), plan
    filled.execute(f"deallocate {name}".encode())


def test_every_statement_that_reads_tables_is_guarded() -> None:
    reads = {name for name, statement in SQL.items() if re.search(r"\b(mirror|search|enriched)\.", statement.sql)}
    assert reads == set(CALLS)
