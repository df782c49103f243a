"""Two works or two authors that are one, said by hand: the first shows as the second until it is taken back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from alexandria.biblio.keys import format_key
from alexandria.db import Database, Transaction, UniqueViolation, load_statements
from alexandria.enrichment.store import refold
from alexandria.errors import AlexandriaError, BadInput

SQL = load_statements(__package__)
Mergeable = Literal["work", "author"]


class AlreadyMerged(AlexandriaError):
    """The record was merged into another already, or the two are one; take that back first."""


@dataclass(frozen=True, slots=True)
class Merge:
    """A merge that holds: `from_id` shows as `into_id`."""

    id: int
    from_id: int
    into_id: int
    merged_at: datetime


async def merge(database: Database, kind: Mergeable, from_id: int, into_id: int, by: str) -> Merge:
    """The merge of one record into another, or into what that was merged into.

    Raises BadInput for a record that nobody knows, AlreadyMerged.
    """
    async with database.transaction() as transaction:
        await transaction.fetch(SQL["lock_merges"])
        for field, number in (("from", from_id), ("into", into_id)):
            row = await transaction.fetch_one(SQL["record_exists"], {"kind": kind, "id": number})
            if not row or not row[0]:
                raise BadInput(field, f"no {kind} {format_key(kind, number)} is known")
        target = await _final(transaction, kind, into_id)
        if target == from_id:
            raise AlreadyMerged(f"{format_key(kind, into_id)} and {format_key(kind, from_id)} are one already")
        params = {"kind": kind, "from_id": from_id, "into_id": target, "by": by}
        try:
            row = await transaction.fetch_one(SQL["insert_merge"], params)
        except UniqueViolation:
            raise AlreadyMerged(f"{format_key(kind, from_id)} was merged already: take that back first") from None
        await _show_as(transaction, kind, from_id, target)
        await _log(transaction, kind, from_id, by, "merge")
    assert row is not None
    return Merge(row[0], from_id, target, row[1])


async def undo(database: Database, kind: Mergeable, merge_id: int, by: str) -> Merge | None:
    """The merge that no longer holds; None when there was none that did."""
    async with database.transaction() as transaction:
        await transaction.fetch(SQL["lock_merges"])
        row = await transaction.fetch_one(SQL["undo_merge"], {"kind": kind, "id": merge_id, "by": by})
        if row is None:
            return None
        await _show_as(transaction, kind, row[0], None)
        await refold(transaction, kind, [row[0]])
        await _log(transaction, kind, row[0], by, "unmerge")
    return Merge(merge_id, row[0], row[1], row[2])


async def _final(transaction: Transaction, kind: Mergeable, number: int) -> int:
    """What a record shows as; merges cannot form a circle, as each is made under one lock."""
    while row := await transaction.fetch_one(SQL["merge_active"], {"kind": kind, "id": number}):
        number = row[0]
    return number


async def _show_as(transaction: Transaction, kind: Mergeable, number: int, target: int | None) -> None:
    await transaction.fetch(SQL[f"lock_{kind}s"], {"ids": [number]})
    await transaction.execute(SQL[f"set_{kind}_target"], {"id": number, "into_id": target})


async def _log(transaction: Transaction, kind: Mergeable, number: int, by: str, operation: str) -> None:
    await transaction.execute(SQL["log_merge"], {"kind": kind, "id": number, "by": by, "operation": operation})
