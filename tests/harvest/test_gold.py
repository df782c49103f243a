"""The gold set: the canonical works of authors with hard bibliographies are listed, and little else."""

from collections.abc import AsyncIterator

import pytest

from alexandria.db import Database
from tests.harvest.gold.facts import read_authors
from tests.harvest.gold.measure import fill_mirror, harvest, list_mixed, measure
from tests.pools import opened

pytestmark = pytest.mark.anyio
RECALL, POLLUTION = 0.95, 0.03


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with opened(database_url, max_size=4, timeout_ms=20_000) as pool:
        yield pool


def test_the_facts() -> None:
    authors = read_authors()
    assert len(authors) >= 40
    assert sum(author.language != "en" for author in authors) * 2 >= len(authors)
    assert sum(author.half == "kept" for author in authors) * 2 >= len(authors)
    assert all(len(author.works) >= 5 for author in authors)


@pytest.mark.parametrize("half", ["open", "kept"])
async def test_lists_are_whole_and_clean(database: Database, database_url: str, half: str) -> None:
    authors = [author for author in read_authors() if author.half == half]
    fill_mirror(database_url, authors)
    books = await harvest(database, authors)
    tally = await measure(database, authors, books)
    said = f"recall {tally.recall:.1%}, pollution {tally.pollution:.1%} {dict(tally.pollutants)}"
    assert tally.recall >= RECALL, (said, tally.missed)
    assert tally.pollution <= POLLUTION, (said, tally.extra)
    assert any(author.namesake for author in authors)
    assert await list_mixed(database, authors, books) == ([], [])  # two of a name stay two, two spellings are one
