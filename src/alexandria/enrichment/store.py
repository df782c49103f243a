"""Writing: answers in, the fold and the log beside them, all in one transaction.

Whoever writes locks the record's row first, in ascending order of the records, so concurrent writers of one record go
one after the other and each folds what all before it said.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, NamedTuple

import msgspec

from alexandria.biblio.keys import Kind
from alexandria.db import Database, Transaction, load_statements
from alexandria.enrichment.fields import MIRROR
from alexandria.enrichment.findable import FOUND_BY, document_row
from alexandria.enrichment.merge import Stated
from alexandria.enrichment.pictures import ask_for_covers, names_new_picture
from alexandria.enrichment.record import (
    Answer,
    Record,
    Sayer,
    Write,
    Written,
    answer_row,
    apply,
    fold_row,
    log_row,
)  # fmt: skip
from alexandria.enrichment.score import quality

__all__ = [
    "SQL",
    "Storing",
    "Write",
    "Written",
    "log_attempts",
    "read_stated",
    "refold",
    "store",
    "store_in",
    "take_back",
    "unlock",
]

SQL = load_statements(__package__)
_KINDS: tuple[Kind, ...] = ("edition", "work", "author")


async def store(database: Database, writes: Sequence[Write]) -> list[Written]:
    """What became of each write, in order; all of them happen, or none."""
    async with database.transaction() as transaction:
        return await store_in(transaction, writes)


async def store_in(transaction: Transaction, writes: Sequence[Write]) -> list[Written]:
    """As `store`, within a transaction of the caller's."""
    storing = Storing(transaction)
    await storing.add(writes)
    return await storing.finish()


class _Applied(NamedTuple):
    """A write, the answer after it, whether that is new, and whether anything of it changed."""

    write: Write
    answer: Answer
    is_created: bool
    is_changed: bool


class Storing:
    """Writes of one transaction, some of which follow from others: each record is folded once, at the end.

    What is added is locked, and its answers are stored, at once. So whoever needs locks that many wait for takes them
    after most is done.
    """

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._records: dict[Kind, dict[int, Record]] = {}
        self._applied: dict[int, _Applied] = {}  # by the place of the write

    async def add(self, writes: Sequence[Write]) -> None:
        """Nothing; the answers are stored, and searches for the pictures that they name are asked for."""
        for kind, group in _by_kind(writes, len(self._applied)):
            records = self._records.setdefault(kind, {})
            if missing := {write.id for _, write in group} - records.keys():
                records |= await _lock(self._transaction, kind, missing)
            changed: dict[tuple[int, str, str], Answer] = {}
            pictured = set()
            for place, write in group:
                held = records[write.id].answers.get((write.provider, write.source))
                applied = _Applied(write, *apply(records[write.id], write))
                self._applied[place] = applied
                if applied.is_changed:
                    changed[write.id, write.provider, write.source] = applied.answer
                    if kind == "edition" and names_new_picture(held.fields if held else {}, applied.answer.fields):
                        pictured.add(write.id)
            rows = [answer_row(number, answer) for (number, _, _), answer in changed.items()]
            await _write(self._transaction, "write_answers", rows, kind=kind)
            await ask_for_covers(self._transaction, pictured)

    async def finish(self) -> list[Written]:
        """What became of each write, in the order in which they were added; fold, search index and log are written."""
        updated = self._fold()
        for kind in _KINDS:
            if records := [self._records[kind][number] for each, number in updated if each == kind]:
                await _write_folds(self._transaction, kind, records)
        await _put_documents(self._transaction, [self._records[kind][number] for kind, number in updated])
        log, done = [], []
        for _, (write, answer, is_created, is_changed) in sorted(self._applied.items()):
            fields = updated[write.kind, write.id][write.provider, write.source] if is_changed else ()
            log.append(log_row(write, fields))
            shown = self._records[write.kind][write.id].completeness()
            done.append(Written(is_created, fields, answer.quality, shown))
        await _write(self._transaction, "write_log", log)
        return done

    def _fold(self) -> dict[tuple[Kind, int], dict[Sayer, tuple[str, ...]]]:
        """Which fields each answer changed, of the records that changed, which show what all say now."""
        sayers: dict[tuple[Kind, int], dict[Sayer, None]] = {}
        for write, _, _, is_changed in self._applied.values():
            if is_changed:
                sayers.setdefault((write.kind, write.id), {})[write.provider, write.source] = None
        updated = {}
        for (kind, number), by in sayers.items():
            record = self._records[kind][number]
            fields = record.show_touched()
            record.finds_anew = not FOUND_BY.isdisjoint(fields)
            updated[kind, number] = record.shares(fields, list(by))
        return updated


async def refold(transaction: Transaction, kind: Kind, ids: Iterable[int]) -> None:
    """Nothing; what is chosen for these records is what their answers and the mirror say now."""
    records = await _lock(transaction, kind, set(ids))
    for record in records.values():
        record.finds_anew = True
    await _write_folds(transaction, kind, list(records.values()))
    await _put_documents(transaction, list(records.values()))
    await transaction.execute(SQL[f"drop_empty_{kind}s"], {"ids": list(records)})


async def take_back(database: Database, kind: Kind, number: int, provider: str, source: str) -> tuple[str, ...] | None:
    """The fields of the record that changed, now that an answer is gone; None when there was no such answer."""
    async with database.transaction() as transaction:
        record = (await _lock(transaction, kind, {number}))[number]
        known = record.answers.pop((provider, source), None)
        if known is None:
            await transaction.execute(SQL[f"drop_empty_{kind}s"], {"ids": [number]})
            return None
        key = {"kind": kind, "id": number, "provider": provider, "source": source}
        await transaction.execute(SQL["delete_answer"], key)
        updated = record.show()
        record.finds_anew = True
        await _write_folds(transaction, kind, [record])
        await _put_documents(transaction, [record])
        await transaction.execute(SQL[f"drop_empty_{kind}s"], {"ids": [number]})
        await _write(transaction, "write_log", [{**key, "operation": "take-back", "success": True,
                                                 "fields_updated": updated}])  # fmt: skip
    return updated


async def unlock(database: Database, kind: Kind, number: int, name: str, source: str | None) -> tuple[str, ...] | None:
    """The fields of the record that changed, now that a field is free; None when it was not locked.

    Only the locks of one source, or of all of them without a source.
    """
    async with database.transaction() as transaction:
        record = (await _lock(transaction, kind, {number}))[number]
        holders = [answer for answer in record.answers.values()
                   if name in answer.locks and source in (None, answer.source)]  # fmt: skip
        for answer in holders:
            answer.locks -= {name}
            answer.updated_at = record.now
        await _write(transaction, "write_answers", [answer_row(number, answer) for answer in holders], kind=kind)
        updated = record.show()
        record.finds_anew = True
        await _write_folds(transaction, kind, [record])
        await _put_documents(transaction, [record])
        await transaction.execute(SQL[f"drop_empty_{kind}s"], {"ids": [number]})
        for answer in holders:
            row = {"kind": kind, "id": number, "provider": answer.provider, "source": answer.source}
            await _write(transaction, "write_log", [{**row, "operation": "unlock", "success": True,
                                                     "fields_updated": updated}])  # fmt: skip
    return updated if holders else None


async def log_attempts(transaction: Transaction, rows: Sequence[Any]) -> None:
    """Nothing; attempts that brought nothing are in the log."""
    await _write(transaction, "write_log", rows)


async def read_stated(transaction: Transaction, kind: Kind, ids: Sequence[int]) -> dict[int, list[Stated]]:
    """Everything that is said about each record, the mirror's answer last."""
    records = {number: Record(kind, number, datetime.now(UTC)) for number in ids}
    await _read(transaction, kind, records)
    return {
        number: [answer.stated() for answer in record.answers.values()] + ([record.mirror] if record.mirror else [])
        for number, record in records.items()
    }


def _by_kind(writes: Sequence[Write], first: int) -> Iterable[tuple[Kind, list[tuple[int, Write]]]]:
    """The writes with their places from the first on; authors and works last, as in every other transaction."""
    ordered = sorted(enumerate(writes, first), key=lambda item: _KINDS.index(item[1].kind))
    for kind, group in groupby(ordered, key=lambda item: item[1].kind):
        yield kind, list(group)


async def _lock(transaction: Transaction, kind: Kind, ids: set[int]) -> dict[int, Record]:
    """The records, locked until the transaction ends, with every answer about them."""
    rows = await transaction.fetch(SQL[f"lock_{kind}s"], {"ids": sorted(ids)})
    records = {number: Record(kind, number, now) for number, now in rows}
    await _read(transaction, kind, records)
    for record in records.values():
        record.show()
    return records


async def _read(transaction: Transaction, kind: Kind, records: Mapping[int, Record]) -> None:
    ids = list(records)
    for row in await transaction.fetch(SQL["read_answers"], {"kind": kind, "ids": ids}):
        number, provider, source, licence, fields, said, locks, score, created_at, updated_at, name = row
        records[number].answers[provider, source] = Answer(
            provider, source, licence, msgspec.json.decode(fields), msgspec.json.decode(said), frozenset(locks), score,
            created_at, updated_at, name,
        )  # fmt: skip
    for number, fields, modified in await transaction.fetch(SQL[f"read_mirror_{kind}s"], {"ids": ids}):
        decoded = msgspec.json.decode(fields)
        said = dict.fromkeys(decoded, modified or "")
        records[number].mirror = Stated(MIRROR, "mirror", decoded, said, quality=quality(kind, decoded))


async def _write_folds(transaction: Transaction, kind: Kind, records: Sequence[Record]) -> None:
    await _write(transaction, f"write_{kind}s", [fold_row(record) for record in records])


async def _put_documents(transaction: Transaction, records: Sequence[Record]) -> None:
    """Nothing; the search index has what is shown of those whose finding has changed."""
    found = [document_row(record.kind, record.id, record.values()) for record in records if record.finds_anew]
    await _write(transaction, "put_documents", found)


async def _write(transaction: Transaction, name: str, rows: Sequence[Any], **params: Any) -> None:
    if rows:
        await transaction.execute(SQL[name], {"rows": msgspec.json.encode(rows).decode(), **params})
