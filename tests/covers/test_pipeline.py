"""From what is known of an ISBN to a stored cover, as a worker does it, and everything that may come between."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from alexandria.covers.keys import SIZES, object_key
from alexandria.covers.service import Covers
from alexandria.covers.store import find_attempts, find_covers
from alexandria.db import Database
from tests.covers.conftest import FOX, MAGIC, PLAIN, UNKNOWN, Host, MakeCovers, say, work
from tests.covers.pictures import flat, jpeg, opened
from tests.net.server import Answer

pytestmark = pytest.mark.anyio
Rows = Callable[[str], list[tuple[Any, ...]]]
OL = "/b/id/8739161-L.jpg"
IA = "/download/fantasticmrfox00dahl/page/cover_w500_h500.jpg"


async def attempt(database: Database, isbn: int) -> Any:
    return (await find_attempts(database, [isbn])).get(isbn)


async def tried(database: Database, isbn: int) -> list[tuple[str, str]]:
    found = await attempt(database, isbn)
    return [(each["provider"], each["outcome"]) for each in found.tried]


async def test_a_cover_is_found_made_and_stored(
    database: Database, covers: Covers, host: Host, tmp_path: Path, rows: Rows
) -> None:
    host.put(OL, jpeg())
    [job] = await work(database, covers, FOX)
    assert (job.state, job.result["provider"]) == ("completed", "open-library")
    cover = (await find_covers(database, [FOX]))[FOX]
    assert (cover.width, cover.height, cover.provider) == (500, 750, "open-library")
    assert cover.url == f"{host.url}{OL}?default=false"
    for size, (width, height) in SIZES.items():
        data = (tmp_path / "covers" / object_key(cover.digest, size)).read_bytes()
        assert data[:4] == b"RIFF"
        image = opened(data)
        assert image.width <= width
        assert image.height <= height
    assert (image.width, image.height) == (128, 192)
    assert host.asked == [f"{OL}?default=false"], "one request for one cover"
    assert rows("select bucket, lane, kind, units, status from quota.calls") == [
        ("open-library-covers", "covers", "cover", 1, 200)
    ]
    found = await attempt(database, FOX)
    assert (found.state, found.times, found.next_at, found.reason) == ("stored", 0, None, None)


async def test_sources_are_asked_in_their_order(database: Database, covers: Covers, host: Host) -> None:
    base = host.url
    host.answers["/w/api.php"] = Answer(b'{"query": {"pages": [{"missing": true}]}}')
    await say(database, "isbndb", FOX, cover_url=f"{base}/isbndb.jpg")
    await say(database, "wikidata", FOX, cover_url="https://commons.wikimedia.org/wiki/Special:FilePath/Fox.jpg")
    await say(database, "google-books", FOX, cover_url=f"{base}/books/content?id=abc&img=1&zoom=1")
    await say(database, "user", FOX, source="key", cover_url_medium=f"{base}/mine-m.jpg", cover_url_small=f"{base}/s")
    [job] = await work(database, covers, FOX)
    assert job.state == "not_found"
    assert await tried(database, FOX) == [
        (name, "missing")
        for name in ("user", "google-books", "open-library", "open-library", "internet-archive", "wikidata", "isbndb")
    ]
    assert [target.partition("?")[0] for target in host.asked] == [
        "/mine-m.jpg", "/books/content", OL, "/b/id/12-L.jpg", IA, "/w/api.php", "/isbndb.jpg",
    ]  # fmt: skip
    assert "fife=w512-h768" in host.asked[1]


async def test_the_first_that_is_large_enough_ends_the_search(database: Database, covers: Covers, host: Host) -> None:
    await say(database, "google-books", FOX, cover_url=host.put("/books/content", jpeg(400, 600, 2)) + "?id=a&zoom=1")
    host.put(OL, jpeg(500, 750, 3))
    await work(database, covers, FOX)
    assert (await find_covers(database, [FOX]))[FOX].provider == "google-books"
    assert len(host.asked) == 1


async def test_a_thumbnail_is_kept_only_where_nobody_has_more(database: Database, covers: Covers, host: Host) -> None:
    await say(database, "google-books", FOX, cover_url=host.put("/books/content", jpeg(128, 192, 2)) + "?id=a&zoom=1")
    await work(database, covers, FOX)
    small = (await find_covers(database, [FOX]))[FOX]
    assert (small.provider, small.width) == ("google-books", 128)
    assert small.page_url == "https://books.google.com/books?id=a"
    host.put(OL, jpeg(500, 750, 3))
    await work(database, covers, FOX)
    large = (await find_covers(database, [FOX]))[FOX]
    assert (large.provider, large.width) == ("open-library", 500), "a better one takes its place"
    asked = len(host.asked)
    await work(database, covers, FOX)
    assert (await find_covers(database, [FOX]))[FOX] == large, "nothing better, nothing changes"
    assert host.asked[asked:] == ["/books/content?id=a&zoom=1&fife=w512-h768"], "only who comes before it is asked"


async def test_what_a_user_gave_outranks_all(database: Database, covers: Covers, host: Host) -> None:
    host.put(OL, jpeg(500, 750, 3))
    await work(database, covers, FOX)
    await say(database, "user", FOX, source="key", cover_url_large=host.put("/mine.png", jpeg(100, 150, 4)))
    await work(database, covers, FOX)
    mine = (await find_covers(database, [FOX]))[FOX]
    assert (mine.provider, mine.width) == ("user", 100)
    asked = len(host.asked)
    [job] = await work(database, covers, FOX)
    assert job.result == {"provider": "user", "changed": False}
    assert len(host.asked) == asked, "an older word is not asked for again"


async def test_a_private_address_that_somebody_gave_is_not_asked(
    database: Database, covers: Covers, host: Host
) -> None:
    await say(database, "user", PLAIN, source="key", cover_url_large="http://127.0.0.1:22/x.jpg")
    await say(database, "google-books", PLAIN, source="key", cover_url="http://169.254.169.254/latest")
    await say(database, "isbndb", PLAIN, cover_url="https://evil.example.org/x.jpg")
    [job] = await work(database, covers, PLAIN)
    assert job.state == "not_found"
    assert await tried(database, PLAIN) == [("user", "refused"), ("google-books", "refused"), ("isbndb", "refused")]
    found = await attempt(database, PLAIN)
    assert found.state == "refused"
    assert "no host that is expected" in found.reason
    assert host.asked == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><title>Not found</title>", "web page"),
        (b'{"error": "no"}', "JSON"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
        (b"%PDF-1.7", "PDF"),
        (flat(), "one colour"),
        (jpeg(20, 30), "20×30"),
        (jpeg()[:9000], "cannot be decoded"),
    ],
    ids=["empty", "html", "json", "svg", "pdf", "flat", "tiny", "cut"],
)
async def test_what_is_no_cover_is_refused_with_the_reason(
    database: Database, covers: Covers, host: Host, body: bytes, said: str
) -> None:
    await say(database, "user", PLAIN, source="key", cover_url=host.put("/x.jpg", body))
    [job] = await work(database, covers, PLAIN)
    assert job.state == "not_found"
    found = await attempt(database, PLAIN)
    assert found.state == "refused"
    assert said in found.reason
    assert await find_covers(database, [PLAIN]) == {}
    days = (found.next_at - datetime.now(UTC)) / timedelta(days=1)
    assert 6.9 < days < 7.1


async def test_bytes_count_not_what_they_are_called(database: Database, covers: Covers, host: Host) -> None:
    url = host.put("/page.html", jpeg(), content_type="text/html")
    await say(database, "user", PLAIN, source="key", cover_url=url)
    [job] = await work(database, covers, PLAIN)
    assert job.state == "completed"


async def test_searches_in_vain_become_rarer(database: Database, covers: Covers, rows: Rows) -> None:
    for days in (7, 30, 90, 90):
        [job] = await work(database, covers, UNKNOWN)
        assert job.state == "not_found"
        found = await attempt(database, UNKNOWN)
        assert (found.state, found.reason) == ("missing", "nobody is known to have one")
        assert abs((found.next_at - datetime.now(UTC)) / timedelta(days=1) - days) < 0.1


async def test_a_failure_is_no_absence(database: Database, covers: Covers, host: Host) -> None:
    host.answers[OL] = Answer(b"", 503)
    [job] = await work(database, covers, FOX)
    assert (job.state, job.attempts) == ("pending", 1), "what broke is tried again, and costs an attempt"
    found = await attempt(database, FOX)
    assert (found.state, found.times) == ("later", 0)
    assert (await tried(database, FOX))[0] == ("open-library", "later")
    assert found.next_at > datetime.now(UTC)


async def test_who_asks_for_patience_gets_it(database: Database, covers: Covers, host: Host, rows: Rows) -> None:
    host.answers[OL] = Answer(b"", 429, {"Retry-After": "600"})
    [job] = await work(database, covers, FOX)
    assert (job.state, job.attempts) == ("pending", 0), "a snooze costs no attempt"
    assert job.run_at
    assert 500 < (job.run_at - datetime.now(UTC)).total_seconds() < 700


async def test_one_that_is_away_does_not_hide_another(database: Database, covers: Covers, host: Host) -> None:
    host.answers[OL] = Answer(b"", 503)
    host.put(IA, jpeg(200, 300, 5))
    [job] = await work(database, covers, FOX)
    assert job.state == "completed"
    found = await attempt(database, FOX)
    assert found.next_at is not None, "a better one may be had when it is back"
    cover = (await find_covers(database, [FOX]))[FOX]
    assert (cover.provider, cover.page_url) == (
        "internet-archive", f"{host.archive}/details/fantasticmrfox00dahl",
    )  # fmt: skip


async def test_the_same_picture_is_stored_once(
    database: Database, covers: Covers, host: Host, tmp_path: Path, rows: Rows
) -> None:
    url = host.put("/x.jpg", jpeg())
    for isbn in (FOX, MAGIC, PLAIN):
        await say(database, "user", isbn, source="key", cover_url=url)
    jobs = await work(database, covers, FOX, MAGIC, PLAIN)
    assert [job.state for job in jobs] == ["completed"] * 3
    assert rows("select count(*), count(distinct hash) from covers.covers") == [(3, 1)]
    assert len([path for path in (tmp_path / "covers").rglob("*") if path.is_file()]) == 3


async def test_a_wrong_cover_stays_away_at_any_size(database: Database, covers: Covers, host: Host, rows: Rows) -> None:
    host.put(OL, jpeg(500, 750, 1))
    host.put("/b/id/12-L.jpg", jpeg(250, 375, 1))  # the same picture, smaller
    await work(database, covers, FOX)
    assert await covers.offers.mark_wrong(FOX, "somebody") == [FOX]
    assert rows("select isbn from covers.covers") == []
    [job] = await work(database, covers, FOX)
    assert job.state == "not_found"
    assert dict(await tried(database, FOX))["open-library"] == "refused"
    host.put(IA, jpeg(500, 750, 9))
    await work(database, covers, FOX)
    assert (await find_covers(database, [FOX]))[FOX].provider == "internet-archive", "another one is none the worse"
    assert await covers.offers.unmark_wrong(FOX) == 1


async def test_a_placeholder_is_marked_for_all_books(
    database: Database, covers: Covers, host: Host, rows: Rows
) -> None:
    url = host.put("/none.jpg", jpeg(300, 450, 7))
    for isbn in (FOX, MAGIC, PLAIN):
        await say(database, "user", isbn, source="key", cover_url=url)
    await work(database, covers, FOX, MAGIC)
    lost = await covers.offers.mark_wrong(FOX, "somebody", everywhere=True)
    assert sorted(lost or ()) == sorted((FOX, MAGIC))
    jobs = await work(database, covers, FOX, MAGIC, PLAIN)
    assert [job.state for job in jobs] == ["not_found"] * 3
    assert "no cover of any book" in (await attempt(database, PLAIN)).reason


async def test_commons_is_asked_for_the_licence_first(database: Database, covers: Covers, host: Host) -> None:
    info = {
        "url": f"{host.commons}/wikipedia/commons/a/ab/Fox.jpg", "width": 1200, "height": 1800,
        "descriptionurl": "https://commons.wikimedia.org/wiki/File:Fox.jpg",
        "extmetadata": {
            "LicenseShortName": {"value": "CC BY-SA 4.0"}, "LicenseUrl": {"value": "https://example.org/by-sa"},
            "Artist": {"value": "<a href='x'>A. Painter</a>"},
        },
    }  # fmt: skip
    body = msgspec.json.encode({"query": {"pages": [{"title": "File:Fox.jpg", "imageinfo": [info]}]}})
    host.answers["/w/api.php"] = Answer(body)
    host.answers["/wiki/Special:FilePath/Fox_&_hen.jpg"] = Answer(
        b"", 302, {"Location": "/wikipedia/commons/thumb/a/ab/Fox.jpg/500px-Fox.jpg"}
    )
    host.put("/wikipedia/commons/thumb/a/ab/Fox.jpg/500px-Fox.jpg", jpeg())
    url = "https://commons.wikimedia.org/wiki/Special:FilePath/Fox_%26_hen.jpg"
    await say(database, "wikidata", PLAIN, cover_url=url)
    await work(database, covers, PLAIN)
    assert await tried(database, PLAIN) == [("wikidata", "taken")], (await attempt(database, PLAIN)).tried
    cover = (await find_covers(database, [PLAIN]))[PLAIN]
    assert (cover.licence, cover.licence_url, cover.author, cover.page_url) == (
        "CC BY-SA 4.0", "https://example.org/by-sa", "A. Painter", info["descriptionurl"],
    )  # fmt: skip
    assert "titles=File%3AFox+%26+hen.jpg" in host.asked[0] or "titles=File%3AFox%20%26%20hen.jpg" in host.asked[0]
    assert host.asked[1].endswith("?width=500")


@pytest.mark.parametrize("metadata", [{}, [], {"Artist": {"value": "A"}}])
async def test_a_picture_without_a_licence_is_not_taken(
    database: Database, covers: Covers, host: Host, metadata: Any
) -> None:
    info = {"url": f"{host.commons}/x.jpg", "width": 400, "extmetadata": metadata}
    host.answers["/w/api.php"] = Answer(msgspec.json.encode({"query": {"pages": [{"imageinfo": [info]}]}}))
    host.put("/x.jpg", jpeg())
    await say(database, "wikidata", PLAIN, cover_url="https://commons.wikimedia.org/wiki/Special:FilePath/X.jpg")
    await work(database, covers, PLAIN)
    assert await tried(database, PLAIN) == [("wikidata", "missing")]
    assert len(host.asked) == 1


async def test_a_local_picture_of_a_wikipedia_is_no_candidate(database: Database, covers: Covers, host: Host) -> None:
    await say(database, "wikidata", PLAIN, cover_url="https://upload.wikimedia.org/wikipedia/en/a/ab/Cover.jpg")
    await work(database, covers, PLAIN)
    assert (await attempt(database, PLAIN)).state == "missing"
    assert host.asked == []


async def test_without_a_contact_nobody_is_asked(database: Database, make: MakeCovers, host: Host) -> None:
    covers = make(CONTACT="", OPEN_LIBRARY_COVERS_URL="https://covers.example.org")
    [job] = await work(database, covers, FOX)
    assert job.state == "not_found"
    found = await attempt(database, FOX)
    assert found.state == "later"
    assert "ALEXANDRIA_CONTACT" in found.reason
    assert (found.next_at - datetime.now(UTC)).total_seconds() < 90_000


async def test_a_provider_that_is_switched_off_is_not_asked(database: Database, make: MakeCovers, host: Host) -> None:
    covers = make(OPEN_LIBRARY_COVERS_ENABLED="false", INTERNET_ARCHIVE_ENABLED="false")
    await work(database, covers, FOX)
    assert host.asked == []


async def test_a_store_that_fails_costs_no_attempt(
    database: Database, covers: Covers, host: Host, tmp_path: Path
) -> None:
    host.put(OL, jpeg())
    (tmp_path / "covers").write_bytes(b"no folder")
    [job] = await work(database, covers, FOX)
    assert (job.state, job.attempts) == ("pending", 0)
    assert await find_covers(database, [FOX]) == {}


async def test_no_secret_of_an_address_is_kept(database: Database, covers: Covers, host: Host, rows: Rows) -> None:
    url = host.put("/x.jpg", jpeg())
    await say(database, "user", FOX, source="key", cover_url=f"{url}?token=verysecret")
    await say(database, "isbndb", PLAIN, cover_url=f"{url}?token=verysecret")
    await work(database, covers, FOX, PLAIN)
    assert rows("select count(*) from covers.covers") == [(2,)]
    assert "verysecret" not in str(rows("select * from covers.covers")) + str(rows("select * from covers.attempts"))


async def test_many_searches_at_once_end_as_they_should(
    database: Database, covers: Covers, host: Host, rows: Rows
) -> None:
    isbns = [9780000000000 + number for number in range(60)]
    for number, isbn in enumerate(isbns):
        path = f"/{number}.jpg"
        if number % 10 == 1:
            url = host.put(path, b"<html>")
        elif number % 10 == 2:
            host.answers[path] = Answer(b"", 500)
            url = f"{host.url}{path}"
        elif number % 10 == 3:
            url = f"{host.url}/gone.jpg"
        else:
            url = host.put(path, jpeg(64, 96, number % 7))
        await say(database, "user", isbn, source="key", cover_url=url)
    jobs = await work(database, covers, *isbns)
    states = {n: {job.state for number, job in enumerate(jobs) if number % 10 == n} for n in range(10)}
    assert states == {n: {"not_found"} if n in (1, 3) else {"pending"} if n == 2 else {"completed"} for n in range(10)}
    assert rows("select state, count(*) from covers.attempts group by 1 order by 1") == [
        ("later", 6), ("missing", 6), ("refused", 6), ("stored", 42),
    ]  # fmt: skip
