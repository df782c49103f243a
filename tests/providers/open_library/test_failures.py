"""Every fault of Open Library has its type, and none is taken for an absence."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import msgspec
import pytest

from alexandria.biblio.keys import Key
from alexandria.config.providers import ProviderSettings
from alexandria.net.client import Client
from alexandria.providers.open_library import OpenLibrary
from alexandria.providers.open_library.records import read_many
from tests.net.ledger import Ledger
from tests.net.server import Answer, Server, json_answer, refusing
from tests.providers.failures import FAULTS, Row
from tests.providers.open_library.failures import FAILURES
from tests.providers.open_library.outcomes import PATIENCE, TIMEOUT, WORDS, check, faults
from tests.providers.open_library.test_records import EDITION

pytestmark = pytest.mark.anyio
ISBN = 9780140328721
OTHER = {**EDITION, "key": "/books/OL8M", "isbn_10": [], "isbn_13": ["9780743273565"]}
GONE = json_answer({"error": "notfound", "key": "/books/OL7M"}, 404)
Ask = Callable[[OpenLibrary], Awaitable[object]]


def of(right: Any, wrong: Any = None) -> dict[str, Answer]:
    return faults(msgspec.json.encode(right), json_answer(wrong) if wrong else None, GONE)


CALLS: dict[str, tuple[dict[str, Answer], Ask]] = {
    "edition": (of(EDITION, OTHER), lambda asked: asked.edition(7, patience=PATIENCE)),
    "edition by isbn": (of(EDITION, OTHER), lambda asked: asked.edition_by_isbn(ISBN, patience=PATIENCE)),
    "get_many": (
        of({"result": {"/books/OL7M": EDITION}}, {"result": {"/books/OL7M": OTHER}}),
        lambda asked: asked.get_many([Key("edition", 7)], patience=PATIENCE),
    ),
    "recent changes": (
        of([{"id": "1", "timestamp": "2026-03-02T00:00:00", "kind": "add-book"}]),
        lambda asked: asked.recent_changes(date(2026, 3, 2), patience=PATIENCE),
    ),
    "search": (of({"docs": []}), lambda asked: asked.search("Emma", patience=PATIENCE)),
}


@pytest.mark.parametrize("row", FAILURES, ids=lambda row: f"{row.call}: {row.fault}")
async def test_every_fault_has_its_outcome(row: Row, client: Client, server: Server, ledger: Ledger) -> None:
    answers, ask = CALLS[row.call]
    url = refusing() if row.fault == "nobody listens" else server.url
    server.script = [answers.get(row.fault, Answer())]
    settings = ProviderSettings(name="open-library", bucket="open-library", url=url, timeout=TIMEOUT)
    await check(row, lambda: ask(OpenLibrary(client, settings)), ledger)


def test_another_record_in_get_many_is_not_missing() -> None:
    found = read_many(msgspec.json.encode({"result": {"/books/OL7M": OTHER}}), [Key("edition", 7)])
    assert (list(found.unreadable), found.missing) == ([Key("edition", 7)], ())


def test_no_failure_is_ever_an_absence() -> None:
    absent = {(row.call, row.fault) for row in FAILURES if row.outcome not in WORDS}
    assert absent == {
        ("edition", "404"), ("edition by isbn", "404"), ("edition by isbn", "404 page"), ("get_many", "wrong book"),
    }  # fmt: skip


def test_the_matrix_is_complete() -> None:
    for call in CALLS:
        known = {row.fault for row in FAILURES if row.call == call}
        assert known | {"wrong book"} == set(FAULTS)
