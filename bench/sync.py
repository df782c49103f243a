"""Following changes: how many changed records a second are read, decoded and applied, without the network.

The follower is the real one; in the place of Open
Library's client stands one that has the answers, as bytes, in memory.
"""

import asyncio
import gzip
import json
import time
from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple, cast

import msgspec

from alexandria.biblio.keys import Key, parse_key
from alexandria.db import Database, connect
from alexandria.enrichment.chain import ENOUGH as FULL
from alexandria.errors import BadInput
from alexandria.providers.open_library import Change, Changeset, Many, OpenLibrary, Page
from alexandria.providers.open_library.changes import DEEPEST, LONGEST_PAGE, OVERLAP
from alexandria.providers.open_library.records import path_of, read_many
from alexandria.sync.follow import BATCH, TOGETHER, Followed, Follower
from alexandria.sync.news import News
from bench.catalogue import loaded
from bench.result import Result, command_of, figure
from bench.workspace import dump_files

TITLE = "Following changes"
COPY = "alexandria_sync"  # the database that is changed; the loaded one stays as it was
ROUNDS, RECORDS, QUICK_RECORDS = 3, 20_000, 1_000
SHARES = (("editions", 0.6), ("works", 0.3), ("authors", 0.1))
PER_CHANGESET = 3
RATE_GOAL, MONTH, MINUTES = 2_000, 364_000, 5.0
DAY = date(2026, 11, 15)


class Edit(NamedTuple):
    """A record as it is after an edit."""

    key: Key
    revision: int
    raw: bytes


def run(size: int, quick: bool) -> Result:
    """Rounds of edits of records all over the mirror, each newer than the one before; then the same changes again."""
    count = QUICK_RECORDS if quick else RECORDS
    with loaded(size) as catalogue, catalogue.copy(COPY) as url:
        catalogue.warm(url)
        first, again = [], []
        for number in range(1, 2 if quick else ROUNDS + 1):
            edits = list(make_edits(size, count, number))
            first.append(asyncio.run(_follow(url, edits)))
            again.append(asyncio.run(_follow(url, edits)))
    rates = [done.applied / done.seconds for done in first]
    minutes = [MONTH / rate / 60 for rate in rates]
    return Result(
        bench="sync",
        title=TITLE,
        size=size,
        quick=quick,
        command=command_of("sync", size, quick),
        figures=[
            figure("changes applied", rates, "records/s", goal=f"≥ {RATE_GOAL:,}", met=min(rates) >= RATE_GOAL),
            figure(
                f"a month of edits ({MONTH:,}), at this rate",
                minutes,
                "min",
                goal=f"≤ {MINUTES:.0f}",
                met=max(minutes) <= MINUTES,
            ),
            figure("the same changes again: nothing is fetched", [done.seconds for done in again], "s"),
        ],
        notes=[
            f"{count:,} edits a round, spread over the mirror (editions, works, authors: "
            f"{', '.join(f'{share:.0%}' for _, share in SHARES)}), {PER_CHANGESET} to a changeset. From the list of "
            "changes to the last commit: noted as behind, decoded, compared, written with lists and counters, "
            f"{BATCH * TOGETHER} in a transaction, in one process. fsync and synchronous_commit are on.",
            "Open Library itself gives no more than 3 requests a second, 300 records, which is the limit in life.",
        ],
    )


def make_edits(size: int, count: int, times: int) -> Iterator[Edit]:
    """Edits of records evenly spread over the dump; `times` how often each was edited."""
    paths = dict(zip(("authors", "works", "editions"), dump_files(size), strict=False))
    for kind, share in SHARES:
        wanted = int(count * share)
        with gzip.open(paths[kind]) as file:
            lines = sum(1 for _ in file)
        with gzip.open(paths[kind]) as file:
            for line in islice(file, 0, None, max(lines // wanted, 1)):
                with suppress(ValueError, BadInput):  # a damaged line, as dumps have them
                    yield _edit(line, times)


def _edit(line: bytes, times: int) -> Edit:
    _, key, revision, _, raw = line.split(b"\t", 4)
    record: dict[str, Any] = json.loads(raw)
    record |= {"revision": int(revision) + times, "latest_revision": int(revision) + times}
    record["last_modified"] = {"type": "/type/datetime", "value": f"{DAY}T12:00:00.{times:06}"}
    record["subtitle" if "title" in record else "personal_name"] = f"Edited {times} times"
    return Edit(parse_key(key.decode()), int(revision) + times, msgspec.json.encode(record))


class _Answers:
    """Answers as Open Library's client does, from memory; the JSON of records is decoded like any other."""

    def __init__(self, edits: list[Edit]) -> None:
        self._raw = {edit.key: edit.raw for edit in edits}
        groups = [edits[start : start + PER_CHANGESET] for start in range(0, len(edits), PER_CHANGESET)]
        begins = datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC)
        self._listed = [
            Changeset(
                number,
                "edit-book",
                begins + timedelta(seconds=number),
                tuple(Change(edit.key, edit.revision) for edit in group),
            )
            for number, group in reversed(list(enumerate(groups, start=1)))
        ]

    async def recent_changes(
        self, day: date, kind: str | None = None, *, offset: int = 0, limit: int = LONGEST_PAGE, **options: object
    ) -> Page:
        found = tuple(self._listed[offset : offset + limit]) if day == DAY and kind is None else ()
        onward = min(offset + limit - OVERLAP, DEEPEST) if len(found) == limit else None
        return Page(found, onward, is_cut=False)

    async def get_many(self, keys: Collection[Key], **options: object) -> Many:
        records = b",".join(b'"%s":%s' % (path_of(key).encode(), self._raw[key]) for key in keys)
        return read_many(b'{"status":"ok","result":{' + records + b"}}", keys)


async def _follow(url: str, edits: list[Edit]) -> Followed:
    with connect(url, autocommit=True) as connection:
        connection.execute(
            "update mirror_meta.sync_metadata set value = %s where key = 'ol_last_changes_sync'",
            (f"{DAY}T02:00+00:00",),
        )
        connection.execute("checkpoint")
    database = Database(url, timeout_ms=60_000)
    await database.open()
    try:
        await database.ping()
        begun = time.perf_counter()
        news = News(frozenset({"edition"}), FULL, room=0)
        follower = Follower(database, cast(OpenLibrary, _Answers(edits)), news)
        done = await follower.follow(datetime(DAY.year, DAY.month, DAY.day, 5, tzinfo=UTC))
        done.seconds = time.perf_counter() - begun
        return done
    finally:
        await database.close()
