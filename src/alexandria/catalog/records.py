"""Single records by key, through merges to what they became."""

from collections.abc import Collection, Iterable, Mapping
from enum import Enum

from alexandria.biblio.keys import Kind
from alexandria.db import Database, load_statements

SQL = load_statements(__package__)


class Missing(Enum):
    """Why there is no record under a key: deleted, or never heard of."""

    DELETED = "deleted"
    UNKNOWN = "unknown"


async def read_editions(database: Database, places: Collection[tuple[int, int]]) -> Mapping[int, bytes]:
    """Editions as JSON (without ISBN members) by number, for (work, edition) places."""
    works = [work for work, _ in places]
    editions = [edition for _, edition in places]
    rows = await database.fetch(SQL["read_editions"], {"works": works, "editions": editions})
    return {number: text.encode() for number, text in rows}


async def read_works(database: Database, numbers: Iterable[int]) -> Mapping[int, bytes]:
    """Works as JSON by number; those of ours are made of their edition."""
    numbers = list(numbers)
    found: dict[int, bytes] = {}
    for name, wanted in (
        ("read_works", [number for number in numbers if number > 0]),
        ("read_own_works", [number for number in numbers if number < 0]),
    ):
        if wanted:
            rows = await database.fetch(SQL[name], {"ids": wanted})
            found.update((number, text.encode()) for number, text in rows)
    return found


async def read_authors(database: Database, numbers: Iterable[int]) -> Mapping[int, bytes]:
    """Authors as JSON by number."""
    rows = await database.fetch(SQL["read_authors"], {"ids": list(numbers)})
    return {number: text.encode() for number, text in rows}


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
