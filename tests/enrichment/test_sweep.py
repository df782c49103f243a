"""After a new mirror, everything about which somebody said something is folded again, once."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from alexandria.db import Database
from alexandria.enrichment.refold import refold_jobs
from alexandria.enrichment.store import Write, store
from alexandria.enrichment.sweep import sweep
from alexandria.mirror.load import load_dumps
from alexandria.queue.store import claim
from alexandria.queue.worker import apply_step
from tests import dumps
from tests.mirror.test_load import ISBNS, rows
from tests.pools import opened

pytestmark = pytest.mark.anyio
QUEUED = "select kind, key from queue.jobs order by 1, 2"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A pool on a database without a mirror."""
    async with opened(database_url) as pool:
        yield pool


@pytest.fixture
async def told(database: Database) -> None:
    """Somebody said something about two editions, a work and an author of the same number."""
    writes = [
        Write("edition", int(ISBNS[0]), "user", "me", {"title": "Ours"}),
        Write("edition", int(ISBNS[1]), "isbndb", "self", {"title": "Theirs"}),
        Write("work", 1, "user", "me", {"title": "Ours"}),
        Write("author", 1, "user", "me", {"name": "Ours"}),
    ]
    await store(database, writes)


async def test_without_a_mirror_there_is_nothing_to_do(database: Database, told: None) -> None:
    assert await sweep(database) == {"refolds": 0, "is_done": True}


async def test_each_mirror_is_swept_once(database: Database, database_url: str, told: None, tmp_path: Path) -> None:
    for title in ("One", "Two"):
        lines = [dumps.edition(1, 1, ISBNS[1], 1, title=f"{title} by Open Library")]
        load_dumps(database_url, [dumps.write(tmp_path / f"{title}.txt", lines)])
        assert await sweep(database, most=3) == {"refolds": 3, "is_done": False}
        assert await sweep(database, most=3) == {"refolds": 1, "is_done": True}
        assert await sweep(database) == {"refolds": 0, "is_done": True}
        assert rows(database_url, QUEUED) == [
            *(("refold", isbn) for isbn in sorted(map(int, ISBNS[:2]))), ("refold-author", 1), ("refold-work", 1),
        ]  # fmt: skip
        for kind in ("refold", "refold-work", "refold-author"):
            jobs = await claim(database, [kind], "one", 10)
            async for step in refold_jobs(jobs):
                await apply_step(database, step)
        assert rows(database_url, QUEUED) == []
