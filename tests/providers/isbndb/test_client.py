"""What is asked of ISBNdb, at which price, and what its answers become."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from alexandria.config import ProviderSettings
from alexandria.errors import BadInput, Malformed, QuotaExhausted, Unauthorized, Unavailable
from alexandria.net.client import Client
from alexandria.net.gate import Call
from alexandria.providers.isbndb import Isbndb, profile
from alexandria.providers.provider import Found, NotFound, Price
from tests.net.ledger import Ledger
from tests.net.server import Answer, Asked, Server, json_answer
from tests.providers.answers import BOOK, ISBN, OTHER, WRONG_BOOK, made_isbn
from tests.providers.conftest import KEY, SHORT

pytestmark = pytest.mark.anyio
ISBNS = [made_isbn(number) for number in range(14_032_000, 14_032_400)]
DAILY = json_answer({"message": "Daily quota exceeded"}, 429)


def shelf(*unknown: int, most: int = 1000, failing: Answer | None = None) -> Callable[[Asked], Answer]:
    """A script for POST /books that knows everything but the unknown, up to `most` at a time."""

    def answer(asked: Asked) -> Answer:
        isbns = asked.json["isbns"]
        if len(isbns) > most:
            return failing or json_answer({"message": "too many"}, 400)
        data = [{"title": f"Book {isbn}", "isbn13": isbn} for isbn in reversed(isbns) if int(isbn) not in unknown]
        return json_answer({"total": len(data), "requested": len(isbns), "data": data})

    return answer


def sizes(server: Server) -> list[int]:
    return [len(asked.json["isbns"]) for asked in server.asked]


# --- one book -------------------------------------------------------------------------------------------------


async def test_a_book(isbndb: Isbndb, server: Server, ledger: Ledger) -> None:
    server.script = [json_answer({"book": BOOK})]
    found = await isbndb.book(ISBN, lane="interactive", patience=2.5)
    assert isinstance(found, Found)
    assert (found.answer.title, found.record, found.revision) == ("Fantastic Mr. Fox", str(ISBN), None)
    (asked,) = server.asked
    assert (asked.method, asked.target) == ("GET", f"/book/{ISBN}")
    assert asked.headers["authorization"] == KEY  # bare, without Bearer
    assert ledger.calls == [Call("isbndb", "interactive", "book", 1, 1)]
    assert ledger.patience == [2.5]
    assert ledger.outcome.found == 1


async def test_a_book_that_is_not_known(isbndb: Isbndb, server: Server, ledger: Ledger) -> None:
    for body in ({"message": "Book not found", "errorMessage": "Book not found"}, {"errorMessage": "Not Found"}):
        server.script = [json_answer(body, 404)]
        assert await isbndb.book(ISBN) == NotFound()
    assert [outcome.found for outcome in ledger.outcomes if outcome] == [0, 0]
    assert ledger.words == [None, None]


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'"Not Found"', b'{"message": ""}', b"<html>"])
async def test_a_404_that_is_not_its_own_is_no_absence(isbndb: Isbndb, server: Server, body: bytes) -> None:
    server.script = [Answer(body, 404)]
    with pytest.raises(Malformed):
        await isbndb.book(ISBN)


@pytest.mark.parametrize("wrong", [WRONG_BOOK, {}, {"title": "x"}, {**BOOK, "isbn13": "9780140328720"}])
async def test_another_book_is_a_fault(isbndb: Isbndb, server: Server, ledger: Ledger, wrong: dict[str, Any]) -> None:
    server.script = [json_answer({"book": wrong})]
    with pytest.raises(Malformed, match="came for"):
        await isbndb.book(ISBN)
    assert ledger.words == ["malformed"]


async def test_its_short_isbn_is_proof_enough(isbndb: Isbndb, server: Server) -> None:
    server.script = [json_answer({"book": {"isbn10": "0140328726"}})]
    assert isinstance(await isbndb.book(ISBN), Found)


async def test_without_a_key_nothing_is_asked(
    client: Client, isbndb_settings: ProviderSettings, ledger: Ledger
) -> None:
    with pytest.raises(Unauthorized, match="ALEXANDRIA_ISBNDB_API_KEY"):
        await Isbndb(client, replace(isbndb_settings, api_key=None)).book(ISBN)
    assert ledger.calls == []


async def test_the_key_is_in_no_error(isbndb: Isbndb, server: Server) -> None:
    server.script = [json_answer({"message": f"the key {KEY} is wrong"}, 401)]
    asks: list[Callable[[], Awaitable[object]]] = [
        lambda: isbndb.book(ISBN), lambda: isbndb.books([ISBN, OTHER]), lambda: isbndb.author_page("x"), isbndb.key
    ]  # fmt: skip
    for ask in asks:
        with pytest.raises(Unauthorized, match="is wrong") as caught:
            await ask()
        assert KEY not in f"{caught.value} {caught.value!r}"


# --- batches --------------------------------------------------------------------------------------------------


async def test_a_batch_is_one_request(isbndb: Isbndb, server: Server, ledger: Ledger) -> None:
    server.script = shelf(ISBNS[3])
    batch = await isbndb.books([*ISBNS[:10], ISBNS[0]], lane="enrichment")
    assert [isinstance(batch.answers[isbn], Found) for isbn in ISBNS[:10]] == [isbn != ISBNS[3] for isbn in ISBNS[:10]]
    assert batch.answers[ISBNS[3]] == NotFound()
    assert batch.failures == {}
    (asked,) = server.asked
    assert (asked.method, asked.target, asked.headers["content-type"]) == ("POST", "/books", "application/json")
    assert asked.json == {"isbns": [str(isbn) for isbn in ISBNS[:10]]}
    assert ledger.calls == [Call("isbndb", "enrichment", "books", 10, 10)]
    assert (ledger.outcome.charged, ledger.outcome.found) == (10, 9)


async def test_an_old_subscription_pays_by_the_request(
    client: Client, server: Server, ledger: Ledger, isbndb_settings: ProviderSettings
) -> None:
    settings = replace(isbndb_settings, batch_cost="request")
    server.script = shelf()
    await Isbndb(client, settings).books(ISBNS[:10])
    assert (ledger.calls[0].units, ledger.calls[0].items, ledger.outcome.charged) == (1, 10, None)
    assert profile(settings).prices["editions_by_isbns"] == Price(request=1, item=0, most=250)
    assert profile(isbndb_settings).prices["editions_by_isbns"] == Price(request=0, item=1, most=250)


async def test_many_isbns_are_many_batches(isbndb: Isbndb, server: Server, ledger: Ledger) -> None:
    server.script = shelf()
    batch = await isbndb.books(ISBNS)
    assert set(batch.answers) == set(ISBNS)
    assert sizes(server) == [250, 150]
    assert [call.units for call in ledger.calls] == [250, 150]
    assert await isbndb.books([]) == type(batch)({}, {})


@pytest.mark.parametrize(
    "failing", [None, Answer(b"", 413), Answer(b"", 500), Answer(b"", 504), Answer(fault="silent")]
)
async def test_a_batch_that_is_too_large_is_halved(
    client: Client, isbndb_settings: ProviderSettings, server: Server, ledger: Ledger, failing: Answer | None
) -> None:
    is_slow = failing is not None and failing.fault == "silent"
    isbndb = Isbndb(client, replace(isbndb_settings, timeout=SHORT) if is_slow else isbndb_settings)
    server.script = shelf(most=70, failing=failing)
    batch = await isbndb.books(ISBNS[:250])
    assert set(batch.answers) == set(ISBNS[:250])
    assert sizes(server)[:4] == [250, 125, 62, 62]
    assert None not in ledger.outcomes
    before = isbndb.batch_size
    assert before < 125  # and it is remembered
    await isbndb.books(ISBNS[:10])
    assert isbndb.batch_size == before


async def test_a_host_that_always_fails_is_not_asked_for_ever(isbndb: Isbndb, server: Server) -> None:
    server.script = [Answer(b"", 500)]
    with pytest.raises(Unavailable):
        await isbndb.books(ISBNS[:250])
    assert sizes(server) == [250, 125, 62, 31]


@pytest.mark.parametrize("answer", [Answer(b"", 503), Answer(b"", 401), DAILY, Answer(fault="reset"), Answer(b"")])
async def test_what_is_not_due_to_its_size_is_not_tried_again(isbndb: Isbndb, server: Server, answer: Answer) -> None:
    server.script = [answer]
    with pytest.raises((Unavailable, Unauthorized, QuotaExhausted, Malformed)):
        await isbndb.books(ISBNS[:250])
    assert sizes(server) == [250]
    assert isbndb.batch_size == 250


async def test_what_was_answered_before_a_failure_is_kept(isbndb: Isbndb, server: Server) -> None:
    answers = shelf()
    server.script = lambda asked: answers(asked) if len(server.asked) == 1 else DAILY
    batch = await isbndb.books(ISBNS)
    assert set(batch.answers) == set(ISBNS[:250])
    assert set(batch.failures) == set(ISBNS[250:])
    assert all(isinstance(failure, QuotaExhausted) for failure in batch.failures.values())


async def test_heavy_editions_make_batches_small(isbndb: Isbndb, server: Server) -> None:
    def answer(asked: Asked) -> Answer:
        data = [{"isbn13": isbn, "synopsis": "x" * 40_000} for isbn in asked.json["isbns"]]
        return json_answer({"total": len(data), "requested": len(data), "data": data})

    server.script = answer
    await isbndb.books(ISBNS[:100])
    assert 50 < isbndb.batch_size < 100
    await isbndb.books(ISBNS)
    assert max(sizes(server)[1:]) < 100


def told(*books: Any, **fields: Any) -> Answer:
    return json_answer({"data": list(books), **fields})


@pytest.mark.parametrize(
    ("answer", "absent"),
    [
        (told(BOOK, total=1, requested=2), True),
        (told(BOOK, total="1", requested="2"), True),
        (told(BOOK), True),
        (told({**BOOK, "isbn13": None, "isbn10": "0140328726"}), True),
        (json_answer({"data": {"0": BOOK}, "total": 1}), True),  # a list sent as an object
        (told(BOOK, total=2, requested=2), False),  # one of its books is missing
        (told(BOOK, total=1, requested=1), False),  # it has not looked for the other
        (told(BOOK, WRONG_BOOK | {"isbn13": "9781892738400"}, total=2), False),
        (told(BOOK, {"title": 7}), False),
        (told(BOOK, None), False),
        (told(BOOK, {}), False),
    ],
)
async def test_only_a_complete_answer_says_that_an_isbn_is_unknown(
    isbndb: Isbndb, server: Server, answer: Answer, absent: bool
) -> None:
    server.script = [answer]
    batch = await isbndb.books([ISBN, OTHER])
    assert isinstance(batch.answers[ISBN], Found)
    if absent:
        assert batch.answers[OTHER] == NotFound()
    else:
        assert OTHER not in batch.answers
        assert isinstance(batch.failures[OTHER], Malformed)


async def test_a_complete_answer_may_know_nothing(isbndb: Isbndb, server: Server) -> None:
    server.script = [told(total=0, requested=2)]
    assert (await isbndb.books([ISBN, OTHER])).answers == {ISBN: NotFound(), OTHER: NotFound()}


# --- pages ----------------------------------------------------------------------------------------------------


async def test_a_page_of_an_author(isbndb: Isbndb, server: Server, ledger: Ledger) -> None:
    server.script = [json_answer({"author": "x", "books": [BOOK] * 100, "total": 250})]
    page = await isbndb.author_page("O'Brien / Flann & Söhne?", 2)
    (asked,) = server.asked
    assert asked.path == "/author/O'Brien / Flann & Söhne?"
    assert "/" not in asked.target.partition("?")[0].removeprefix("/author/")
    assert asked.query == {"page": "2", "pageSize": "100"}
    assert (len(page.editions), page.more, page.total) == (100, True, 250)
    assert ledger.calls == [Call("isbndb", "harvest", "author", 1, 1)]
    assert ledger.outcome.found == 100


@pytest.mark.parametrize(
    ("count", "total", "page", "more"),
    [
        (100, None, 1, True),
        (99, None, 1, False),
        (100, 100, 1, False),
        (100, 101, 1, True),
        (0, 500, 1, False),  # an empty page ends it, whatever the total
        (100, 20_000, 99, True),
        (100, 20_000, 100, False),  # no more than 10,000 results can be had
    ],
)
async def test_whether_there_is_more(
    isbndb: Isbndb, server: Server, count: int, total: int | None, page: int, more: bool
) -> None:
    server.script = [json_answer({"books": [BOOK] * count, "total": total})]
    assert (await isbndb.author_page("Roald Dahl", page)).more is more


async def test_pages_that_cannot_be_are_not_asked_for(isbndb: Isbndb, server: Server, ledger: Ledger) -> None:
    beyond = await isbndb.author_page("Roald Dahl", 101)
    assert (beyond.editions, beyond.more) == ((), False)
    with pytest.raises(BadInput, match="page"):
        await isbndb.author_page("Roald Dahl", 0)
    for name in ("", "  ", "..", "///", "\u0000"):
        with pytest.raises(BadInput, match="name"):
            await isbndb.author_page(name)
    assert (server.asked, ledger.calls) == ([], [])


async def test_a_long_name_is_cut(isbndb: Isbndb, server: Server) -> None:
    server.script = [json_answer({"books": []})]
    await isbndb.author_page("Roald " * 100)
    assert len(server.asked[0].path.removeprefix("/author/")) <= 150


async def test_a_page_in_which_not_all_is_understood(isbndb: Isbndb, server: Server) -> None:
    server.script = [json_answer({"books": [BOOK, {"title": 1}, {"title": "no ISBN"}], "total": 3})]
    page = await isbndb.author_page("Roald Dahl")
    assert (len(page.editions), page.unread) == (1, 2)
    server.script = [json_answer({"books": [{"title": 1}], "total": 1})]
    with pytest.raises(Malformed, match="none of which"):
        await isbndb.author_page("Roald Dahl")


async def test_a_search(isbndb: Isbndb, server: Server, ledger: Ledger) -> None:
    server.script = [json_answer({"total": 1, "data": [BOOK]})]
    page = await isbndb.search("Fantastic Mr. Fox", "Roald Dahl")
    assert (len(page.editions), page.more) == (1, False)
    await isbndb.search("x", "  ")
    assert [asked.path for asked in server.asked] == ["/search/books"] * 2
    size = {"page": "1", "pageSize": "100"}
    assert server.asked[0].query == {"text": "Fantastic Mr. Fox", "author": "Roald Dahl", **size}
    assert server.asked[1].query == {"text": "x", **size}
    assert ledger.calls[0] == Call("isbndb", "enrichment", "search", 1, 1)
    with pytest.raises(BadInput, match="title"):
        await isbndb.search("")


@pytest.mark.parametrize("when", ["2026-11-22", "2026-11"])
async def test_what_was_published(isbndb: Isbndb, server: Server, when: str) -> None:
    server.script = [json_answer({"total": 1, "books": [BOOK]})]
    assert len((await isbndb.published(when)).editions) == 1
    assert server.asked[0].path == f"/books/{when}"
    assert server.asked[0].query == {"column": "date_published", "page": "1", "pageSize": "100"}


@pytest.mark.parametrize("when", ["2026", "2026-13", "2026-02-31", "22.11.2026", "", "../key", "199-"])
async def test_what_is_no_day_is_not_asked(isbndb: Isbndb, server: Server, when: str) -> None:
    with pytest.raises(BadInput, match="when"):
        await isbndb.published(when)
    assert server.asked == []


# --- the key --------------------------------------------------------------------------------------------------


async def test_what_it_says_of_our_key(isbndb: Isbndb, server: Server, ledger: Ledger) -> None:
    limit = {"total": 1000, "spent": 10, "left": 990, "key_spent": 3, "limited_by": "subject"}
    server.script = [json_answer({"api_host": "api2.isbndb.com", "plan_name": "basic", "plan_limit": limit})]
    allowance = await isbndb.key()
    assert (allowance.plan, allowance.host) == ("basic", "api2.isbndb.com")
    assert (allowance.total, allowance.spent, allowance.left) == (1000, 10, 990)
    assert ledger.outcome.remaining == 990
    limit |= {"key_total": 50, "key_left": 47, "limited_by": "key"}
    server.script = [json_answer({"plan_limit": limit})]
    allowance = await isbndb.key()
    assert (allowance.total, allowance.spent, allowance.left) == (50, 3, 47)


async def test_a_daily_window_in_the_headers_is_told(isbndb: Isbndb, server: Server, ledger: Ledger) -> None:
    policy = '"rate";q=300;w=60, "daily";q=50000;w=86400'
    server.script = [json_answer({"book": BOOK}, ratelimit='"daily";r=41;t=9', ratelimit_policy=policy)]
    await isbndb.book(ISBN)
    assert ledger.outcome.remaining == 41


async def test_what_it_can_do(isbndb_settings: ProviderSettings) -> None:
    found = profile(isbndb_settings)
    assert (found.name, found.bucket, found.licence) == ("isbndb", "isbndb", "proprietary")
    assert found.prices["editions_of_author"] == Price(request=1, item=0, most=1)
    assert set(found.prices) == {
        "edition_by_isbn", "editions_by_isbns", "editions_of_author", "editions_by_text", "editions_by_date",
    }  # fmt: skip
