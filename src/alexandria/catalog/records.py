"""Single records by key, through merges to what they became."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import Enum
from typing import Final, NamedTuple

from alexandria.biblio.isbn import isbn10
from alexandria.biblio.keys import Kind
from alexandria.db import Database, load_statements

SQL = load_statements(__package__)
MOST_MERGES = 10  # one into the other, by hand
# As `read_editions` and `read_works` write it. No text can look like it, for in texts quotation marks are escaped.
_NO_COVER: Final = b'"cover_url_large":null,"cover_url_medium":null,"cover_url_small":null'
_NO_COVER_OF_WORK: Final = b'"cover_url_large" : null, "cover_url_medium" : null, "cover_url_small" : null'


class Missing(Enum):
    """Why there is no record under a key: deleted, or never heard of."""

    DELETED = "deleted"
    UNKNOWN = "unknown"


class Place(NamedTuple):
    """Where an edition stands in the mirror (its work and its number, 0 for none), and the work it is shown with."""

    home: int
    edition: int
    work: int


class Shown(NamedTuple):
    """A work's or author's JSON, and the number of the one that it was merged into by hand."""

    body: bytes
    merged_into: int | None


def place_params(places: Mapping[int, Place]) -> dict[str, list[int]]:
    """Places by any number of the caller's, as the parameters of `read_editions`."""
    return {
        "places": list(places),
        "homes": [place.home for place in places.values()],
        "editions": [place.edition for place in places.values()],
        "works": [place.work for place in places.values()],
    }


async def read_editions(database: Database, asked: Collection[tuple[int, int, int | None]]) -> Mapping[int, bytes]:
    """Editions as JSON by number, for (work, edition, first ISBN); -ISBN is a number, too.

    What was learned about the ISBN lies over what the mirror says.
    """
    isbns = [isbn for _, _, isbn in asked if isbn]
    rows = await database.fetch(SQL["read_overlays"], {"isbns": isbns}) if isbns else []
    known = {isbn: (work, chosen, covered) for isbn, work, chosen, covered in rows}
    places, overlays, named = {}, [], {}
    for home, number, isbn in asked:
        work, chosen, covered = known.get(isbn, (None, None, False))
        named[number] = (isbn, covered)
        places[number] = Place(home if number > 0 else 0, max(number, 0), home if work is None else work)
        if chosen:
            overlays.append(f'"{number}":{chosen}')
    found: dict[int, bytes] = {}
    for _ in range(MOST_MERGES):
        params = {**place_params(places), "overlays": "{" + ",".join(overlays) + "}"}
        rows = await database.fetch(SQL["read_editions"], params) if places else []
        for number, text, _ in rows:
            isbn, covered = named[number]
            found[number] = with_isbn(isbn, text.encode(), covered)
        places = {number: places[number]._replace(work=target) for number, _, target in rows if target is not None}
    return found


def with_isbn(isbn: int | None, edition: bytes, covered: bool) -> bytes:
    """An edition's JSON with what depends on its ISBN: the ISBN members, and where its cover is, if one is stored."""
    if isbn is None:
        return b'{"isbn13":null,"isbn10":null,' + edition[1:]
    if covered:
        edition = edition.replace(_NO_COVER, _cover_urls(isbn), 1)
    ten = isbn10(isbn)
    shown = f'"{ten}"' if ten else "null"
    return f'{{"isbn13":"{isbn}","isbn10":{shown},'.encode() + edition[1:]


def _cover_urls(isbn: int) -> bytes:
    where = f"/covers/{isbn}"
    return (
        f'"cover_url_large":"{where}/large","cover_url_medium":"{where}/medium","cover_url_small":"{where}/small"'
    ).encode()


async def read_works(database: Database, numbers: Iterable[int]) -> Mapping[int, Shown]:
    """Works as JSON by number; those of ours are made of their edition."""
    rows = await database.fetch(SQL["read_works"], {"ids": list(numbers)})
    covered = await _covered_editions(database, [row[0] for row in rows])
    found = {}
    for number, text, target in rows:
        body = text.encode()
        if number in covered:
            body = body.replace(_NO_COVER_OF_WORK, _cover_urls(covered[number]), 1)
        found[number] = Shown(body, target)
    return found


async def _covered_editions(database: Database, works: Sequence[int]) -> Mapping[int, int]:
    """The ISBN of the most complete edition that has a cover, for each work of which one has."""
    rows = await database.fetch(SQL["list_isbns_of_works"], {"works": list(works)}) if works else []
    isbns = {isbn for _, isbn in rows}
    stored = await database.fetch(SQL["find_covered"], {"isbns": list(isbns)}) if isbns else []
    covered = {isbn for (isbn,) in stored}
    return {work: isbn for work, isbn in reversed(rows) if isbn in covered}


async def read_authors(database: Database, numbers: Iterable[int]) -> Mapping[int, Shown]:
    """Authors as JSON by number."""
    rows = await database.fetch(SQL["read_authors"], {"ids": list(numbers)})
    return {number: Shown(text.encode(), target) for number, text, target in rows}


async def place_edition(database: Database, number: int) -> tuple[int, int, int | None] | None:
    """Where an edition stands: (edition, work, its first ISBN); None when there is none."""
    row = await database.fetch_one(SQL["find_edition"], {"id": number})
    return (row[0], row[1], row[2]) if row else None


async def find_target(database: Database, kind: Kind, number: int) -> tuple[Kind, int] | Missing:
    """What a key that has no record was merged into, through any number of merges up to ten."""
    row = await database.fetch_one(SQL["follow_redirect"], {"kind": kind, "id": number})
    if row is None:
        return Missing.UNKNOWN
    return (row[0], row[1]) if row[1] is not None else Missing.DELETED


async def follow(database: Database, kind: Kind, number: int) -> tuple[int, int] | None:
    """The (work, edition) place of the edition that a merged one became; None when it is gone."""
    target = await find_target(database, kind, number)
    if isinstance(target, Missing) or target[0] != "edition":
        return None
    place = await place_edition(database, target[1])
    return (place[1], place[0]) if place else None
