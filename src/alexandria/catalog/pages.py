"""Lists by cursor: the editions of a work, the works of an author; no totals, every page costs the same."""

import base64
import binascii
from typing import NamedTuple

import msgspec

from alexandria.catalog.records import read_editions, read_works
from alexandria.db import Database, load_statements
from alexandria.errors import BadInput

SQL = load_statements(__package__)
CLASSED = 100  # more works that a page looks at, for those that it leaves out


class Page(NamedTuple):
    """A page of JSON objects, and the cursor of the next one (None on the last)."""

    results: list[bytes]
    next: str | None


class Cursor(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """Where a list goes on: the sort values of the last row seen."""

    rank: int
    number: int


FIRST = Cursor(rank=101, number=2**62)


def write_cursor(cursor: Cursor) -> str:
    """The cursor as opaque text for a URL."""
    return base64.urlsafe_b64encode(msgspec.json.encode(cursor)).decode().rstrip("=")


def read_cursor(text: str | None) -> Cursor:
    """The cursor that `write_cursor` wrote; the first page's for None. Raises BadInput."""
    if text is None:
        return FIRST
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        cursor = msgspec.json.decode(raw, type=Cursor)
    except (ValueError, binascii.Error, UnicodeError) as error:
        raise BadInput("cursor", "not one that this service gave; start again without it") from error
    if abs(cursor.rank) > 2**31 - 1 or abs(cursor.number) > 2**62:
        raise BadInput("cursor", "not one that this service gave; start again without it")
    return cursor


async def list_editions(database: Database, work: int, cursor: Cursor, limit: int) -> Page:
    """A page of a work's editions and those of works merged into it, the most complete first."""
    merged = await database.fetch(SQL["list_merged_works"], {"work": work})
    rows = await database.fetch(
        SQL["list_editions_of_works"],
        {
            "works": [work, *(number for (number,) in merged)],
            "completeness": cursor.rank,
            "after": cursor.number,
            "limit": limit + 1,
        },
    )
    shown = rows[:limit]
    asked = [(home, number, isbn) for home, number, isbn, _ in shown]
    found = await read_editions(database, asked) if asked else {}
    results = [found[number] for _, number, _, _ in shown if number in found]
    more = len(rows) > limit
    return Page(results, write_cursor(Cursor(rank=shown[-1][3], number=-shown[-1][1])) if more else None)


async def list_works(database: Database, author: int, cursor: Cursor, limit: int, *, every: bool = False) -> Page:
    """A page of an author's works and those of authors merged into it: the newest numbers first, ours last.

    Box sets and the like are left out but for `every`. A page looks at so many works and no more, so one of an author
    with many of these may be short, or empty, and still have a next one.
    """
    merged = await database.fetch(SQL["list_merged_authors"], {"author": author})
    authors = [author, *(number for (number,) in merged)]
    looked = limit + 1 if every else limit + CLASSED
    params = {"authors": authors, "before": cursor.number, "limit": looked}
    rows = await database.fetch(SQL["list_works_of_authors"], params)
    fitting = [work for work, told in rows if every or told is None]
    shown = fitting[:limit]
    last = shown[-1] if len(fitting) > limit else rows[-1][0] if len(rows) == looked else None
    found = await read_works(database, shown)
    results = [found[number].body for number in shown if number in found]
    return Page(results, None if last is None else write_cursor(Cursor(rank=0, number=last)))
