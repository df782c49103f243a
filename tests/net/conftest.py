"""A server, a ledger and a client that asks the one under the eyes of the other."""

from collections.abc import AsyncIterator

import pytest

from alexandria.net.client import Client
from tests.net.ledger import Ledger
from tests.net.server import Server, serving


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving() as made:
        yield made


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
async def client(ledger: Ledger) -> AsyncIterator[Client]:
    async with Client(ledger, ledger, None, pause=0.001) as made:
        yield made
