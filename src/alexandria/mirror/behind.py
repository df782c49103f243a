"""How far the mirror has followed Open Library's changes: up to when, what it lacks, and what it could not read.

That a record changed is written down (`behind`) in the transaction that moves the position on; it is crossed off in
the transaction that brings the record. So whoever follows may be killed at any point.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from alexandria.biblio.keys import Key
from alexandria.db import Database, Transaction, load_statements
from alexandria.mirror.held import columns_of
from alexandria.mirror.parse import WHOLE, Part

SQL = load_statements(__package__)
MOST_TRIES = 5  # of a record that cannot be had; then it waits for the next dump


@dataclass(frozen=True, slots=True)
class Position:
    """Up to when changes were read (None: never), the newest record of the live dump (None: nothing is loaded)."""

    since: datetime | None
    changeset: int | None
    dump: datetime | None
    part: Part
    now: datetime


class Wanted(NamedTuple):
    """A record that changed: the revision that it has since (0: whatever it has), and when that was."""

    key: Key
    revision: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of time whose changes could not be read: all of them, or those of one kind, or by bots or people."""

    since: datetime
    until: datetime
    reason: str
    kind: str | None = None
    bot: bool | None = None
    id: int | None = None


async def read_position(database: Database) -> Position:
    """Where following stands."""
    row = await database.fetch_one(SQL["read_position"])
    assert row is not None
    since, changeset, dump, part, now = row
    return Position(since, changeset, dump, read_part(part), now)


def read_part(told: Mapping[str, Any] | None) -> Part:
    """The part of its files that a load took, as it was written down."""
    if not told:
        return WHOLE
    return Part(bool(told.get("with_isbn")), frozenset(told.get("languages") or ()))


async def set_position(transaction: Transaction, at: datetime, changeset: int | None) -> None:
    """Nothing; changes are read up to a time, and to a changeset; it never goes back."""
    await transaction.execute(SQL["set_position"], {"at": at, "id": changeset})


async def add_wanted(transaction: Transaction, wanted: Iterable[Wanted]) -> int:
    """How many of the records are to be fetched: those that the mirror has not in that revision."""
    merged: dict[Key, Wanted] = {}
    for each in wanted:
        other = merged.get(each.key, each)
        merged[each.key] = Wanted(each.key, max(each.revision, other.revision), max(each.at, other.at))
    if not merged:
        return 0
    ordered = [merged[key] for key in sorted(merged)]
    params = {
        **columns_of([each.key for each in ordered]),
        "revisions": [each.revision for each in ordered],
        "changed_ats": [each.at for each in ordered],
    }
    return await transaction.execute(SQL["add_behind"], params)


async def list_wanted(database: Database, after: Key, limit: int) -> list[tuple[Key, int]]:
    """Records to be fetched, after that key, with the revision that is wanted."""
    params = {"kind": after.kind, "id": after.number, "limit": limit, "tries": MOST_TRIES}
    return [
        (Key(kind, number), revision) for kind, number, revision in await database.fetch(SQL["list_behind"], params)
    ]


async def forget_wanted(transaction: Transaction, fetched: Mapping[Key, int]) -> None:
    """Nothing; these are here in that revision."""
    if fetched:
        params = {**columns_of(list(fetched)), "revisions": list(fetched.values())}
        await transaction.execute(SQL["forget_behind"], params)


async def note_vain(transaction: Transaction, reasons: Mapping[Key, str]) -> None:
    """Nothing; these could not be had, and why."""
    if reasons:
        params = {**columns_of(list(reasons)), "reasons": list(reasons.values())}
        await transaction.execute(SQL["note_vain"], params)


async def add_gaps(transaction: Transaction, gaps: Sequence[Gap]) -> None:
    """Nothing; the gaps are on record, each once."""
    for gap in gaps:
        params = {"since": gap.since, "until": gap.until, "kind": gap.kind, "bot": gap.bot, "reason": gap.reason}
        await transaction.execute(SQL["add_gap"], params)


async def list_gaps(database: Database) -> list[Gap]:
    """The gaps that are open, the oldest first."""
    rows = await database.fetch(SQL["list_gaps"])
    return [Gap(since, until, reason, kind, bot, id) for id, since, until, kind, bot, reason in rows]


async def close_gap(transaction: Transaction, gap: Gap) -> None:
    """Nothing; the gap could be read after all."""
    await transaction.execute(SQL["close_gap"], {"id": gap.id})
