"""What a fault of a server becomes for whoever asked, held against its cell of the matrix."""

from collections.abc import Awaitable, Callable
from typing import Final

from alexandria.errors import ProviderFailed
from tests.net.ledger import Ledger
from tests.net.server import Answer, json_answer
from tests.providers.failures import Row, on_the_wire

TIMEOUT: Final = 0.2
PATIENCE: Final = 0.1
WORDS: Final = {
    "Unavailable": "unavailable",
    "Malformed": "malformed",
    "Unauthorized": "unauthorized",
    "Throttled": "throttled",
}
FAILED: Final = {
    "nobody listens": "Unavailable",
    "time-out": "Unavailable",
    "reset": "Unavailable",
    "reset in the body": "Unavailable",
    "slow drip": "Unavailable",
    "truncated": "Malformed",
    "empty": "Malformed",
    "HTML": "Malformed",
    "another shape": "Malformed",
    "401": "Unauthorized",
    "403": "Unauthorized",
    "404": "Malformed",  # where something is always there
    "404 page": "Malformed",
    "429 a second": "Throttled",
    "429 a second, told": "Throttled, told",
    "429 a day": "Throttled",  # neither counts by the day
    "429 a day, told": "Throttled, told",
    "429 bare": "Throttled",
    "500": "Unavailable",
    "503": "Unavailable",
    "503, told": "Unavailable, told",
}


def faults(right: bytes, wrong: Answer | None, not_found: Answer) -> dict[str, Answer]:
    """The answers for every fault, where `right` would have been right."""
    busy = {"status": 429, "message": "Too Many Requests. Consider using the dumps."}
    found = on_the_wire(right) | {
        "404": not_found,
        "429 a second": json_answer(busy, 429),
        "429 a day": json_answer({**busy, "message": "Daily limit exceeded"}, 429),
        "429 a day, told": json_answer(busy, 429, Retry_After="80000"),
    }
    return found | ({"wrong book": wrong} if wrong else {})


async def check(row: Row, ask: Callable[[], Awaitable[object]], ledger: Ledger) -> None:
    """Nothing; the outcome is the row's, and the ledger knows of every request."""
    try:
        found = await ask()
    except ProviderFailed as failure:
        found = failure
    assert row.outcome in [kind.__name__ for kind in type(found).__mro__], found
    assert None not in ledger.outcomes
    if isinstance(found, ProviderFailed):
        assert found.bucket == ("open-library" if row.provider == "open-library" else "wikimedia")
        assert ledger.words[-1] in (WORDS[row.outcome], None)  # None: the record was right, but not the one
        assert bool(found.retry_at) == (row.again == "told")
