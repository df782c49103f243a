"""What people type finds what they mean: over two hundred queries, with typos, scripts, initials, halves of titles."""

import pytest

from alexandria.db import Database
from tests.search.conftest import FIXTURES
from tests.search.quality import misses, read_queries


def test_there_are_enough_queries_of_every_kind() -> None:
    queries = read_queries()
    assert len(queries) >= 200
    assert len({query.text for query in queries}) == len(queries)
    kinds = {"title", "typo", "script", "initials", "order", "article", "partial", "prefix", "author", "subtitle"}
    assert kinds <= {query.category for query in queries}


@pytest.mark.anyio
async def test_nearly_all_find_what_is_meant(catalogue: Database) -> None:
    queries = [query for query in read_queries() if FIXTURES.is_dir() or query.category != "fixtures"]
    missed = await misses(catalogue, queries)
    assert len(missed) <= 0.03 * len(queries), [query.text for query in missed]
