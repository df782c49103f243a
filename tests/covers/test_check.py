"""Rows and objects compared, and mended."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from alexandria.covers import check as module
from alexandria.covers.check import StoreEmpty, check
from alexandria.covers.keys import object_key
from alexandria.covers.service import Covers
from alexandria.covers.store import find_covers
from alexandria.db import Database
from tests.covers.conftest import FOX, MAGIC, Host, say, work
from tests.covers.pictures import jpeg

pytestmark = pytest.mark.anyio
Rows = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture
async def stored(database: Database, covers: Covers, host: Host, tmp_path: Path) -> Path:
    """The folder of two covers."""
    for number, isbn in enumerate((FOX, MAGIC)):
        url = host.put(f"/{number}.jpg", jpeg(300, 450, number + 1))
        await say(database, "user", isbn, source="key", cover_url=url)
    await work(database, covers, FOX, MAGIC)
    return tmp_path / "covers"


def put(folder: Path, key: str, hours: float = 2) -> Path:
    path = folder / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    old = path.stat().st_mtime - 3600 * hours
    os.utime(path, (old, old))
    return path


async def test_a_store_in_order_has_nothing_to_mend(database: Database, covers: Covers, stored: Path) -> None:
    told: list[int] = []
    report = await check(database, covers.objects, tell=told.append)
    assert (report.pictures, report.objects) == (2, 6)
    assert report.bytes == sum(path.stat().st_size for path in stored.rglob("*.webp"))
    assert (report.missing, report.orphans, report.strange, report.many) == ([], [], [], {})
    assert told[-1] == 6


async def test_orphans_are_found_and_deleted(database: Database, covers: Covers, stored: Path) -> None:
    old, young = object_key(b"\1" * 20, "large"), object_key(b"\2" * 20, "small", "jpg")
    put(stored, old)
    put(stored, young, hours=0)
    strange = put(stored, "notes.txt")
    report = await check(database, covers.objects)
    assert (report.orphans, report.strange) == ([old], ["notes.txt"]), "a young one may be about to get its row"
    assert (stored / old).exists()
    report = await check(database, covers.objects, delete=True)
    assert report.deleted == 1
    assert not (stored / old).exists()
    assert strange.exists(), "what is none of ours stays"
    assert len(list(stored.rglob("*.webp"))) == 6


async def test_missing_pictures_are_found_and_searched_anew(
    database: Database, covers: Covers, stored: Path, rows: Rows
) -> None:
    digest = (await find_covers(database, [FOX]))[FOX].digest
    (stored / object_key(digest, "medium")).unlink()
    report = await check(database, covers.objects)
    assert report.missing == [digest.hex()]
    assert rows("select count(*) from covers.covers") == [(2,)]
    report = await check(database, covers.objects, repair=True)
    assert report.searched_again == 1
    assert rows("select isbn from covers.covers") == [(MAGIC,)]
    assert rows("select kind, key from queue.jobs") == [("cover", FOX)]
    await work(database, covers, FOX)
    assert (await check(database, covers.objects)).missing == []


async def test_an_empty_store_is_another_one(database: Database, covers: Covers, stored: Path, rows: Rows) -> None:
    for path in stored.rglob("*.webp"):
        path.unlink()
    report = await check(database, covers.objects)
    assert len(report.missing) == 2
    with pytest.raises(StoreEmpty, match="ALEXANDRIA_COVERS_URL"):
        await check(database, covers.objects, repair=True)
    assert rows("select count(*) from covers.covers") == [(2,)]


async def test_a_picture_of_many_books_may_be_a_placeholder(
    database: Database, covers: Covers, stored: Path, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGE", 1)
    rows(
        "insert into covers.covers (isbn, hash, width, height, colour, preview, look, provider) "
        f"select 9780000000000 + n, hash, width, height, colour, preview, look, provider "
        f"from covers.covers, generate_series(1, 19) n where isbn = {FOX}"
    )
    report = await check(database, covers.objects)
    assert list(report.many.values()) == [(20, 9780000000001)]
    assert report.pictures == 2
