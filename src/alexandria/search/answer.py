"""The answer to a query: by ISBN, by key, or by words, a page of it at a time."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from alexandria.biblio.keys import Key, parse_key
from alexandria.catalog.lookup import Lookup, State
from alexandria.catalog.pages import FIRST, Cursor, list_works, write_cursor
from alexandria.catalog.records import Missing, read_works
from alexandria.catalog.resolve import find_record
from alexandria.db import Database
from alexandria.errors import BadInput
from alexandria.search.asked import Asked, Filters
from alexandria.search.find import find
from alexandria.search.show import EDITIONS, Shown, show

__all__ = ["Answer", "Page", "search"]

DEEPEST = 300  # results of a query that can be paged through
EXACT = 100  # agreement of what was asked for by its name


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of the results, and whether editions or works."""

    limit: int = 20
    cursor: Cursor = FIRST
    editions: bool = False

    @property
    def offset(self) -> int:
        """How many results come before it. Raises BadInput for a cursor of another list."""
        if self.cursor == FIRST:
            return 0
        if not 0 < self.cursor.rank <= DEEPEST:
            raise BadInput("cursor", "not one that this search gave; start again without it")
        return self.cursor.rank


@dataclass(frozen=True, slots=True)
class Answer:
    """Results with what was understood. `complete` is False when the time was over before all was looked at."""

    detected: str
    results: Sequence[Shown] = ()
    corrected: Sequence[tuple[str, str]] = ()
    complete: bool = True
    next: str | None = None

    def body(self) -> bytes:
        """The answer as JSON."""
        told = {
            "detected": self.detected,
            "corrected": [{"from": word, "to": other} for word, other in self.corrected],
            "complete": self.complete,
            "results": [msgspec.Raw(result.body()) for result in self.results],
            "next": self.next,
        }
        return msgspec.json.encode(told)


async def search(database: Database, lookup: Lookup, asked: Asked, filters: Filters, page: Page) -> Answer:
    """The answer to a query. Raises DatabaseUnavailable."""
    if asked.isbn is not None:
        return Answer("isbn", await _by_isbn(database, lookup, asked.isbn))
    if asked.key is not None:
        return await _by_key(database, asked.key, page)
    before = page.offset
    after = before + page.limit
    found = await find(database, asked, filters)
    ranked = found.ranked[:DEEPEST]
    shown = await show(database, ranked[before:after], filters, each=EDITIONS if page.editions else 1)
    following = write_cursor(Cursor(rank=after, number=0)) if after < len(ranked) else None
    return Answer(found.detected, shown, found.corrected, found.complete, following)


async def _by_isbn(database: Database, lookup: Lookup, isbn: int) -> list[Shown]:
    edition = await lookup.one(isbn)
    return [] if isinstance(edition, State) else [await _of_edition(database, edition)]


async def _of_edition(database: Database, edition: bytes) -> Shown:
    """The result for an edition with its work."""
    told = msgspec.json.decode(edition, type=_EditionWork)
    work = None
    if told.work:
        number = parse_key(told.work.key, "work").number
        found = await read_works(database, [number])
        work = found[number].body if number in found else None
    return Shown(work, edition, 1, [told.language] if told.language else [], EXACT)


class _WorkKey(msgspec.Struct):
    key: str


class _EditionWork(msgspec.Struct):
    work: _WorkKey | None
    language: str | None


async def _by_key(database: Database, key: Key, page: Page) -> Answer:
    record = await find_record(database, key.kind, key.number)
    if isinstance(record, Missing):
        return Answer(key.kind)
    if key.kind == "edition":
        return Answer("edition", [await _of_edition(database, record.body)])
    if key.kind == "work":
        return Answer("work", [Shown(record.body, None, 0, (), EXACT)])
    works = await list_works(database, record.number, page.cursor, page.limit)
    return Answer("author", [Shown(body, None, 0, (), EXACT) for body in works.results], next=works.next)
