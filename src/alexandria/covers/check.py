"""Rows and objects compared: covers whose pictures are gone, pictures that no cover has, pictures of many books.

It reads the whole store, page by page, and is for a command, never for a hot path. A picture is stored a moment before
its row is written, so what is young counts as no orphan.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from alexandria.covers.backlog import ask_for
from alexandria.covers.keys import SIZES, object_key, read_key
from alexandria.covers.store import SQL
from alexandria.db import Database
from alexandria.errors import AlexandriaError
from alexandria.store.objects import Objects

YOUNG: Final = timedelta(hours=1)
PAGE: Final = 1_000  # pictures in one statement
MANY: Final = 20  # books with one picture, from which on it may stand for "no picture"


class StoreEmpty(AlexandriaError):
    """There are covers, and no picture of any: this is another store than the one that they are in."""


Tell = Callable[[int], None]


@dataclass(slots=True)
class Report:
    """What was found: covers and objects looked at, bytes of them, what is wrong with them, what was done about it.

    `missing`: hashes whose pictures are not all there. `orphans`: keys that no cover has. `strange`: keys that are none
    of ours. `many`: hash → how many books have that picture, and one of them.
    """

    pictures: int = 0
    objects: int = 0
    bytes: int = 0
    missing: list[str] = field(default_factory=list)
    orphans: list[str] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    many: dict[str, tuple[int, int]] = field(default_factory=dict)
    deleted: int = 0
    searched_again: int = 0


async def check(
    database: Database, objects: Objects, *, delete: bool = False, repair: bool = False, tell: Tell = lambda done: None
) -> Report:
    """What is wrong. With `delete` orphans are deleted; with `repair` missing covers are taken away and searched anew.

    `tell` hears how many objects were looked at. Raises StoreFailed.
    """
    report = Report()
    await _check_objects(database, objects, report, tell)
    await _check_covers(database, objects, report)
    if delete:
        await objects.delete(report.orphans)
        report.deleted = len(report.orphans)
    if repair and report.missing:
        if not report.objects:
            raise StoreEmpty("the store holds nothing at all: is ALEXANDRIA_COVERS_URL right? Nothing was changed")
        report.searched_again = await _search_again(database, [bytes.fromhex(name) for name in report.missing])
    return report


async def _check_objects(database: Database, objects: Objects, report: Report, tell: Tell) -> None:
    """Nothing; every object of the store was looked at."""
    old = datetime.now(UTC) - YOUNG
    async for page in objects.list():
        names = {each.key: read_key(each.key) for each in page}
        wanted = list({name.digest for name in names.values() if name})
        rows = await database.fetch(SQL["which_hashes"], {"hashes": wanted})
        known = {bytes(row[0]) for row in rows}
        for each in page:
            name = names[each.key]
            if name is None:
                report.strange.append(each.key)
            elif name.digest not in known and each.modified < old:
                report.orphans.append(each.key)
        report.objects += len(page)
        report.bytes += sum(each.size for each in page)
        tell(report.objects)


async def _check_covers(database: Database, objects: Objects, report: Report) -> None:
    """Nothing; every picture that a cover has was looked for."""
    async for rows in _hashes(database):
        for digest, count, isbn in rows:
            report.pictures += 1
            if count >= MANY:
                report.many[digest.hex()] = (count, isbn)
            for size in SIZES:
                if not await objects.exists(object_key(digest, size)):
                    report.missing.append(digest.hex())
                    break


async def _hashes(database: Database) -> AsyncIterator[Sequence[tuple[bytes, int, int]]]:
    after = b""
    while True:
        rows = await database.fetch(SQL["list_hashes"], {"after": after, "limit": PAGE})
        if not rows:
            return
        yield [(bytes(digest), count, isbn) for digest, count, isbn in rows]
        after = rows[-1][0]


async def _search_again(database: Database, hashes: Sequence[bytes]) -> int:
    """How many ISBNs lost a cover that cannot be shown; they are searched for."""
    async with database.transaction() as transaction:
        lost = [row[0] for row in await transaction.fetch(SQL["drop_covers_of"], {"hashes": list(hashes)})]
    return await ask_for(database, lost, again=True)
