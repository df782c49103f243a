"""Writing: answers in, the fold and the log beside them, all in one transaction.

Whoever writes locks the record's row first, in ascending order of the records, so concurrent writers of one record go
one after the other and each folds what all before it said.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

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
    done: dict[int, Written] = {}
    for kind, numbered in _by_kind(writes):
        records = await _lock(transaction, kind, {write.id for _, write in numbered})
        applied, pictured = [], set()
        for place, write in numbered:
            held = records[write.id].answers.get((write.provider, write.source))
            answer, created, is_changed = apply(records[write.id], write)
            applied.append((place, write, answer, created, is_changed))
            if is_changed and kind == "edition" and names_new_picture(held.fields if held else {}, answer.fields):
                pictured.add(write.id)
        changed = {(write.id, write.provider, write.source): answer for _, write, answer, _, new in applied if new}
        sayers: dict[int, list[Sayer]] = {}
        for number, provider, source in changed:
            sayers.setdefault(number, []).append((provider, source))
        updated = {}
        for number, by in sayers.items():
            fields = records[number].show_touched()
            records[number].finds_anew = not FOUND_BY.isdisjoint(fields)
            updated[number] = records[number].shares(fields, by)
        log = []
        for place, write, answer, created, is_changed in applied:
            fields = updated[write.id][write.provider, write.source] if is_changed else ()
            log.append(log_row(write, fields))
            done[place] = Written(created, fields, answer.quality, records[write.id].completeness())
        if changed:
            rows = [answer_row(key[0], answer) for key, answer in changed.items()]
            await _write(transaction, "write_answers", rows, kind=kind)
            await _write_folds(transaction, kind, [records[number] for number in updated])
        await _write(transaction, "write_log", log)
        await ask_for_covers(transaction, pictured)
    return [done[place] for place in range(len(writes))]


async def refold(transaction: Transaction, kind: Kind, ids: Iterable[int]) -> None:
    """Nothing; what is chosen for these records is what their answers and the mirror say now."""
    records = await _lock(transaction, kind, set(ids))
    for record in records.values():
        record.finds_anew = True
    await _write_folds(transaction, kind, list(records.values()))
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


def _by_kind(writes: Sequence[Write]) -> Iterable[tuple[Kind, list[tuple[int, Write]]]]:
    """The writes with their places; authors and works last, as in every other transaction."""
    ordered = sorted(enumerate(writes), key=lambda item: _KINDS.index(item[1].kind))
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
    found = [document_row(kind, record.id, record.values()) for record in records if record.finds_anew]
    await _write(transaction, "put_documents", found)


async def _write(transaction: Transaction, name: str, rows: Sequence[Any], **params: Any) -> None:
    if rows:
        await transaction.execute(SQL[name], {"rows": msgspec.json.encode(rows).decode(), **params})
