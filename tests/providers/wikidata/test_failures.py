"""Every fault of Wikidata has its type, and none is taken for an absence."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest

from alexandria.config.providers import ProviderSettings
from alexandria.net.client import Client
from alexandria.providers.wikidata import Wikidata
from tests.net.ledger import Ledger
from tests.net.server import Answer, Asked, Server, json_answer, refusing
from tests.providers.failures import FAULTS, Row
from tests.providers.open_library.outcomes import PATIENCE, TIMEOUT, WORDS, check, faults
from tests.providers.wikidata.failures import FAILURES
from tests.providers.wikidata.items import DAHL, FOX, FOX_EDITION

pytestmark = pytest.mark.anyio
Ask = Callable[[Wikidata], Awaitable[object]]


def of(right: Any, wrong: Any = None) -> dict[str, Answer]:
    missing = json_answer({"error": {"code": "no-such-entity"}}, 404)
    return faults(msgspec.json.encode(right), json_answer(wrong) if wrong else None, missing)


def hits(item: str) -> dict[str, Any]:
    return {"query": {"search": [{"ns": 0, "title": item}]}}


CALLS: dict[str, tuple[dict[str, Answer], Ask]] = {
    "author by key: search": (of(hits("Q25161")), lambda asked: asked.author_by_key(34184, patience=PATIENCE)),
    "author by key: item": (
        of({"entities": {"Q25161": DAHL}}, {"entities": {"Q25161": FOX}}),
        lambda asked: asked.author_by_key(34184, patience=PATIENCE),
    ),
    "edition by isbn: item": (
        of({"entities": {"Q25161": FOX_EDITION}}, {"entities": {"Q999001": FOX_EDITION}}),
        lambda asked: asked.edition_by_isbn(9780140328721, patience=PATIENCE),
    ),
    "many authors: query": (
        of({"results": {"bindings": []}}),
        lambda asked: asked.authors_by_keys([34184], patience=PATIENCE),
    ),
}


def going_wrong(call: str, answer: Answer) -> Callable[[Asked], Answer]:
    """A script that answers searches rightly where the items go wrong."""

    def script(asked: Asked) -> Answer:
        is_search = asked.query.get("action") == "query"
        return json_answer(hits("Q25161")) if is_search and call.endswith(": item") else answer

    return script


@pytest.mark.parametrize("row", FAILURES, ids=lambda row: f"{row.call}: {row.fault}")
async def test_every_fault_has_its_outcome(row: Row, client: Client, server: Server, ledger: Ledger) -> None:
    answers, ask = CALLS[row.call]
    url = refusing() if row.fault == "nobody listens" else server.url
    server.script = going_wrong(row.call, answers.get(row.fault, Answer()))
    items = ProviderSettings(name="wikidata", bucket="wikimedia", url=url, timeout=TIMEOUT)
    queries = ProviderSettings(name="wikidata-sparql", bucket="wikimedia", url=url, timeout=TIMEOUT)
    await check(row, lambda: ask(Wikidata(client, items, queries)), ledger)


def test_no_failure_is_ever_an_absence() -> None:
    assert all(row.outcome in WORDS for row in FAILURES)


def test_the_matrix_is_complete() -> None:
    for call in CALLS:
        assert {row.fault for row in FAILURES if row.call == call} | {"wrong book"} == set(FAULTS)
