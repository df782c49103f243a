"""Ledgers as processes have them. Processes of tests import this: nothing here needs pytest."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from alexandria.quota.ledger import Ledger
from alexandria.quota.policy import Policy
from tests.pools import opened


@asynccontextmanager
async def ledger_on(url: str, *policies: Policy) -> AsyncIterator[Ledger]:
    """A ledger with these policies, as a process has it."""
    async with opened(url) as database:
        ledger = Ledger(database, {policy.bucket: policy for policy in policies})
        try:
            yield ledger
        finally:
            await ledger.close()
