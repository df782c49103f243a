"""Writing: answers in, the fold and the log beside them, all in one transaction.

Whoever writes locks the record's row first, in ascending order of the records, so concurrent writers of one record go
one after the other and each folds what all before it said.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

import msgspec

from alexandria.biblio.keys import Kind, format_key, parse_key
from alexandria.db import Database, Transaction, load_statements
from alexandria.enrichment.fields import MIRROR, PROVIDERS
from alexandria.enrichment.findable import FOUND_BY, document_row
from alexandria.enrichment.merge import Choice, Stated, fold
from alexandria.enrichment.score import completeness, quality

SQL = load_statements(__package__)
_KINDS: tuple[Kind, ...] = ("edition", "work", "author")
_INSIDE = frozenset({"work_key", "has_cover"})  # fields that are not served under their name
Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Write:
    """What a provider or person says about a record. A patch leaves what it said before about other fields.

    `id` is an edition's ISBN-13, a work's or author's number. `locks` are added to those of the answer.
    """

    kind: Kind
    id: int
    provider: str
    source: str
    fields: Fields
    locks: frozenset[str] = frozenset()
    patch: bool = True
    operation: str = "write"
    record: str | None = None
    revision: str | None = None
    ms: float | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """What a write did: whether its answer is new, and which fields of the record it changed."""

    created: bool
    updated: tuple[str, ...]
    quality: int
    completeness: int


@dataclass(slots=True)
class _Answer:
    """A row of `enriched.answers`."""

    provider: str
    source: str
    licence: str
    fields: dict[str, Any]
    said: dict[str, str]
    locks: frozenset[str]
    quality: int
    created_at: datetime
    updated_at: datetime
    record: str | None = None
    revision: str | None = None

    def stated(self) -> Stated:
        return Stated(self.provider, self.source, self.fields, self.said, self.locks, self.quality, self.licence)


@dataclass(slots=True)
class _Record:
    """A record while it is written: all answers about it, and what was chosen at the beginning."""

    kind: Kind
    id: int
    now: datetime
    answers: dict[tuple[str, str], _Answer] = field(default_factory=dict)
    mirror: Stated | None = None
    shown: dict[str, Choice] = field(default_factory=dict)
    finds_anew: bool = False
    """Whether what it is found by has changed."""

    def fold(self) -> dict[str, Choice]:
        stated = [answer.stated() for answer in self.answers.values()]
        return fold(self.kind, [*stated, self.mirror] if self.mirror else stated)

    def values(self) -> dict[str, Any]:
        """What is shown, by field; nothing once the last answer was taken back."""
        return {name: choice.value for name, choice in self.shown.items()} if self.answers else {}

    def completeness(self) -> int:
        fields = {name: choice.value for name, choice in self.shown.items()}
        has_cover = bool(self.mirror and self.mirror.fields.get("has_cover"))
        return completeness(self.kind, {**fields, "has_cover": has_cover})


async def store(database: Database, writes: Sequence[Write]) -> list[Written]:
    """What became of each write, in order; all of them happen, or none."""
    async with database.transaction() as transaction:
        return await store_in(transaction, writes)


async def store_in(transaction: Transaction, writes: Sequence[Write]) -> list[Written]:
    """As `store`, within a transaction of the caller's."""
    done: dict[int, Written] = {}
    for kind, numbered in _by_kind(writes):
        records = await _lock(transaction, kind, {write.id for _, write in numbered})
        changed: dict[tuple[int, str, str], _Answer] = {}
        log = []
        for place, write in numbered:
            record = records[write.id]
            answer, created, is_changed = _apply(record, write)
            if is_changed:
                changed[write.id, write.provider, write.source] = answer
            after = record.fold() if is_changed else record.shown
            updated = _differences(record.shown, after)
            record.shown = after
            record.finds_anew |= not FOUND_BY.isdisjoint(updated)
            log.append(_log_row(write, updated))
            done[place] = Written(created, updated, answer.quality, record.completeness())
        if changed:
            rows = [_answer_row(key[0], answer) for key, answer in changed.items()]
            await _write(transaction, "write_answers", rows, kind=kind)
            await _write_folds(transaction, kind, [records[number] for number in {key[0] for key in changed}])
        await _write(transaction, "write_log", log)
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
        updated = await _fold_again(transaction, record)
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
        await _write(transaction, "write_answers", [_answer_row(number, answer) for answer in holders], kind=kind)
        updated = await _fold_again(transaction, record)
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
    records = {number: _Record(kind, number, datetime.now(UTC)) for number in ids}
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


async def _lock(transaction: Transaction, kind: Kind, ids: set[int]) -> dict[int, _Record]:
    """The records, locked until the transaction ends, with every answer about them."""
    rows = await transaction.fetch(SQL[f"lock_{kind}s"], {"ids": sorted(ids)})
    records = {number: _Record(kind, number, now) for number, now in rows}
    await _read(transaction, kind, records)
    for record in records.values():
        record.shown = record.fold()
    return records


async def _read(transaction: Transaction, kind: Kind, records: Mapping[int, _Record]) -> None:
    ids = list(records)
    for row in await transaction.fetch(SQL["read_answers"], {"kind": kind, "ids": ids}):
        number, provider, source, licence, fields, said, locks, score, created_at, updated_at, name = row
        records[number].answers[provider, source] = _Answer(
            provider, source, licence, msgspec.json.decode(fields), msgspec.json.decode(said), frozenset(locks), score,
            created_at, updated_at, name,
        )  # fmt: skip
    for number, fields, modified in await transaction.fetch(SQL[f"read_mirror_{kind}s"], {"ids": ids}):
        decoded = msgspec.json.decode(fields)
        said = dict.fromkeys(decoded, modified or "")
        records[number].mirror = Stated(MIRROR, "mirror", decoded, said, quality=quality(kind, decoded))


def _apply(record: _Record, write: Write) -> tuple[_Answer, bool, bool]:
    """The answer after the write, whether it is new, and whether anything of it changed."""
    key = (write.provider, write.source)
    held = record.answers.get(key)
    before = held.fields if held else {}
    told = _with_publishers(write.fields)
    fields = {**before, **told} if write.patch else told
    locks = (held.locks if held else frozenset()) | write.locks
    if held and fields == before and locks == held.locks:
        return held, False, False
    now = record.now.isoformat()
    said = {
        name: held.said[name] if held and name in held.said and before.get(name) == value else now
        for name, value in fields.items()
    }
    answer = _Answer(
        provider=write.provider,
        source=write.source,
        licence=PROVIDERS[write.provider].licence,
        fields=fields,
        said=said,
        locks=locks,
        quality=quality(record.kind, fields),
        created_at=held.created_at if held else record.now,
        updated_at=record.now,
        record=write.record,
        revision=write.revision,
    )
    record.answers[key] = answer
    return answer, held is None, True


def _with_publishers(fields: Fields) -> dict[str, Any]:
    """An answer's fields, where whoever names a publisher names one of the publishers."""
    named = fields.get("publisher")
    return {**fields, "publishers": [named]} if named and "publishers" not in fields else dict(fields)


def _differences(before: Mapping[str, Choice], after: Mapping[str, Choice]) -> tuple[str, ...]:
    """The fields whose value is another one now."""
    return tuple(
        name
        for name in sorted(before.keys() | after.keys())
        if name not in before or name not in after or before[name].value != after[name].value
    )


async def _fold_again(transaction: Transaction, record: _Record) -> tuple[str, ...]:
    after = record.fold()
    updated = _differences(record.shown, after)
    record.shown = after
    record.finds_anew = True
    await _write_folds(transaction, record.kind, [record])
    return updated


async def _write_folds(transaction: Transaction, kind: Kind, records: Sequence[_Record]) -> None:
    await _write(transaction, f"write_{kind}s", [_fold_row(record) for record in records])
    found = [document_row(kind, record.id, record.values()) for record in records if record.finds_anew]
    await _write(transaction, "put_documents", found)


def _fold_row(record: _Record) -> dict[str, Any]:
    """The row of the overlay: the fields in which the fold differs from the mirror, as they are served."""
    fields = {name: choice.value for name, choice in record.shown.items()}
    mirror = record.mirror.fields if record.mirror else {}
    served = {name: _served(name, value) for name, value in fields.items() if name not in _INSIDE}
    chosen = {name: value for name, value in served.items() if mirror.get(name) != value}
    row: dict[str, Any] = {
        "id": record.id,
        "chosen": chosen,
        "completeness": record.completeness(),
        "quality": max((answer.quality for answer in record.answers.values()), default=0),
        "updated_at": max((answer.updated_at for answer in record.answers.values()), default=record.now),
    }
    if record.answers:
        ours = row["updated_at"].astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        chosen["updated_at"] = max([ours, *(record.mirror.said.values() if record.mirror else ())])
    if record.kind == "edition":
        chosen["completeness"] = row["completeness"]
        row["work_id"] = _work_of(fields.get("work_key"), mirror.get("work_key"))
    return row


def served_fields(choices: Mapping[str, Choice]) -> dict[str, Any]:
    """What was chosen, in the form in which it is served."""
    return {name: _served(name, choice.value) for name, choice in choices.items() if name not in _INSIDE}


def _served(name: str, value: Any) -> Any:
    """A field's value as readers get it: of people only what names them."""
    if name == "authors":
        return [{"key": person.get("key") or _author_key(person), "name": person["name"]} for person in value]
    if name == "contributors":
        return [{"name": person["name"], "role": person.get("role")} for person in value]
    return value


def _author_key(person: Mapping[str, Any]) -> str | None:
    number = person.get("number")
    return format_key("author", number) if number else None


def _work_of(chosen: str | None, mirrors: str | None) -> int | None:
    """The number of the chosen work where it is not the mirror's."""
    return parse_key(chosen, "work").number if chosen and chosen != mirrors else None


def _answer_row(number: int, answer: _Answer) -> dict[str, Any]:
    return {
        "id": number,
        "provider": answer.provider,
        "source": answer.source,
        "licence": answer.licence,
        "fields": answer.fields,
        "said": answer.said,
        "locks": sorted(answer.locks),
        "quality": answer.quality,
        "record": answer.record,
        "revision": answer.revision,
        "created_at": answer.created_at,
        "updated_at": answer.updated_at,
    }


def _log_row(write: Write, updated: Sequence[str]) -> dict[str, Any]:
    return {
        "kind": write.kind,
        "id": write.id,
        "provider": write.provider,
        "source": write.source,
        "operation": write.operation,
        "success": True,
        "fields_updated": updated,
        "ms": write.ms,
    }


async def _write(transaction: Transaction, name: str, rows: Sequence[Any], **params: Any) -> None:
    if rows:
        await transaction.execute(SQL[name], {"rows": msgspec.json.encode(rows).decode(), **params})
