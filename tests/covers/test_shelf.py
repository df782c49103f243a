"""The shelf remembers what is asked for often, asks once for many, and never more than it has room for."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from alexandria.covers.keys import SIZES
from alexandria.covers.pool import Decoders
from alexandria.covers.service import Covers
from alexandria.covers.shelf import Shelf
from alexandria.db import Database, Statement
from alexandria.errors import DatabaseUnavailable
from alexandria.store.objects import Objects
from tests.covers.conftest import FOX, MAGIC, UNKNOWN, Host, say, work
from tests.covers.pictures import jpeg

pytestmark = pytest.mark.anyio


class Counting:
    """A database that counts what is asked of it, and fails when it is told to."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.asked: list[list[int]] = []
        self.away = False

    async def fetch(self, statement: Statement, params: Any = None) -> Any:
        self.asked.append(list(params["isbns"]))
        if self.away:
            raise DatabaseUnavailable("it is away")
        return await self._database.fetch(statement, params)


class CountingObjects(Objects):
    """A store that counts what is read."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.reads: list[str] = []

    async def get(self, key: str) -> bytes | None:
        self.reads.append(key)
        return await super().get(key)


@pytest.fixture
def counting(database: Database) -> Counting:
    return Counting(database)


@pytest.fixture
async def objects(tmp_path: Path) -> AsyncIterator[CountingObjects]:
    made = CountingObjects((tmp_path / "covers").as_uri())
    yield made
    made.close()


@pytest.fixture
async def shelf(counting: Counting, objects: CountingObjects, covers: Covers) -> Shelf:
    return Shelf(counting, objects, covers.decoders, room=20_000)  # type: ignore[arg-type]


async def two_covers(database: Database, covers: Covers, host: Host) -> None:
    for number, isbn in enumerate((FOX, MAGIC)):
        url = host.put(f"/{number}.jpg", jpeg(300, 450, number + 1))
        await say(database, "user", isbn, source="key", cover_url=url)
    await work(database, covers, FOX, MAGIC)


async def test_those_who_ask_at_once_share_a_statement(
    database: Database, covers: Covers, host: Host, shelf: Shelf, counting: Counting
) -> None:
    await two_covers(database, covers, host)
    asked = [FOX, MAGIC, UNKNOWN] * 20
    found = await asyncio.gather(*(shelf.find(isbn) for isbn in asked))
    assert [bool(place) for place in found] == [True, True, False] * 20
    assert len(counting.asked) <= 2
    assert sorted(isbn for batch in counting.asked for isbn in batch) == sorted({FOX, MAGIC, UNKNOWN})
    await shelf.find(FOX)
    assert sum(map(len, counting.asked)) == 3, "what was learned is believed for a while"
    shelf.forget([FOX])
    await shelf.find(FOX)
    assert sum(map(len, counting.asked)) == 4


async def test_what_was_believed_is_asked_for_again(
    database: Database, covers: Covers, host: Host, counting: Counting, objects: CountingObjects
) -> None:
    shelf = Shelf(counting, objects, covers.decoders, fresh=0.0)  # type: ignore[arg-type]
    assert await shelf.find(FOX) is None
    await two_covers(database, covers, host)
    assert await shelf.find(FOX)


async def test_a_database_that_is_away_is_told_to_all_and_forgotten(shelf: Shelf, counting: Counting) -> None:
    counting.away = True
    found = await asyncio.gather(*(shelf.find(isbn) for isbn in (FOX, MAGIC)), return_exceptions=True)
    assert [type(each) for each in found] == [DatabaseUnavailable] * 2
    counting.away = False
    assert await shelf.find(FOX) is None


async def test_whoever_goes_does_not_take_the_others_along(shelf: Shelf) -> None:
    one, other = asyncio.create_task(shelf.find(FOX)), asyncio.create_task(shelf.find(FOX))
    await asyncio.sleep(0)
    one.cancel()
    assert await other is None


async def test_pictures_are_read_once_and_make_room_for_others(
    database: Database, covers: Covers, host: Host, shelf: Shelf, objects: CountingObjects
) -> None:
    await two_covers(database, covers, host)
    fox, magic = await shelf.find(FOX), await shelf.find(MAGIC)
    assert fox
    assert magic
    first = await shelf.read(fox.digest, "large")
    assert first == await shelf.read(fox.digest, "large")
    assert len(objects.reads) == 1
    assert shelf.held(fox.digest, "large") == first
    for place in (magic, fox):
        for size in SIZES:
            await shelf.read(place.digest, size)
    assert shelf._size == sum(map(len, shelf._pictures.values())) <= 20_000
    assert len(shelf._pictures) < 6, "the room is smaller than all six"


async def test_jpeg_is_made_once_and_kept(
    database: Database, covers: Covers, host: Host, shelf: Shelf, objects: CountingObjects, tmp_path: Path
) -> None:
    await two_covers(database, covers, host)
    place = await shelf.find(FOX)
    assert place
    found = await shelf.read(place.digest, "small", "jpg")
    assert found
    assert found[:3] == b"\xff\xd8\xff"
    assert [path.suffix for path in (tmp_path / "covers").rglob("*.jpg")] == [".jpg"]
    lazy = Decoders(0)  # whoever asks it for something waits for ever
    again = Shelf(database, objects, lazy)
    async with asyncio.timeout(5):
        assert await again.read(place.digest, "small", "jpg") == found
    assert await again.read(b"\0" * 20, "small", "jpg") is None
