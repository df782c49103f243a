"""Every fault of Wikipedia has its type, and none is taken for an absence."""

import msgspec
import pytest

from alexandria.config.providers import ProviderSettings
from alexandria.net.client import Client
from alexandria.providers.wikipedia import Wikipedia
from tests.net.ledger import Ledger
from tests.net.server import Answer, Server, json_answer, refusing
from tests.providers.failures import FAULTS, Row
from tests.providers.open_library.outcomes import PATIENCE, TIMEOUT, WORDS, check, faults
from tests.providers.wikipedia.failures import FAILURES
from tests.providers.wikipedia.test_parse import ADAMS

pytestmark = pytest.mark.anyio
ANSWERS = faults(
    msgspec.json.encode(ADAMS),
    json_answer({**ADAMS, "wikibase_item": "Q5"}),
    json_answer({"httpCode": 404, "httpReason": "Not Found"}, 404),
)


@pytest.mark.parametrize("row", FAILURES, ids=lambda row: row.fault)
async def test_every_fault_has_its_outcome(row: Row, client: Client, server: Server, ledger: Ledger) -> None:
    url = refusing() if row.fault == "nobody listens" else server.url
    server.script = [ANSWERS.get(row.fault, Answer())]
    settings = ProviderSettings(name="wikipedia", bucket="wikimedia", url=url, timeout=TIMEOUT)
    await check(row, lambda: Wikipedia(client, settings).author("Q42", "Douglas Adams", patience=PATIENCE), ledger)


def test_no_failure_is_ever_an_absence() -> None:
    assert {row.fault for row in FAILURES if row.outcome not in WORDS} == {"404", "wrong book"}
    assert {row.fault for row in FAILURES} == set(FAULTS)
