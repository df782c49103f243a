"""Lookups say where a cover is, of covers that exist and no others."""

from typing import Any

import msgspec
import pytest

from alexandria.catalog.lookup import Lookup
from alexandria.catalog.pages import FIRST, list_editions
from alexandria.catalog.resolve import Record, find_record
from alexandria.covers.service import Covers
from alexandria.db import Database
from alexandria.enrichment.store import Write, store
from tests.covers.conftest import FOX, MAGIC, PLAIN, UNKNOWN, Host, say, work
from tests.covers.pictures import jpeg

pytestmark = pytest.mark.anyio
SIZES = ("large", "medium", "small")


async def find(database: Database, *isbns: int) -> dict[int, Any]:
    """The editions of these ISBNs as they are served; those that are not known are left out."""
    lookup = Lookup(database)
    found = {isbn: outcome for isbn, outcome in (await lookup.many(isbns)).items() if isinstance(outcome, bytes)}
    await lookup.close()
    return {isbn: msgspec.json.decode(body) for isbn, body in found.items()}


def urls(edition: Any) -> list[str | None]:
    return [edition[f"cover_url_{size}"] for size in SIZES]


def paths(isbn: int) -> list[str]:
    return [f"/covers/{isbn}/{size}" for size in SIZES]


async def test_only_covers_that_exist_are_named(database: Database, covers: Covers, host: Host) -> None:
    before = await find(database, FOX, MAGIC)
    assert urls(before[FOX]) == urls(before[MAGIC]) == [None] * 3
    host.put("/b/id/8739161-L.jpg", jpeg())
    await work(database, covers, FOX, MAGIC)
    after = await find(database, FOX, MAGIC)
    assert urls(after[FOX]) == paths(FOX)
    assert urls(after[MAGIC]) == [None] * 3
    assert list(after[FOX]) == list(before[FOX]), "the order of its members stays"
    rest = {name: value for name, value in after[FOX].items() if not name.startswith("cover_url")}
    assert rest == {name: value for name, value in before[FOX].items() if not name.startswith("cover_url")}
    await covers.offers.mark_wrong(FOX, "somebody")
    assert urls((await find(database, FOX))[FOX]) == [None] * 3


async def test_beside_the_mirror_too(database: Database, covers: Covers, host: Host) -> None:
    told = {"title": 'A "cover_url_large":null,"cover_url_medium":null,"cover_url_small":null', "cover_url": host.url}
    await say(database, "user", UNKNOWN, source="key", **told)
    assert urls((await find(database, UNKNOWN))[UNKNOWN]) == [None] * 3, "what somebody says is no cover yet"
    host.put("", jpeg())
    host.put("/", jpeg())
    await work(database, covers, UNKNOWN)
    found = (await find(database, UNKNOWN))[UNKNOWN]
    assert urls(found) == paths(UNKNOWN)
    assert found["title"] == told["title"]


async def test_a_cover_alone_is_no_edition(database: Database, covers: Covers, host: Host) -> None:
    await covers.offers.take(UNKNOWN, host.put("/mine.jpg", jpeg()))
    assert await find(database, UNKNOWN) == {}


async def test_by_key_and_in_lists(database: Database, covers: Covers, host: Host) -> None:
    host.put("/b/id/8739161-L.jpg", jpeg())
    await work(database, covers, FOX)
    record = await find_record(database, "edition", 1)
    assert isinstance(record, Record)
    assert urls(msgspec.json.decode(record.body)) == paths(FOX)
    page = [msgspec.json.decode(each) for each in (await list_editions(database, 45804, FIRST, 10)).results]
    assert {each["isbn13"]: urls(each) for each in page} == {
        str(FOX): paths(FOX), str(MAGIC): [None] * 3, str(PLAIN): [None] * 3,
    }  # fmt: skip


async def test_a_work_shows_the_cover_of_an_edition(database: Database, covers: Covers, host: Host) -> None:
    before = await find_record(database, "work", 45804)
    assert isinstance(before, Record)
    assert urls(msgspec.json.decode(before.body)) == [None] * 3
    await covers.offers.take(PLAIN, host.put("/plain.jpg", jpeg(seed=2)))
    plain = await find_record(database, "work", 45804)
    assert isinstance(plain, Record)
    assert urls(msgspec.json.decode(plain.body)) == paths(PLAIN)
    await covers.offers.take(FOX, host.put("/fox.jpg", jpeg()))
    shown = await find_record(database, "work", 45804)
    assert isinstance(shown, Record)
    assert urls(msgspec.json.decode(shown.body)) == paths(FOX), "of the more complete one"


async def test_a_work_that_only_somebody_told_of(database: Database, covers: Covers, host: Host) -> None:
    await say(database, "user", UNKNOWN, source="key", title="Told", work_key="OL777W")
    await store(database, [Write("work", 777, "user", "key", {"title": "Told"})])
    await covers.offers.take(UNKNOWN, host.put("/mine.jpg", jpeg()))
    found = await find_record(database, "work", 777)
    assert isinstance(found, Record)
    assert urls(msgspec.json.decode(found.body)) == paths(UNKNOWN)
