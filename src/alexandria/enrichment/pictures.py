"""Searches for covers that follow from what was written: asked for in the transaction that wrote it."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from alexandria.db import Transaction
from alexandria.queue.job import NewJob
from alexandria.queue.store import enqueue_in

COVER: Final = "cover"  # the kind of job whose handler is `covers.pipeline`
PRIORITY: Final = 4  # before the backlog, after what a caller asks for
_ADDRESSES: Final = ("cover_url", "cover_url_large", "cover_url_medium", "cover_url_small")
Fields = Mapping[str, Any]


def names_new_picture(before: Fields, after: Fields) -> bool:
    """Whether an answer about an edition names a picture that it did not name before, or a scan that has one."""
    if any(after.get(name) and after[name] != before.get(name) for name in _ADDRESSES):
        return True
    return bool(_scans(after) - _scans(before))


def _scans(fields: Fields) -> set[str]:
    return set((fields.get("identifiers") or {}).get("ocaid") or ())


async def ask_for_covers(transaction: Transaction, isbns: Collection[int]) -> None:
    """Nothing; covers of these are searched for, once more where a search is under way that knows less."""
    if isbns:
        await enqueue_in(transaction, [NewJob(COVER, isbn, PRIORITY, "covers", again=True) for isbn in isbns])
