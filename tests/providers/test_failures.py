"""Every fault of ISBNdb and Google Books has its type, is settled, and is never taken for an absence."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from alexandria.config import ProviderSettings
from alexandria.errors import ProviderFailed
from alexandria.net.client import Client
from alexandria.providers.google_books import GoogleBooks
from alexandria.providers.google_books.judge import next_day as next_pacific_day
from alexandria.providers.isbndb import Isbndb
from alexandria.providers.isbndb.judge import next_day as next_utc_day
from tests.net.ledger import Ledger
from tests.net.server import Answer, Server, json_answer, refusing
from tests.providers.answers import BOOK, ISBN, OTHER, WRONG_BOOK, body, volume, volumes
from tests.providers.conftest import SHORT
from tests.providers.failures import FAULTS, ROWS, Row, on_the_wire, table

pytestmark = pytest.mark.anyio
Ask = Callable[[Isbndb, GoogleBooks], Awaitable[object]]
PATIENCE = 0.1
WORDS = {
    "Unavailable": "unavailable",
    "Malformed": "malformed",
    "Unauthorized": "unauthorized",
    "Throttled": "throttled",
    "QuotaExhausted": "quota",
}


def isbndb_says(text: str, status: int, **headers: str) -> Answer:
    return json_answer({"message": text, "errorMessage": text}, status, **headers)


def isbndb_faults(right: object, wrong: object) -> dict[str, Answer]:
    policy = '"rate";q=300;w=60, "daily";q=50000;w=86400'
    return on_the_wire(body(right)) | {
        "401": isbndb_says("Bad credentials.", 401),
        "403": isbndb_says("Your plan does not include it.", 403),
        "404": isbndb_says("Book not found", 404),
        "429 a second": isbndb_says("Per minute quota exceeded, please try again later", 429),
        "429 a second, told": isbndb_says("Limit Exceeded", 429, ratelimit='"rate";r=0;t=12', ratelimit_policy=policy),
        "429 a day": isbndb_says("Daily quota exceeded, please try again later", 429),
        "429 a day, told": json_answer({}, 429, ratelimit='"daily";r=0;t=3600', ratelimit_policy=policy),
        "wrong book": json_answer(wrong),
    }


def google_says(status: int, reason: str, message: str, limit: str = "", **headers: str) -> Answer:
    error = {"code": status, "message": message, "errors": [{"message": message, "reason": reason}]}
    if limit:
        error["details"] = [{"reason": "RATE_LIMIT_EXCEEDED", "metadata": {"quota_limit": limit}}]
    return json_answer({"error": error}, status, **headers)


def google_faults() -> dict[str, Answer]:
    return on_the_wire(body(volumes(volume(ISBN)))) | {
        "401": google_says(401, "authError", "Invalid Credentials"),
        "403": google_says(403, "accessNotConfigured", "Books API has not been used in project 1 before"),
        "404": google_says(404, "notFound", "The volume ID could not be found."),
        "429 a second": google_says(429, "rateLimitExceeded", "Quota exceeded", "defaultPerMinutePerProject"),
        "429 a day": google_says(403, "dailyLimitExceeded", "Daily Limit Exceeded"),
        "429 a day, told": google_says(429, "rateLimitExceeded", "Quota exceeded", "defaultPerDayPerProject"),
        "wrong book": json_answer(volumes(volume(OTHER))),
    }


CALLS: dict[tuple[str, str], tuple[dict[str, Answer], Ask]] = {
    ("isbndb", "book"): (
        isbndb_faults({"book": BOOK}, {"book": WRONG_BOOK}),
        lambda i, g: i.book(ISBN, patience=PATIENCE),
    ),
    ("isbndb", "books"): (
        isbndb_faults({"data": [BOOK]}, {"total": 1, "requested": 2, "data": [WRONG_BOOK]}),
        lambda i, g: i.books([ISBN, 9780141346441], patience=PATIENCE),
    ),
    ("isbndb", "author page"): (
        isbndb_faults({"books": [BOOK]}, {"books": [WRONG_BOOK]}),
        lambda i, g: i.author_page("Roald Dahl", patience=PATIENCE),
    ),
    ("google-books", "by isbn"): (google_faults(), lambda i, g: g.by_isbn(ISBN, patience=PATIENCE)),
    ("google-books", "search"): (google_faults(), lambda i, g: g.search("Fantastic Mr. Fox", patience=PATIENCE)),
}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.provider}: {row.call}: {row.fault}")
async def test_every_fault_has_its_outcome(
    row: Row,
    client: Client,
    server: Server,
    ledger: Ledger,
    isbndb_settings: ProviderSettings,
    google_books_settings: ProviderSettings,
) -> None:
    faults, ask = CALLS[row.provider, row.call]
    if row.fault in ("time-out", "slow drip"):
        isbndb_settings = replace(isbndb_settings, timeout=SHORT)
        google_books_settings = replace(google_books_settings, timeout=SHORT)
    if row.fault == "nobody listens":
        isbndb_settings = replace(isbndb_settings, url=refusing())
        google_books_settings = replace(google_books_settings, url=isbndb_settings.url)
    else:
        server.script = [faults[row.fault]]
    now = datetime.now(UTC)
    try:
        found: object = await ask(Isbndb(client, isbndb_settings), GoogleBooks(client, google_books_settings))
    except ProviderFailed as failure:
        found = failure
    assert row.outcome in [kind.__name__ for kind in type(found).__mro__]
    assert None not in ledger.outcomes
    if not isinstance(found, ProviderFailed):
        assert ledger.words == [None]
        return
    assert found.bucket == row.provider
    assert ledger.words[-1] in (WORDS[row.outcome], None)  # None: a batch that was answered in part
    assert bool(found.retry_at) == (row.again == "told")
    if row.outcome == "QuotaExhausted":
        next_day = next_utc_day if row.provider == "isbndb" else next_pacific_day
        assert found.retry_at in (next_day(now), next_day(datetime.now(UTC)))


def test_no_failure_is_ever_an_absence() -> None:
    absent = {(row.provider, row.call, row.fault) for row in ROWS if row.outcome not in WORDS}
    assert absent == {
        ("isbndb", "book", "404"),
        ("isbndb", "author page", "404"),
        ("isbndb", "author page", "wrong book"),  # whether a book is by the author is for others to judge
        ("google-books", "by isbn", "wrong book"),
        ("google-books", "search", "wrong book"),
    }


def test_the_matrix_is_complete() -> None:
    for call in CALLS:
        assert {row.fault for row in ROWS if (row.provider, row.call) == call} == set(FAULTS)
    lines = table(ROWS).splitlines()
    assert len(lines) == 2 + len(FAULTS)
    assert len({line.count("|") for line in lines}) == 1
    assert "| HTML: 200 with a web page | `Malformed` |" in table(ROWS)
