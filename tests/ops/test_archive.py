"""What is old goes to files, once, whole, whatever happens on the way; and is read there."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from alexandria.db import Database, connect
from alexandria.db.expire import StillChanging
from alexandria.enrichment.expire import expire as expire_log
from alexandria.ops.archive import archive, list_archive, read_archive
from alexandria.queue.expire import expire as expire_jobs
from alexandria.quota.expire import expire as expire_calls
from alexandria.store.objects import Objects, StoreFailed
from tests.mirror.test_load import rows

pytestmark = pytest.mark.anyio
OWNERS = (expire_jobs, expire_log, expire_calls)
ALWAYS = (date.min, date.max)

OLD_ROWS = """
    insert into queue.finished (id, kind, key, lane, priority, payload, result, state, attempts, most_attempts,
                                created_at, finished_at, error)
    select gen_random_uuid(), 'edition', n, 'enrichment', 5, '{"x": 1}', '{}', 'completed', 1, 5, now(),
           now() - make_interval(hours => n), E'odd\\u2028 "text"\\nof two lines'
    from generate_series(1, 2400, 30) n;
    insert into enriched.log (at, kind, id, provider, source, operation, success)
    select now() - make_interval(hours => n), 'edition', n, 'isbndb', 'self', 'fetch', true
    from generate_series(1, 2400, 60) n;
    insert into quota.calls (at, bucket, lane, kind, units, items)
    select now() - make_interval(hours => n), 'isbndb', 'enrichment', 'book', 1, 1 from generate_series(1, 2400, 60) n;
"""
COUNTS = """
    select (select count(*) from queue.finished) + (select count(*) from enriched.log)
           + (select count(*) from quota.calls)
"""
OLD_JOBS = """
    select to_jsonb(f) from queue.finished f where finished_at < date_trunc('hour', now() - interval '30 days', 'UTC')
"""


@pytest.fixture
def old_url(database_url: str) -> str:
    with connect(database_url, autocommit=True) as connection:
        connection.execute(OLD_ROWS)
    return database_url


@pytest.fixture
async def objects(tmp_path: Path) -> AsyncIterator[Objects]:
    opened = Objects((tmp_path / "archive").as_uri())
    yield opened
    opened.close()


async def read(objects: Objects, name: str, days: tuple[date, date] = ALWAYS) -> list[dict[str, Any]]:
    return [json.loads(row) async for row in read_archive(objects, name, *days)]


async def test_old_rows_are_in_files_and_new_ones_are_not(old_url: str, database: Database, objects: Objects) -> None:
    before = {str(row["id"]): row for (row,) in rows(old_url, OLD_JOBS) if isinstance(row, dict)}
    moved = await archive(database, objects, OWNERS, 30)
    left = "select count(*) filter (where finished_at < now() - interval '31 days'), count(*) from queue.finished"
    assert rows(old_url, left)[0] in ((0, 24), (0, 25))
    found = await read(objects, "jobs")
    assert {row["id"]: row for row in found} == before
    assert [row["finished_at"] for row in found] == sorted(row["finished_at"] for row in found)
    assert moved == sum([len(await read(objects, name)) for name in ("jobs", "log", "calls")])
    assert await archive(database, objects, OWNERS, 30) == 0


async def test_a_day_is_read_alone(old_url: str, database: Database, objects: Objects) -> None:
    await archive(database, objects, OWNERS, 30)
    files = await list_archive(objects, "log")
    day = files[3].hour.date()
    found = await read(objects, "log", (day, day))
    assert found
    assert {datetime.fromisoformat(row["at"]).astimezone(UTC).date() for row in found} == {day}
    assert await read(objects, "log", (date(2000, 1, 1), date(2000, 1, 2))) == []


class Failing(Objects):
    """A store that fails, or whose user dies, at its n-th object."""

    def __init__(self, url: str, place: int, after: bool) -> None:
        super().__init__(url)
        self.place, self.after = place, after

    async def put(self, key: str, data: bytes) -> None:
        self.place -= 1
        if self.place == 0 and not self.after:
            raise StoreFailed("full")
        await super().put(key, data)
        if self.place == 0:
            raise asyncio.CancelledError


@pytest.mark.parametrize("after", [True, False])
async def test_nothing_is_lost_or_double_when_it_stops(
    old_url: str, database: Database, objects: Objects, tmp_path: Path, after: bool
) -> None:
    [(total,)] = rows(old_url, COUNTS)
    for place in (1, 2, 7, 60):
        failing = Failing((tmp_path / "archive").as_uri(), place, after)
        try:
            await archive(database, failing, OWNERS, 30)
        except (StoreFailed, asyncio.CancelledError):
            pass
        failing.close()
    await archive(database, objects, OWNERS, 30)
    [(kept,)] = rows(old_url, COUNTS)
    archived = [json.dumps(row) for name in ("jobs", "log", "calls") for row in await read(objects, name)]
    assert len(archived) == len(set(archived)) == int(str(total)) - int(str(kept))


async def test_an_hour_that_still_changes_is_left(old_url: str, database: Database) -> None:
    async def keep(name: str, hour: datetime, found: Sequence[str]) -> None:
        with connect(old_url, autocommit=True) as connection:
            connection.execute(
                "insert into enriched.log (at, kind, id, provider, source, operation, success) "
                "values (%s, 'edition', 0, 'isbndb', 'self', 'late', true)",
                (hour + timedelta(minutes=1),),
            )

    before = rows(old_url, "select count(*) from enriched.log")[0][0]
    with pytest.raises(StillChanging, match="log of"):
        await expire_log(database, datetime.now(UTC) - timedelta(days=30), keep)
    assert rows(old_url, "select count(*) from enriched.log")[0][0] == int(str(before)) + 1


async def test_an_hour_that_comes_again_is_united(objects: Objects, database: Database, old_url: str) -> None:
    await archive(database, objects, OWNERS, 30)
    with connect(old_url, autocommit=True) as connection:
        connection.execute(OLD_ROWS)  # as after a backup was restored
    before = len(await read(objects, "log"))
    await archive(database, objects, OWNERS, 30)
    assert before <= len(await read(objects, "log")) <= before * 2 + 1


async def test_empty_partitions_are_dropped(database: Database, database_url: str, objects: Objects) -> None:
    with connect(database_url, autocommit=True) as connection:
        for month in ("01", "02"):
            connection.execute(
                f"create table enriched.log_2020_{month} partition of enriched.log "
                f"for values from ('2020-{month}-01 00:00+00') to ('2020-{month}-28 00:00+00')".encode()
            )
        connection.execute("insert into enriched.log (at, kind, id, provider, source, operation, success) "
                           "values ('2020-01-05', 'work', 1, 'x', 'x', 'x', true)")  # fmt: skip
    partitions = "select relname from pg_class where relname like 'log_20%' and relkind = 'r' order by 1"
    before = len(rows(database_url, partitions))
    with connect(database_url) as reader:
        reader.execute("select from enriched.log_2020_02")  # somebody reads one: it stays for now
        assert await archive(database, objects, OWNERS, 30) == 1
    assert len(rows(database_url, partitions)) == before - 1
    await archive(database, objects, OWNERS, 30)
    assert len(rows(database_url, partitions)) == before - 2
