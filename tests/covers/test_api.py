"""Covers over HTTP: pictures as they should be sent, and what callers may do about them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

from alexandria.covers.keys import SIZES
from alexandria.covers.pool import Decoders
from alexandria.covers.service import Covers, make_covers
from alexandria.db import Database
from alexandria.keys.store import create_key
from tests.conftest import fresh_database
from tests.covers.app import served
from tests.covers.conftest import FOX, MAGIC, PLAIN, UNKNOWN, Host, MakeCovers, settings_for, work
from tests.covers.pictures import jpeg, opened
from tests.net.server import Answer, serving

pytestmark = pytest.mark.anyio
KEY = "a-key-for-everything-here"
OL = "/b/id/8739161-L.jpg"
Rows = Callable[[str], list[tuple[Any, ...]]]
Post = Callable[..., Any]


@pytest.fixture
async def service(database: Database, covers: Covers, host: Host, tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of a service over the library; it has the covers of the test for its own."""
    settings = settings_for(host, tmp_path, INTERNAL_API_KEY=KEY)
    async with served(settings, database, covers) as client:
        yield client


@pytest.fixture
def post(service: httpx2.AsyncClient) -> Post:
    """A function that posts JSON with a key."""
    return lambda path, **body: service.post(path, json=body, headers={"X-API-Key": KEY})


async def stored(database: Database, covers: Covers, host: Host) -> None:
    """Nothing; the fox has a cover."""
    host.put(OL, jpeg())
    await work(database, covers, FOX)


@pytest.fixture(scope="module")
async def standing(
    server_url: str, library: str, decoders: Decoders, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[httpx2.AsyncClient]:
    """A client with a key of a service for all tests that change nothing."""
    folder = tmp_path_factory.mktemp("standing")
    for url in fresh_database(server_url, f"TEMPLATE {library}"):
        database = Database(url, max_size=4)
        await database.open()
        async with serving() as server:
            settings = settings_for(Host(server, server, server), folder, INTERNAL_API_KEY=KEY)
            covers = make_covers(settings, database, decoders)
            async with served(settings, database, covers) as client:
                client.headers["X-API-Key"] = KEY
                yield client
            await covers.close()
        await database.close()


# --- pictures ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("through_framework", [False, True])
async def test_pictures_are_served(
    database: Database, covers: Covers, host: Host, tmp_path: Path, rows: Rows, through_framework: bool
) -> None:
    """Around the framework and through it alike."""
    await stored(database, covers, host)
    settings = settings_for(host, tmp_path)
    async with served(settings, database, covers, through_framework=through_framework) as service:
        await check_pictures(service, rows)


async def check_pictures(service: httpx2.AsyncClient, rows: Rows) -> None:
    [(digest,)] = rows("select encode(hash, 'hex') from covers.covers")
    for size, (width, height) in SIZES.items():
        for path in (f"/covers/{FOX}/{size}", f"/covers/0-14-032872-6/{size}", f"/covers/image/{digest}/{size}"):
            answer = await service.get(path)
            assert answer.status_code == 200, path
            assert answer.headers["content-type"] == "image/webp"
            assert answer.headers["vary"] == "Accept"
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["accept-ranges"] == "bytes"
            assert int(answer.headers["content-length"]) == len(answer.content)
            image = opened(answer.content)
            assert image.width <= width
            assert image.height <= height
    stable = await service.get(f"/covers/{FOX}/large")
    fixed = await service.get(f"/covers/image/{digest}/large")
    assert stable.content == fixed.content
    assert stable.headers["etag"] == fixed.headers["etag"]
    assert "immutable" in fixed.headers["cache-control"]
    assert "max-age=31536000" in fixed.headers["cache-control"]
    assert "immutable" not in stable.headers["cache-control"]
    assert parsedate_to_datetime(stable.headers["last-modified"])
    assert "last-modified" not in fixed.headers


async def test_who_has_it_is_not_sent_it_again(
    database: Database, covers: Covers, host: Host, service: httpx2.AsyncClient
) -> None:
    await stored(database, covers, host)
    path = f"/covers/{FOX}/medium"
    first = await service.get(path)
    etag, modified = first.headers["etag"], first.headers["last-modified"]
    for headers in (
        {"If-None-Match": etag},
        {"If-None-Match": f'"other", W/{etag}'},
        {"If-None-Match": "*"},
        {"If-Modified-Since": modified},
    ):
        again = await service.get(path, headers=headers)
        assert (again.status_code, again.content) == (304, b""), headers
        assert again.headers["etag"] == etag
        assert "cache-control" in again.headers
    for headers in (
        {"If-None-Match": '"other"'},
        {"If-None-Match": '"other"', "If-Modified-Since": modified},
        {"If-Modified-Since": "Mon, 01 Jan 2001 00:00:00 GMT"},
        {"If-Modified-Since": "nonsense"},
    ):
        assert (await service.get(path, headers=headers)).status_code == 200, headers


async def test_parts_are_sent(database: Database, covers: Covers, host: Host, service: httpx2.AsyncClient) -> None:
    await stored(database, covers, host)
    path = f"/covers/{FOX}/large"
    whole = await service.get(path)
    data, length, etag = whole.content, len(whole.content), whole.headers["etag"]
    for wanted, part in (
        ("bytes=0-9", slice(0, 10)), ("bytes=100-", slice(100, None)), ("bytes=-7", slice(length - 7, None)),
        ("bytes=5-5", slice(5, 6)), (f"bytes=0-{length * 2}", slice(0, None)), (f"bytes=-{length * 2}", slice(0, None)),
    ):  # fmt: skip
        answer = await service.get(path, headers={"Range": wanted, "If-Range": etag})
        assert answer.status_code == 206, wanted
        assert answer.content == data[part]
        start, stop, _ = part.indices(length)
        assert answer.headers["content-range"] == f"bytes {start}-{stop - 1}/{length}"
    for headers in (
        {"Range": "bytes=0-1,5-6"}, {"Range": "pages=1-2"}, {"Range": "bytes=9-3"}, {"Range": "bytes=-"},
        {"Range": "bytes=0-9", "If-Range": '"other"'}, {"Range": "bytes=a-b"},
    ):  # fmt: skip
        assert (await service.get(path, headers=headers)).content == data, headers
    beyond = await service.get(path, headers={"Range": f"bytes={length}-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{length}")
    assert (await service.get(path, headers={"Range": "bytes=-0"})).status_code == 416


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (None, "image/webp"),
        ("*/*", "image/webp"),
        ("image/avif,image/webp,image/apng,*/*;q=0.8", "image/webp"),
        ("image/*", "image/webp"),
        ("text/html", "image/jpeg"),
        ("image/png,image/jpeg", "image/jpeg"),
        ("image/webp;q=0, image/*", "image/jpeg"),
        ("image/jpeg", "image/jpeg"),
    ],
)
async def test_jpeg_is_for_who_takes_no_webp(
    database: Database, covers: Covers, host: Host, service: httpx2.AsyncClient, accept: str | None, media: str
) -> None:
    await stored(database, covers, host)
    request = service.build_request("GET", f"/covers/{FOX}/small")
    request.headers.pop("accept")
    if accept:
        request.headers["accept"] = accept
    answer = await service.send(request)
    assert answer.headers["content-type"] == media
    assert opened(answer.content).height == 192
    assert answer.headers["etag"].endswith('-webp"' if media == "image/webp" else '-jpg"')


async def test_a_miss_is_told_and_asked_for_once(service: httpx2.AsyncClient, rows: Rows) -> None:
    for _ in range(3):
        answer = await service.get(f"/covers/{FOX}/large")
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
        told = answer.json()
        assert (told["queued"], told["status_url"]) == (True, f"/api/covers/status/{FOX}")
    assert rows("select kind, key, lane from queue.jobs") == [("cover", FOX, "anonymous")]
    assert (await service.get(told["status_url"])).json()["status"] == "pending"
    await service.get(f"/covers/{MAGIC}/large", headers={"X-API-Key": KEY})
    assert rows(f"select lane from queue.jobs where key = {MAGIC}") == [("covers",)]


async def test_what_was_searched_for_in_vain_is_not_asked_for_again(
    database: Database, covers: Covers, service: httpx2.AsyncClient, rows: Rows
) -> None:
    await work(database, covers, PLAIN)
    assert (await service.get(f"/covers/{PLAIN}/large")).json()["queued"] is False
    assert rows("select 1 from queue.jobs") == []


async def test_an_unknown_book_is_not_searched_for(service: httpx2.AsyncClient, rows: Rows) -> None:
    answer = await service.get(f"/covers/{UNKNOWN}/large")
    assert (answer.status_code, answer.json()["queued"]) == (404, False)
    assert rows("select 1 from queue.jobs") == []


async def test_type_stands_in_for_a_picture(service: httpx2.AsyncClient, rows: Rows) -> None:
    answer = await service.get(f"/covers/{FOX}/medium?fallback=svg")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/svg+xml"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "Fantastic" in answer.text
    assert "Mr Fox" in answer.text
    assert "Roald Dahl" in answer.text
    assert 'width="256"' in answer.text
    assert rows("select key from queue.jobs") == [(FOX,)], "and a picture is searched for all the same"
    assert str(UNKNOWN) in (await service.get(f"/covers/{UNKNOWN}/large?fallback=svg")).text


async def test_a_stored_picture_comes_before_type(
    database: Database, covers: Covers, host: Host, service: httpx2.AsyncClient
) -> None:
    await stored(database, covers, host)
    assert (await service.get(f"/covers/{FOX}/medium?fallback=svg")).headers["content-type"] == "image/webp"


@pytest.mark.parametrize(
    ("path", "status", "field"),
    [
        ("/covers/123/large", 400, "isbn"),
        ("/covers/9780140328720/large", 400, "isbn"),
        ("/covers/x/large", 400, "isbn"),
        (f"/covers/{FOX}/huge", 404, None),
        (f"/covers/{FOX}/large/x", 404, None),
        (f"/covers/{FOX}", 404, None),
        ("/covers/", 404, None),
        ("/covers//large", 400, "isbn"),
        (f"/covers/{FOX}/large?fallback=png", 400, "fallback"),
        (f"/covers/{FOX}/large?fallback=svg&fallback=svg", 400, "fallback"),
        ("/covers/image/" + "0" * 40 + "/large", 404, None),
        ("/covers/image/nonsense/large", 404, None),
        ("/covers/image/" + "0" * 40 + "/huge", 404, None),
        ("/covers/..%2F..%2Fetc%2Fpasswd/large", 404, None),
        ("/covers/%00/large", 400, "isbn"),
        ("/covers/%ff/large", 400, "isbn"),
        ("/covers/" + "9" * 3000 + "/large", 400, "isbn"),
    ],
)
async def test_bad_addresses_get_problems(
    standing: httpx2.AsyncClient, path: str, status: int, field: str | None
) -> None:
    answer = await standing.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert [error["field"] for error in answer.json().get("errors", [])] == ([field] if field else [])


async def test_a_picture_that_is_gone_is_a_miss(
    database: Database, covers: Covers, host: Host, service: httpx2.AsyncClient, tmp_path: Path
) -> None:
    await stored(database, covers, host)
    for path in (tmp_path / "covers").rglob("*.webp"):
        path.unlink()
    assert (await service.get(f"/covers/{FOX}/large")).status_code == 404


# --- status, queue -----------------------------------------------------------------------------------------------


async def test_the_status_tells_everything(
    database: Database, covers: Covers, host: Host, service: httpx2.AsyncClient
) -> None:
    url = f"/api/covers/status/{FOX}"
    unknown = (await service.get(url)).json()
    assert (unknown["status"], unknown["cover_url_large"], unknown["tried"]) == ("unknown", None, [])
    host.put(OL, b"<html>")
    await work(database, covers, FOX)
    refused = (await service.get(url)).json()
    assert refused["status"] == "refused"
    assert "is a web page" in refused["reason"]
    assert [each["outcome"] for each in refused["tried"]] == ["refused", "missing", "missing"]
    assert refused["next_search_at"]
    await stored(database, covers, host)
    found = (await service.get("/api/covers/status/0-14-032872-6")).json()
    assert found["status"] == "stored"
    assert found["isbn13"] == str(FOX)
    assert (found["width"], found["height"], found["provider"]) == (500, 750, "open-library")
    assert len(found["hash"]) == 40
    for size in SIZES:
        assert found[f"cover_url_{size}"] == f"/covers/{FOX}/{size}"
        assert (await service.get(found[f"cover_url_{size}"])).status_code == 200
    assert (await service.get("/api/covers/status/x")).status_code == 400


async def test_searches_are_queued(service: httpx2.AsyncClient, post: Post, rows: Rows) -> None:
    answer = await post("/api/covers/queue", isbns=["0-14-032872-6", "nonsense", str(FOX), str(MAGIC)])
    assert answer.status_code == 200
    results = answer.json()["results"]
    assert [each["status"] for each in results] == ["queued", "invalid", "queued", "queued"]
    assert results[0]["job_id"] == results[2]["job_id"]
    assert results[1]["message"]
    queued = {(MAGIC, "cover", "covers"), (FOX, "cover", "covers")}
    assert set(rows("select key, kind, lane from queue.jobs")) == queued
    assert (await service.get(results[3]["status_url"])).json()["job_id"] == results[3]["job_id"]


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/api/covers/queue", {"isbns": []}, "isbns"),
        ("/api/covers/queue", {"isbns": ["1"] * 101}, "isbns"),
        ("/api/covers/queue", {"isbns": "x"}, "isbns"),
        ("/api/covers/queue", {}, "isbns"),
        ("/api/covers/process", {"isbn": "x", "url": "http://a.example.org"}, "isbn"),
        ("/api/covers/process", {"isbn": str(FOX)}, "url"),
        ("/api/covers/process", {"isbn": str(FOX), "url": ""}, "url"),
        ("/api/covers/process", {"isbn": str(FOX), "url": "a b"}, "url"),
        ("/api/covers/process", {"isbn": str(FOX), "url": "http://a.example.org", "more": 1}, "more"),
        ("/api/covers/wrong", {"isbn": "x"}, "isbn"),
        ("/api/covers/wrong", {"isbn": str(FOX), "everywhere": "yes"}, "everywhere"),
    ],
)
async def test_bad_bodies_name_the_field(
    standing: httpx2.AsyncClient, path: str, body: dict[str, Any], field: str
) -> None:
    answer = await standing.post(path, json=body)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize("path", ["queue", "process", "wrong"])
async def test_writing_needs_a_key_before_anything_is_looked_at(standing: httpx2.AsyncClient, path: str) -> None:
    async with httpx2.AsyncClient(base_url=standing.base_url, timeout=60) as stranger:
        answer = await stranger.post(f"/api/covers/{path}", content=b"nonsense")
        assert answer.status_code == 401
        assert answer.json()["error"] == "Unauthorized"
        assert (await stranger.delete(f"/api/covers/wrong/{FOX}")).status_code == 401


# --- giving a cover ----------------------------------------------------------------------------------------------


async def test_a_caller_gives_a_cover(service: httpx2.AsyncClient, post: Post, host: Host, rows: Rows) -> None:
    url = host.put("/mine.jpg", jpeg(400, 600, 4))
    first = await post("/api/covers/process", isbn="0-14-032872-6", url=f"{url}?token=verysecret")
    assert first.status_code == 201
    told = first.json()
    assert (told["status"], told["provider"], told["width"]) == ("stored", "user", 400)
    assert (await service.get(told["cover_url_large"])).status_code == 200
    assert (await post("/api/covers/process", isbn=str(FOX), url=url)).status_code == 200
    host.put("/mine.jpg", jpeg(300, 450, 5))
    assert (await post("/api/covers/process", isbn=str(FOX), url=url)).status_code == 201
    assert opened((await service.get(f"/covers/{FOX}/large")).content).width == 300, "the new one, at once"
    assert "verysecret" not in str(rows("select * from covers.covers"))
    assert rows("select lane from quota.calls") == [("interactive",)] * 3


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://127.0.0.1:1/x.jpg", "port"),
        ("http://127.0.0.1/x.jpg", "private"),
        ("http://169.254.169.254/latest/meta-data/", "private"),
        ("http://2130706433/", "host"),
        ("http://0x7f.1/", "host"),
        ("http://[::ffff:127.0.0.1]/", "private"),
        ("http://localhost/", "private"),
        ("http://me:pw@93.184.216.34/", "credentials"),
        ("file:///etc/passwd", "scheme"),
        ("ftp://example.org/x.jpg", "scheme"),
        ("http://nobody.invalid/x.jpg", "unreachable"),
    ],
)
async def test_what_must_not_be_asked_is_refused(standing: httpx2.AsyncClient, url: str, reason: str) -> None:
    answer = await standing.post("/api/covers/process", json={"isbn": str(FOX), "url": url})
    assert answer.status_code == 403
    told = answer.json()
    assert (told["reason"], [error["field"] for error in told["errors"]]) == (reason, ["url"])
    assert (await standing.get(f"/api/covers/status/{FOX}")).json()["status"] == "unknown"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(b"<html>", content_type="image/jpeg"), "no_picture"),
        (Answer(b""), "empty"),
        (Answer(jpeg(10, 10)), "too_small"),
        (Answer(b"", 404), "not_found"),
        (Answer(b"", 500), "unreachable"),
        (Answer(b"", 403), "unreachable"),
        (Answer(b"", 302, {"Location": "http://10.0.0.1/"}), "private"),
        (Answer(b"", 302, {"Location": "/x.jpg"}), "redirect"),
        (Answer(b"x" * 10_000_001), "unreachable"),
    ],
    ids=["html", "empty", "tiny", "missing", "broken", "forbidden", "to a private place", "loop", "large"],
)
async def test_what_is_no_cover_is_not_taken(post: Post, host: Host, rows: Rows, answer: Answer, reason: str) -> None:
    host.answers["/x.jpg"] = answer
    told = await post("/api/covers/process", isbn=str(FOX), url=f"{host.url}/x.jpg")
    assert told.status_code == 403
    assert told.json()["reason"] == reason
    assert told.json()["detail"]
    assert rows("select 1 from covers.covers") == []


async def test_without_a_contact_nothing_is_fetched(
    database: Database, make: MakeCovers, host: Host, tmp_path: Path
) -> None:
    settings = settings_for(host, tmp_path, INTERNAL_API_KEY=KEY)
    async with served(settings, database, make(CONTACT="")) as service:
        body = {"isbn": str(FOX), "url": "http://93.184.216.34/x"}
        answer = await service.post("/api/covers/process", json=body, headers={"X-API-Key": KEY})
    assert (answer.status_code, answer.json()["reason"]) == (403, "unreachable")
    assert "ALEXANDRIA_CONTACT" in answer.json()["detail"]


# --- wrong covers ------------------------------------------------------------------------------------------------


async def test_a_wrong_cover_is_taken_away(
    database: Database, covers: Covers, host: Host, service: httpx2.AsyncClient, post: Post,
    rows: Rows,
) -> None:  # fmt: skip
    await stored(database, covers, host)
    assert (await service.get(f"/covers/{FOX}/large")).status_code == 200
    answer = await post("/api/covers/wrong", isbn=str(FOX))
    assert (answer.status_code, answer.json()) == (200, {"isbns": [str(FOX)]})
    assert (await service.get(f"/covers/{FOX}/large")).status_code == 404, "at once"
    assert rows("select key from queue.jobs") == [(FOX,)]
    assert (await post("/api/covers/wrong", isbn=str(FOX))).status_code == 404
    again = await post("/api/covers/process", isbn=str(FOX), url=f"{host.url}{OL}")
    assert (again.status_code, again.json()["reason"]) == (403, "marked_wrong")
    taken_back = await service.delete(f"/api/covers/wrong/{FOX}", headers={"X-API-Key": KEY})
    assert (taken_back.status_code, taken_back.json()) == (200, {"forgotten": 1})
    assert (await service.delete(f"/api/covers/wrong/{FOX}", headers={"X-API-Key": KEY})).status_code == 404
    assert (await post("/api/covers/process", isbn=str(FOX), url=f"{host.url}{OL}")).status_code == 201


async def test_for_all_books_only_an_admin_decides(
    database: Database, covers: Covers, host: Host, service: httpx2.AsyncClient
) -> None:
    await stored(database, covers, host)
    key, _ = await create_key(database, "test", "write", None)
    body = {"isbn": str(FOX), "everywhere": True}
    assert (await service.post("/api/covers/wrong", json=body, headers={"X-API-Key": key.text})).status_code == 403
    assert (await service.post("/api/covers/wrong", json=body, headers={"X-API-Key": KEY})).json() == {
        "isbns": [str(FOX)]
    }


async def test_other_processes_hear_of_it_soon(
    database: Database, covers: Covers, make: MakeCovers, host: Host, service: httpx2.AsyncClient
) -> None:
    covers.shelf._fresh = 0.3
    other = make()
    await stored(database, other, host)
    assert (await service.get(f"/covers/{FOX}/large")).status_code == 200
    await other.offers.mark_wrong(FOX, "somebody")
    async with asyncio.timeout(120):
        while (await service.get(f"/covers/{FOX}/large")).status_code != 404:
            await asyncio.sleep(0.1)
