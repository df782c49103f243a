"""The hot statements use their indexes, at every size: a plan that reads a whole table turns this red."""

import re
from collections.abc import Callable, Iterator

import pytest

from alexandria.db import Connection, connect, load_statements
from alexandria.db.reader import number_params

SQL = load_statements("alexandria.catalog")
FILL = """
    insert into mirror.authors (id, revision, name) select n, 1, 'Author ' || n from generate_series(1, {n}) n;
    insert into mirror.works (id, revision, title, author_ids)
        select n, 1, 'Work ' || n, array[n] from generate_series(1, {n}) n;
    insert into mirror.editions (id, work_id, revision, completeness, isbns, title)
        select n, case when n % 20 = 0 then -n else n end, 1, 50, array[9780000000000 + n], 'Edition ' || n
        from generate_series(1, {n}) n;
    insert into mirror.edition_isbns select isbns[1], id, work_id, completeness, revision from mirror.editions;
    insert into mirror.work_authors select author_ids[1], id from mirror.works;
    insert into mirror.redirects (kind, id, revision, target_kind, target_id)
        select 'work', {n} + n, 1, 'work', n from generate_series(1, {n}) n;
    insert into enriched.editions (isbn, work_id, chosen)
        select 9780000000000 + n, n, '{"title": "x"}' from generate_series(1, {n}) n;
    insert into enriched.works (work_id, chosen, merged_into)
        select n, '{"title": "x"}', case when n % 10 = 0 then n + 1 end from generate_series(1, {n}) n;
    insert into enriched.authors (author_id, name, chosen, merged_into)
        select n, 'x', '{"name": "x"}', case when n % 10 = 0 then n + 1 end from generate_series(1, {n}) n;
    insert into search.documents (kind, id, work_id, popularity, title_code, formats, has_cover, languages, title, more,
        authors, extra)
        select 'edition', 9780000000000 + n, n, 1, n, 0, false, '', 'x' || n, '', '', '!oclc:' || n
        from generate_series(1, {n}) n;
    update mirror.editions set data = jsonb_build_object('identifiers', jsonb_build_object('oclc', array[id::text]));
    update mirror.authors set data = jsonb_build_object('identifiers', jsonb_build_object('viaf', array[id::text]));
    analyze search.documents;
    insert into mirror.work_classes select n, 'set' from generate_series(1, {n}) n;
    insert into mirror.work_series select n, 1, n, 'Series ' || n, '1' from generate_series(1, {n}) n;
    insert into mirror.popularity select n, 1, 5 from generate_series(1, {n}) n;
    analyze mirror.work_classes, mirror.work_series, mirror.popularity;
    insert into enriched.work_authors select n, n + 1 from generate_series(1, {n}) n;
    insert into covers.covers (isbn, hash, width, height, colour, preview, look, provider)
        select 9780000000000 + n, decode(lpad(to_hex(n), 40, '0'), 'hex'), 500, 750, '#000000', 'x', n, 'user'
        from generate_series(1, {n}) n;
    analyze covers.covers;
    analyze enriched.editions, enriched.works, enriched.authors, enriched.work_authors;
    analyze mirror.authors, mirror.works, mirror.editions, mirror.edition_isbns, mirror.work_authors, mirror.redirects
"""
CALLS = {
    "find_by_isbn": "'{9780000000007,9780000000008}'",
    "read_editions": "'{7,20}', '{7,-20}', '{7,20}', '{7,-20}', '{}'",
    "read_overlays": "'{9780000000007,9780000000008}'",
    "find_edition": "7",
    "read_works": "'{7,8}'",
    "list_isbns_of_works": "'{7,8}'",
    "find_covered": "'{9780000000007,9780000000008}'",
    "read_authors": "'{7,8}'",
    "list_merged_works": "7",
    "list_editions_of_works": "'{7,8}', 101, 0, 20",
    "list_merged_authors": "7",
    "list_works_of_authors": "'{7,8}', 4611686018427387904, 20",
    "follow_redirect": "'work', 7",
    "find_editions_by_identifier": """'{"oclc": ["7"]}', '''!oclc:7''', 20""",
    "find_editions_by_isbn": "9780000000007, 20",
    "find_authors_by_identifier": """'{"viaf": ["7"]}', '''!viaf:7''', 20""",
    "find_works_by_identifier": "'''!oclc:7''', 20",
    "list_identifiers_of_edition": "7",
    "list_identifiers_of_isbn": "9780000000007",
    "list_identifiers_of_work": "7, 20",
    "list_identifiers_of_author": "7",
}


@pytest.fixture(scope="module", params=[1_000, 10_000, 50_000])
def filled(request: pytest.FixtureRequest, session_database: Callable[[], str]) -> Iterator[Connection]:
    with connect(session_database(), autocommit=True) as connection:
        connection.execute(FILL.replace("{n}", str(request.param)).encode())
        # as the pool of the API has it, whatever the server that tests run on is set to
        connection.execute("set plan_cache_mode = force_generic_plan")
        connection.execute("set random_page_cost = 1.1")
        connection.execute("set jit = off")
        yield connection


@pytest.mark.parametrize("name", CALLS)
def test_no_table_is_read_whole(filled: Connection, name: str) -> None:
    sql, _ = number_params(SQL[name].sql)
    filled.execute(f"prepare {name} as {sql}".encode())
    plan = "\n".join(row[0] for row in filled.execute(f"explain execute {name}({CALLS[name]})".encode()))
    assert "Seq Scan" not in plan, plan
    assert "Index" in plan
    filled.execute(f"deallocate {name}".encode())


def test_every_statement_that_reads_the_mirror_is_guarded() -> None:
    reads = {name for name, statement in SQL.items() if re.search(r"\b(mirror|enriched|covers)\.", statement.sql)}
    assert reads == set(CALLS)
