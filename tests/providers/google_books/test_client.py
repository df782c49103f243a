"""What is asked of Google Books, and how its answers are checked."""

from dataclasses import replace
from typing import Any

import pytest

from alexandria.config import ProviderSettings
from alexandria.errors import BadInput, Malformed, Unauthorized, Unavailable
from alexandria.net.client import Client
from alexandria.net.gate import Call
from alexandria.providers.google_books import GoogleBooks, profile
from alexandria.providers.provider import Found, NotFound, Price
from tests.net.ledger import Ledger
from tests.net.server import Answer, Server, json_answer
from tests.providers.answers import ISBN, OTHER, volume, volumes
from tests.providers.conftest import KEY

pytestmark = pytest.mark.anyio


async def test_a_volume_by_its_isbn(google_books: GoogleBooks, server: Server, ledger: Ledger) -> None:
    server.script = [json_answer(volumes(volume(ISBN)))]
    found = await google_books.by_isbn(ISBN, lane="interactive", patience=1.5)
    assert isinstance(found, Found)
    assert (found.answer.title, found.record, found.revision) == ("x", "wNPnl5zYA-cC", None)  # etags change too often
    (asked,) = server.asked
    assert asked.path == "/books/v1/volumes"
    assert asked.query == {"q": f"isbn:{ISBN}", "maxResults": "10", "country": "US", "key": KEY}
    assert ledger.calls == [Call("google-books", "interactive", "isbn", 1, 1)]
    assert (ledger.outcome.found, ledger.patience) == (1, [1.5])


@pytest.mark.parametrize(
    "list_",
    [
        {"kind": "books#volumes", "totalItems": 0},  # items are missing where there is no hit
        {"kind": "books#volumes", "totalItems": 3},  # which is only an estimate
        {"kind": "books#volumes", "totalItems": 0, "items": []},
        {"kind": "books#volumes", "totalItems": 0, "items": None},
        volumes(volume(OTHER)),
        volumes(volume(OTHER), {"id": "x", "volumeInfo": {}}, {"id": "y"}),
    ],
)
async def test_another_book_is_none(
    google_books: GoogleBooks, server: Server, ledger: Ledger, list_: dict[str, Any]
) -> None:
    server.script = [json_answer(list_)]
    assert await google_books.by_isbn(ISBN) == NotFound()
    assert ledger.outcome.found == 0


async def test_the_right_one_among_others(google_books: GoogleBooks, server: Server) -> None:
    short = {"id": "short", "volumeInfo": {"industryIdentifiers": [{"type": "ISBN_10", "identifier": "0140328726"}]}}
    server.script = [json_answer(volumes(volume(OTHER), {"id": 7}, short))]
    found = await google_books.by_isbn(ISBN)
    assert isinstance(found, Found)
    assert found.record == "short"
    full = {**volume(ISBN, publisher="Puffin", pageCount=96), "id": "full"}
    server.script = [json_answer(volumes(short, full, volume(ISBN)))]
    found = await google_books.by_isbn(ISBN)
    assert isinstance(found, Found)
    assert found.record == "full"


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b"[]",
        b'{"kind": "books#volume", "id": "x"}',
        b'{"totalItems": 0}',
        b'{"kind": "books#volumes", "items": {}}',
        b'{"kind": "books#volumes", "items": [{"id": 7}]}',
        b'{"kind": "books#volumes", "items": [null]}',
    ],
)
async def test_what_it_does_not_document_is_no_absence(
    google_books: GoogleBooks, server: Server, ledger: Ledger, body: bytes
) -> None:
    server.script = [Answer(body)]
    with pytest.raises(Malformed):
        await google_books.by_isbn(ISBN)
    assert ledger.words == ["malformed"]


async def test_a_search(google_books: GoogleBooks, server: Server, ledger: Ledger) -> None:
    server.script = [json_answer(volumes(volume(OTHER), {"id": 7}, volume(ISBN)))]
    found = await google_books.search('The "Fox" inauthor:x', "Dahl & Söhne")
    assert [each.answer.isbns for each in found] == [(OTHER,), (ISBN,)]
    (asked,) = server.asked
    assert asked.query == {
        "q": 'intitle:"The Fox inauthor:x" inauthor:"Dahl & Söhne"', "maxResults": "40", "country": "US",
        "printType": "books", "key": KEY,
    }  # fmt: skip
    assert ledger.calls == [Call("google-books", "enrichment", "search", 1, 1)]
    assert ledger.outcome.found == 2
    server.script = [json_answer({"kind": "books#volumes", "totalItems": 0})]
    assert await google_books.search("x", ' " ') == ()
    assert server.asked[-1].query["q"] == 'intitle:"x"'
    server.script = [json_answer(volumes({"id": 7}))]
    with pytest.raises(Malformed, match="none of which"):
        await google_books.search("x")


@pytest.mark.parametrize("title", ["", "  ", '"', "...", "\u0000"])
async def test_nothing_is_not_searched(google_books: GoogleBooks, server: Server, title: str) -> None:
    with pytest.raises(BadInput, match="title"):
        await google_books.search(title)
    assert server.asked == []


async def test_without_a_key_nothing_is_asked(
    client: Client, google_books_settings: ProviderSettings, ledger: Ledger
) -> None:
    with pytest.raises(Unauthorized, match="ALEXANDRIA_GOOGLE_BOOKS_API_KEY"):
        await GoogleBooks(client, replace(google_books_settings, api_key=None)).by_isbn(ISBN)
    assert ledger.calls == []


async def test_a_backend_that_often_fails_is_asked_again(
    google_books: GoogleBooks, server: Server, ledger: Ledger
) -> None:
    failed = json_answer({"error": {"code": 503, "errors": [{"reason": "backendFailed"}]}}, 503)
    server.script = [failed, failed, json_answer(volumes(volume(ISBN)))]
    assert isinstance(await google_books.by_isbn(ISBN), Found)
    assert ledger.words == ["unavailable", "unavailable", None]


async def test_the_key_is_in_no_error(google_books: GoogleBooks, server: Server) -> None:
    server.script = [json_answer({"error": {"message": f"?key={KEY} is not valid"}}, 400), Answer(b"", 503)]
    for kind in (Malformed, Unavailable):
        with pytest.raises(kind) as caught:
            await google_books.by_isbn(ISBN)
        assert KEY not in str(caught.value)


async def test_what_it_can_do(google_books_settings: ProviderSettings) -> None:
    found = profile(google_books_settings)
    assert (found.name, found.bucket, found.licence) == ("google-books", "google-books", "proprietary")
    assert found.prices == {"edition_by_isbn": Price(), "editions_by_text": Price()}
