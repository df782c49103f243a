"""From a key to a record, through merges: asked for what was merged, the answer is what it became."""

from typing import NamedTuple

from alexandria.biblio.keys import MINTED, Kind
from alexandria.catalog.records import (
    MOST_MERGES,
    Missing,
    find_target,
    place_edition,
    read_authors,
    read_editions,
    read_works,
)
from alexandria.db import Database


class Record(NamedTuple):
    """A record's number (which differs from the one asked for after a merge) and its JSON."""

    number: int
    body: bytes


async def find_record(database: Database, kind: Kind, number: int) -> Record | Missing:
    """The record of a kind, or why there is none."""
    if kind != "edition" and 0 < number < MINTED:  # what was told of it before it was merged hides no merge
        home = await find_target(database, kind, number)
        if not isinstance(home, Missing):
            return await _read(database, *home) or Missing.DELETED
    record = await _read(database, kind, number)
    if record is not None:
        return record
    if kind == "work" and number < 0:  # ours, for an edition that has been given a work since
        place = await place_edition(database, -number)
        return await find_record(database, "work", place[1]) if place and place[1] > 0 else Missing.UNKNOWN
    target = await find_target(database, kind, number)
    if isinstance(target, Missing):
        return target
    return await _read(database, target[0], target[1]) or Missing.DELETED


async def _read(database: Database, kind: Kind, number: int) -> Record | None:
    if kind == "edition":
        place = await place_edition(database, number)
        if place is None:
            return None
        found = await read_editions(database, [(place[1], number, place[2])])
        return Record(number, found[number]) if number in found else None
    read = read_works if kind == "work" else read_authors
    for _ in range(MOST_MERGES):
        shown = (await read(database, [number])).get(number)
        if shown is None or shown.merged_into is None:
            return Record(number, shown.body) if shown else None
        number = shown.merged_into
    return None
