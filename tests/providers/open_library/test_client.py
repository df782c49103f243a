"""Open Library's client against a server of this machine: what it asks, what it follows, what it spends."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from alexandria.biblio.answers import EditionAnswer, Moved, Person
from alexandria.biblio.keys import Key
from alexandria.config.providers import ProviderSettings
from alexandria.errors import BadInput, Malformed
from alexandria.net.client import Client
from alexandria.providers.open_library import PROFILE, OpenLibrary
from alexandria.providers.provider import Found, NotFound
from tests.net.ledger import Ledger
from tests.net.server import Answer, Asked, Server, json_answer
from tests.providers.open_library.test_records import EDITION

pytestmark = pytest.mark.anyio
ISBN = 9780140328721
DAHL = {"key": "/authors/OL34184A", "type": {"key": "/type/author"}, "name": "Roald Dahl", "revision": 3}
FOX = {
    "key": "/works/OL45804W",
    "type": {"key": "/type/work"},
    "title": "Fantastic Mr Fox",
    "authors": [{"author": {"key": "/authors/OL34184A"}, "type": {"key": "/type/author_role"}}],
}


def redirect(key: str, target: str | None) -> dict[str, Any]:
    return {"key": key, "type": {"key": "/type/redirect" if target else "/type/delete"}, "location": target}


def shelf(*records: dict[str, Any], isbns: dict[int, str] | None = None) -> Callable[[Asked], Answer]:
    """A script: the records by key, and where ISBNs lead."""
    by_key = {record["key"]: record for record in records}

    def answer(asked: Asked) -> Answer:
        if asked.path == "/api/get_many":
            keys = json.loads(asked.query["keys"])
            return json_answer({"status": "ok", "result": {key: by_key[key] for key in keys if key in by_key}})
        name = asked.path.removesuffix(".json")
        if name.startswith("/isbn/"):
            target = (isbns or {}).get(int(name.removeprefix("/isbn/")))
            return (
                json_answer({}, 302, Location=f"{target}.json") if target else json_answer({"error": "notfound"}, 404)
            )
        return json_answer(by_key[name]) if name in by_key else json_answer({"error": "notfound"}, 404)

    return answer


async def test_an_edition_with_the_names_of_its_authors(
    open_library: OpenLibrary, server: Server, ledger: Ledger
) -> None:
    server.script = shelf(EDITION, DAHL)
    found = await open_library.edition(7, lane="harvest", patience=3)
    assert isinstance(found, Found)
    assert (found.record, found.revision) == ("OL7M", "9")
    assert found.answer.authors == (Person("Roald Dahl", number=34184),)
    assert [(call.kind, call.units, call.lane, call.bucket) for call in ledger.calls] == [
        ("edition", 1, "harvest", "open-library"),
        ("get_many", 1, "harvest", "open-library"),
    ]
    assert max(ledger.patience) <= 3


async def test_an_edition_whose_work_names_the_authors(open_library: OpenLibrary, server: Server) -> None:
    merged = redirect("/works/OL1W", "/works/OL45804W")
    old = redirect("/authors/OL34184A", "/authors/OL9A")
    server.script = shelf(
        {**EDITION, "authors": [], "works": [{"key": "/works/OL1W"}]},
        merged,
        FOX,
        old,
        {**DAHL, "key": "/authors/OL9A"},
    )
    found = await open_library.edition(7)
    assert isinstance(found, Found)
    assert found.answer.authors == (Person("Roald Dahl", number=9),)
    assert found.answer.work_number == 1


@pytest.mark.parametrize(
    "others",
    [
        [],
        [redirect("/authors/OL34184A", None)],
        [redirect("/authors/OL34184A", "/works/OL1W")],
        [redirect("/authors/OL34184A", "/authors/OL34184A")],
        [{**DAHL, "name": ""}],
        [{**DAHL, "type": "/type/page"}],
    ],
)
async def test_an_author_without_a_name_costs_no_edition(
    open_library: OpenLibrary, server: Server, others: list[dict[str, Any]]
) -> None:
    server.script = shelf(EDITION, *others)
    found = await open_library.edition(7)
    assert isinstance(found, Found)
    assert found.answer.authors == ()
    assert len(server.asked) <= 6


async def test_an_isbn_is_followed_to_its_edition(open_library: OpenLibrary, server: Server, ledger: Ledger) -> None:
    server.script = shelf(EDITION, DAHL, isbns={ISBN: "/books/OL7M"})
    found = await open_library.edition_by_isbn(ISBN)
    assert isinstance(found, Found)
    assert isinstance(found.answer, EditionAnswer)
    assert (found.record, found.answer.isbns) == ("OL7M", (ISBN,))
    assert [asked.path for asked in server.asked[:2]] == [f"/isbn/{ISBN}.json", "/books/OL7M.json"]
    assert len(ledger.calls) == 3  # a redirect is a request of its own
    assert len(ledger.calls) <= PROFILE.prices["edition_by_isbn"].request


async def test_an_isbn_whose_edition_was_merged(open_library: OpenLibrary, server: Server) -> None:
    server.script = shelf(EDITION, DAHL, redirect("/books/OL1M", "/books/OL7M"), isbns={ISBN: "/books/OL1M"})
    found = await open_library.edition_by_isbn(ISBN)
    assert isinstance(found, Found)
    assert found.record == "OL7M"


async def test_an_isbn_whose_edition_was_merged_into_one_without_it(open_library: OpenLibrary, server: Server) -> None:
    other = {**EDITION, "isbn_10": [], "isbn_13": ["9780743273565"]}
    server.script = shelf(other, redirect("/books/OL1M", "/books/OL7M"), isbns={ISBN: "/books/OL1M"})
    assert await open_library.edition_by_isbn(ISBN) == NotFound()


async def test_an_isbn_whose_edition_was_deleted_or_is_not_known(open_library: OpenLibrary, server: Server) -> None:
    server.script = shelf(redirect("/books/OL1M", None), isbns={ISBN: "/books/OL1M"})
    assert await open_library.edition_by_isbn(ISBN) == NotFound()
    assert await open_library.edition_by_isbn(9780000000002) == NotFound()


async def test_an_isbn_that_leads_in_a_circle(open_library: OpenLibrary, server: Server) -> None:
    there, back = redirect("/books/OL1M", "/books/OL2M"), redirect("/books/OL2M", "/books/OL1M")
    server.script = shelf(there, back, isbns={ISBN: "/books/OL1M"})
    with pytest.raises(Malformed, match="from record to record"):
        await open_library.edition_by_isbn(ISBN)


@pytest.mark.parametrize("isbns", [["9780743273565"], [], ["9780140328720"]])
async def test_another_book_than_the_isbns(open_library: OpenLibrary, server: Server, isbns: list[str]) -> None:
    server.script = shelf({**EDITION, "isbn_10": [], "isbn_13": isbns}, isbns={ISBN: "/books/OL7M"})
    with pytest.raises(Malformed, match="which it does not have"):
        await open_library.edition_by_isbn(ISBN)


async def test_what_moved_and_what_is_not_there(open_library: OpenLibrary, server: Server) -> None:
    server.script = shelf(
        redirect("/books/OL1M", "/books/OL7M"),
        redirect("/works/OL1W", None),
        redirect("/authors/OL1A", "/authors/OL2A"),
    )
    assert await open_library.edition(1) == Moved(Key("edition", 7))
    assert await open_library.work(1) == Moved(None)
    assert await open_library.author(1) == Moved(Key("author", 2))
    assert await open_library.edition(2) == NotFound()
    assert await open_library.work(2) == NotFound()
    assert await open_library.author(2) == NotFound()


async def test_a_work_and_an_author(open_library: OpenLibrary, server: Server) -> None:
    server.script = shelf(FOX, DAHL)
    work, author = await open_library.work(45804), await open_library.author(34184)
    assert isinstance(work, Found)
    assert isinstance(author, Found)
    assert work.answer.authors == (Person("Roald Dahl", number=34184),)
    assert (author.answer.name, author.record, author.revision) == ("Roald Dahl", "OL34184A", "3")


async def test_many_records_in_one_request(open_library: OpenLibrary, server: Server, ledger: Ledger) -> None:
    server.script = shelf(EDITION, DAHL, redirect("/works/OL1W", None))
    keys = [Key("edition", 7), Key("author", 34184), Key("work", 1), Key("work", 2)]
    found = await open_library.get_many(keys)
    assert list(found.found) == keys[:3]
    assert found.missing == (keys[3],)
    (asked,), (call,) = server.asked, ledger.calls
    assert json.loads(asked.query["keys"]) == ["/books/OL7M", "/authors/OL34184A", "/works/OL1W", "/works/OL2W"]
    assert (call.units, call.items, ledger.outcome.found) == (1, 4, 3)


async def test_a_smaller_batch_is_held(client: Client, server: Server, ledger: Ledger) -> None:
    server.script = shelf(EDITION, DAHL)
    settings = ProviderSettings(name="open-library", bucket="open-library", url=server.url, batch=2)
    keys = [Key("edition", 7), Key("work", 1), Key("author", 34184), Key("work", 2), Key("work", 1)]
    found = await OpenLibrary(client, settings).get_many(keys)
    assert (list(found.found), found.missing) == ([keys[0], keys[2]], (keys[1], keys[3]))
    assert [call.items for call in ledger.calls] == [2, 2]


async def test_more_keys_than_one_request_takes_and_keys_of_ours(open_library: OpenLibrary, server: Server) -> None:
    assert (await open_library.get_many([])).missing == ()
    with pytest.raises(BadInput, match="100"):
        await open_library.get_many([Key("work", number) for number in range(1, 102)])
    with pytest.raises(BadInput, match="our own"):
        await open_library.get_many([Key("work", -7)])
    with pytest.raises(BadInput, match="our own"):
        await open_library.author(10**12 + 1)
    assert server.asked == []


async def test_recent_changes(open_library: OpenLibrary, server: Server) -> None:
    server.script = [json_answer([])]
    page = await open_library.recent_changes(date(2026, 3, 2), "edit-book", bot=False, offset=950, limit=500)
    assert (page.changesets, page.next_offset, page.is_cut) == ((), None, False)
    (asked,) = server.asked
    assert asked.path == "/recentchanges/2026/03/02/edit-book.json"
    assert asked.query == {"limit": "500", "offset": "950", "bot": "false"}
    with pytest.raises(BadInput, match="10,000"):
        await open_library.recent_changes(date(2026, 3, 2), offset=10_001)
    assert len(server.asked) == 1


async def test_a_missing_page_of_changes_is_no_empty_one(open_library: OpenLibrary, server: Server) -> None:
    server.script = [json_answer([], 404)]
    with pytest.raises(Malformed, match="404"):
        await open_library.recent_changes(date(2026, 3, 2))


async def test_a_search(open_library: OpenLibrary, server: Server) -> None:
    server.script = [json_answer({"docs": [{"key": "/works/OL1W", "title": "Emma", "author_name": ["Jane Austen"]}]})]
    (found,) = await open_library.search('Emma "&q=*', "Austen")
    assert (found.record, found.answer.title, found.answer.authors) == ("OL1W", "Emma", (Person("Jane Austen"),))
    (asked,) = server.asked
    assert asked.query["title"] == 'Emma "&q=*'
    assert asked.query["author"] == "Austen"
    server.script = [json_answer({"docs": [], "numFound": 0})]
    assert await open_library.search("Emma", " ") == ()
    assert "author" not in server.asked[-1].query
    with pytest.raises(BadInput):
        await open_library.search("  ")


async def test_a_search_without_documents_is_no_empty_one(open_library: OpenLibrary, server: Server) -> None:
    server.script = [json_answer({})]
    with pytest.raises(Malformed):
        await open_library.search("Emma")


async def test_another_host_is_not_followed(open_library: OpenLibrary, server: Server) -> None:
    server.script = [json_answer({}, 302, Location="http://169.254.169.254/latest")]
    with pytest.raises(Malformed, match="no host we expect"):
        await open_library.edition_by_isbn(ISBN)
