"""Identifiers of the outside world: which records carry one, and which ones a record carries, many-to-many."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from alexandria.biblio.finding import identifier_term
from alexandria.biblio.identifiers import normalise
from alexandria.biblio.keys import Kind, format_key, parse_key
from alexandria.catalog.records import Missing, follow
from alexandria.catalog.resolve import find_record
from alexandria.db import Database, load_statements
from alexandria.errors import BadInput

SQL = load_statements(__package__)
MOST = 100  # records of an identifier
MOST_EDITIONS = 1_000  # of a work whose identifiers are told


class Resolved(msgspec.Struct, frozen=True):
    """A record that carries an identifier; an edition that only others know has no key, only its ISBN."""

    kind: Kind
    key: str | None
    isbn13: str | None
    work: str | None
    name: str | None


def read_identifier(scheme: str, value: str) -> tuple[str, str]:
    """The scheme and value in one spelling. Raises BadInput."""
    pair = normalise(scheme, value)
    if pair is None:
        raise BadInput("id", f"{value[:40]!r} is no {scheme[:40]} identifier")
    return pair


async def resolve(database: Database, scheme: str, value: str) -> Sequence[Resolved]:
    """The records that carry an identifier (as `read_identifier` gives it), merges followed; at most a hundred."""
    if scheme == "open_library":
        return await _by_key(database, value)
    if scheme == "isbn13":
        rows = await database.fetch(SQL["find_editions_by_isbn"], {"isbn": int(value), "most": MOST})
        return await _editions(database, rows)
    params = {
        "pair": msgspec.json.encode({scheme: [value]}).decode(),
        "term": _quoted(identifier_term(scheme, value)),
        "most": MOST,
    }
    editions = await _editions(database, await database.fetch(SQL["find_editions_by_identifier"], params))
    authors = await database.fetch(SQL["find_authors_by_identifier"], params)
    works = await database.fetch(SQL["find_works_by_identifier"], params)
    return [
        *editions,
        *(
            Resolved("work", format_key("work", number), None, format_key("work", number), name)
            for number, name in works
        ),
        *(Resolved("author", format_key("author", number), None, None, name) for number, name in authors),
    ]


def _quoted(term: str) -> str:
    return "'" + term.replace("\\", "\\\\").replace("'", "''") + "'"


async def _by_key(database: Database, text: str) -> list[Resolved]:
    key = parse_key(text)
    record = await find_record(database, key.kind, key.number)
    if isinstance(record, Missing):
        return []
    told = msgspec.json.decode(record.body)
    work = told.get("work")
    return [
        Resolved(
            key.kind,
            told["key"],
            told.get("isbn13"),
            work["key"] if work else None,
            told.get("title") if key.kind != "author" else told.get("name"),
        )
    ]


async def _editions(database: Database, rows: Iterable[Sequence[Any]]) -> list[Resolved]:
    """The editions of rows, each once; a merged one as what it became."""
    found: dict[tuple[int | None, int | None], Resolved] = {}
    for number, isbn, work, title in rows:
        if title is None and number is not None and work == 0:
            place = await follow(database, "edition", number)
            if place is None:
                continue
            work, number = place
        key = format_key("edition", number) if number else None
        shown = Resolved(
            "edition", key, str(isbn) if isbn else None, format_key("work", work) if work else None, title or None
        )
        found.setdefault((number, None) if number else (None, isbn), shown)
    return list(found.values())


async def list_identifiers(database: Database, kind: Kind, number: int) -> Mapping[str, list[str]]:
    """The identifiers of a record by scheme, each once; those of a work are those of its editions.

    An edition's number may be -ISBN, for one that only others know.
    """
    rows = await database.fetch(*_statement(kind, number))
    found: dict[str, dict[str, None]] = {}
    for isbns, mirrors, learned in rows:
        for isbn in isbns or ():
            found.setdefault("isbn13", {})[str(isbn)] = None
        for text in (mirrors, *(learned or ())):
            for scheme, values in (msgspec.json.decode(text) or {}).items() if text else ():
                found.setdefault(scheme, {}).update(dict.fromkeys(values))
    if number > 0 or kind == "work":
        found["open_library"] = {format_key(kind, number): None}
    return {scheme: list(values) for scheme, values in sorted(found.items())}


def _statement(kind: Kind, number: int) -> tuple[Any, dict[str, Any]]:
    if kind == "work":
        return SQL["list_identifiers_of_work"], {"work": number, "most": MOST_EDITIONS}
    if kind == "author":
        return SQL["list_identifiers_of_author"], {"author": number}
    if number < 0:
        return SQL["list_identifiers_of_isbn"], {"isbn": -number}
    return SQL["list_identifiers_of_edition"], {"id": number}
