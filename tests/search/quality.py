"""The hand-made queries, and how many of them find what is meant among the first three."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from alexandria.biblio.keys import format_key
from alexandria.db import Database
from alexandria.search.asked import Filters, read_query
from alexandria.search.find import find

QUERIES = Path(__file__).with_name("queries.tsv")
FIRST = 3


class Query(NamedTuple):
    """What is typed, and the keys of works of which one is to be among the first."""

    category: str
    text: str
    expected: frozenset[str]


def read_queries() -> list[Query]:
    """All of them."""
    lines = QUERIES.read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return [Query(category, text, frozenset(keys.split(","))) for category, text, keys in rows]


async def first_keys(database: Database, text: str) -> list[str]:
    """The keys of the first works for a query."""
    found = await find(database, read_query(text), Filters())
    works = [each.candidate.work for each in found.ranked if each.candidate.work is not None]
    return [format_key("work", work) for work in works[:FIRST]]


async def misses(
    database: Database, queries: Sequence[Query], told: Callable[[Query, list[str]], None] = lambda query, keys: None
) -> list[Query]:
    """The queries that do not find what is meant."""
    missed = []
    for query in queries:
        keys = await first_keys(database, query.text)
        told(query, keys)
        if query.expected.isdisjoint(keys):
            missed.append(query)
    return missed
