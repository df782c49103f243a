"""What is old, moved from the database to compressed files in the object store, and read there again.

One file an hour, `jobs/2026/10/01/13.jsonl.gz`, each line a row. An hour that is archived again is united with what its
file holds, so that nothing is there twice and nothing is lost.
"""

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from alexandria.db import Database, load_statements
from alexandria.db.expire import Keep
from alexandria.store.objects import Objects

SQL = load_statements(__package__)
NAMES = ("jobs", "log", "calls")
Expire = Callable[[Database, datetime, Keep], Awaitable[int]]


@dataclass(frozen=True, slots=True)
class Archived:
    """A file of the archive."""

    name: str
    hour: datetime
    bytes: int


async def archive(database: Database, objects: Objects, owners: Sequence[Expire], days: int) -> int:
    """How many rows older than so many days were moved. Raises StoreFailed, DatabaseUnavailable; again goes on."""
    row = await database.fetch_one(SQL["read_clock"])
    assert row is not None
    before = row[0] - timedelta(days=days)

    async def keep(name: str, hour: datetime, rows: Sequence[str]) -> None:
        await _keep(objects, _path(name, hour), rows)

    moved = 0
    for expire in owners:
        moved += await expire(database, before, keep)
    await database.execute(SQL["forget_ticks"], {"before": before})
    return moved


async def _keep(objects: Objects, path: str, rows: Sequence[str]) -> None:
    held = await _read(objects, path)
    await objects.put(path, await asyncio.to_thread(_pack, list(dict.fromkeys([*held, *rows]))))


async def list_archive(objects: Objects, name: str) -> list[Archived]:
    """The files of a table, the oldest first."""
    found = []
    async for page in objects.list(name):
        for each in page:
            if hour := _hour(each.key):
                found.append(Archived(name, hour, each.size))
    return sorted(found, key=lambda each: each.hour)


async def read_archive(objects: Objects, name: str, first: date, last: date) -> AsyncIterator[str]:
    """The rows of a table from one day to another (UTC, both included), as JSON, the oldest hour first."""
    for each in await list_archive(objects, name):
        if first <= each.hour.date() <= last:
            for row in await _read(objects, _path(name, each.hour)):
                yield row


async def _read(objects: Objects, path: str) -> list[str]:
    data = await objects.get(path)
    return [] if data is None else await asyncio.to_thread(_unpack, data)


def _pack(rows: Sequence[str]) -> bytes:
    return gzip.compress("".join(f"{row}\n" for row in rows).encode(), compresslevel=6, mtime=0)


def _unpack(data: bytes) -> list[str]:
    return gzip.decompress(data).decode().split("\n")[:-1]  # not by lines: a row may hold other separators


def _path(name: str, hour: datetime) -> str:
    return f"{name}/{hour.astimezone(UTC):%Y/%m/%d/%H}.jsonl.gz"


def _hour(path: str) -> datetime | None:
    """The hour of a file; None for a file that is none of ours."""
    try:
        return datetime.strptime(path.partition("/")[2], "%Y/%m/%d/%H.jsonl.gz").replace(tzinfo=UTC)
    except ValueError:
        return None
