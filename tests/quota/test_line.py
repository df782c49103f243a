"""Those who wait in line for permits."""

import asyncio
from datetime import UTC, datetime
from time import monotonic

import pytest

from alexandria.errors import QuotaExhausted
from alexandria.net.gate import Call, Permit
from alexandria.quota.line import Line, Reply

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


async def test_a_refusal_is_counted_before_it_is_told() -> None:
    noted: list[tuple[str, int]] = []

    async def ask(call: Call, many: int, horizon: float) -> Reply:
        return Reply("day", [], monotonic() + 60, NOON, NOON, 0)

    async def give_back(permit: Permit, why: str) -> None:
        raise AssertionError("there was none")

    async def note(call: Call, reason: str, count: int) -> None:
        await asyncio.sleep(0.02)  # a database that is slow
        noted.append((reason, count))

    line = Line(ask, give_back, note, interactive=False)
    with pytest.raises(QuotaExhausted):
        await line.book(Call("isbndb", "harvest", "book"), monotonic() + 1)
    assert noted == [("day", 1)]
    await line.close()
