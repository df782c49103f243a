"""Checking keys: what is believed, for how long, and what is asked of the database meanwhile."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from alexandria.db import Database
from alexandria.errors import DatabaseUnavailable
from alexandria.keys.key import INCLUDES, make_key
from alexandria.keys.ring import EXPIRED, FRESH, MOST_UNKNOWN, REVOKED, TOUCH_AFTER, UNKNOWN, Holder, KeyRing, Verdict
from alexandria.keys.store import create_key, list_keys, revoke_key
from tests.keys.conftest import CountingDatabase

pytestmark = pytest.mark.anyio
RunSQL = Callable[[str, str], list[tuple[Any, ...]]]


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ring(db: CountingDatabase, clock: Clock) -> KeyRing:
    return KeyRing(db, "the bootstrap key", clock)


async def verdict_of(ring: KeyRing, text: str) -> Verdict:
    """As the API does it."""
    return ring.recall(text.encode()) or await ring.check(text.encode())


def other_secret(text: str) -> str:
    return text[:-1] + ("b" if text[-1] == "a" else "a")


async def test_the_bootstrap_key_is_nowhere_stored(ring: KeyRing, db: CountingDatabase) -> None:
    assert await verdict_of(ring, "the bootstrap key") == Holder("internal", INCLUDES["admin"])
    for wrong in ("the bootstrap ke", "the bootstrap key ", "", "internal"):
        assert await verdict_of(ring, wrong) == UNKNOWN
    assert db.asked == 0
    assert await list_keys(db) == []
    assert await verdict_of(KeyRing(db), "") == UNKNOWN  # no bootstrap key: nothing is it, not even nothing


@pytest.mark.parametrize("scope", ["read", "write", "admin"])
async def test_a_key_holds_its_scope(ring: KeyRing, db: CountingDatabase, scope: str) -> None:
    key, _ = await create_key(db, "x", scope)
    assert await verdict_of(ring, key.text) == Holder(key.id, INCLUDES[scope])
    assert await verdict_of(ring, other_secret(key.text)) == UNKNOWN
    assert ring.recall(key.text.encode()) == Holder(key.id, INCLUDES[scope])
    assert db.asked == 1  # a wrong secret for a known id costs nothing


async def test_a_revoked_key_works_for_five_seconds_more(ring: KeyRing, db: CountingDatabase, clock: Clock) -> None:
    assert FRESH <= 10
    key, _ = await create_key(db, "x", "read")
    assert isinstance(await verdict_of(ring, key.text), Holder)
    await revoke_key(db, key.id)
    clock.now = FRESH - 0.01
    assert isinstance(await verdict_of(ring, key.text), Holder)
    clock.now = FRESH
    assert await verdict_of(ring, key.text) == REVOKED
    assert await verdict_of(ring, other_secret(key.text)) == UNKNOWN  # why is for who has the key


async def test_a_key_is_not_believed_beyond_its_end(ring: KeyRing, db: CountingDatabase, clock: Clock) -> None:
    over, _ = await create_key(db, "over", "read", datetime.now(UTC) - timedelta(seconds=1))
    assert await verdict_of(ring, over.text) == EXPIRED
    soon, _ = await create_key(db, "soon", "read", datetime.now(UTC) + timedelta(seconds=2))
    assert isinstance(await verdict_of(ring, soon.text), Holder)
    clock.now = 2.0  # less than what is believed otherwise
    assert ring.recall(soon.text.encode()) is None


async def test_a_deleted_key_is_unknown(ring: KeyRing, db: CountingDatabase, database_url: str, run_sql: RunSQL,
                                        clock: Clock) -> None:  # fmt: skip
    key, _ = await create_key(db, "x", "read")
    assert isinstance(await verdict_of(ring, key.text), Holder)
    run_sql(database_url, "DELETE FROM keys.api_keys")
    clock.now = FRESH
    assert await verdict_of(ring, key.text) == UNKNOWN


async def test_ids_that_do_not_exist_are_remembered_but_not_without_end(
    ring: KeyRing, db: CountingDatabase, clock: Clock
) -> None:
    texts = [make_key().text for _ in range(MOST_UNKNOWN + 1)]
    assert await ring.check(texts[0].encode()) == UNKNOWN
    assert await verdict_of(ring, texts[0]) == UNKNOWN
    assert db.asked == 1
    for text in texts[1:]:
        assert await verdict_of(ring, text) == UNKNOWN
    assert ring.recall(texts[0].encode()) is None  # pushed out
    assert ring.recall(texts[1].encode()) == UNKNOWN
    clock.now = FRESH
    assert ring.recall(texts[1].encode()) is None


async def test_those_who_ask_at_once_ask_once(ring: KeyRing, db: CountingDatabase) -> None:
    key, _ = await create_key(db, "x", "read")
    verdicts = await asyncio.gather(*(verdict_of(ring, key.text) for _ in range(50)))
    assert set(verdicts) == {Holder(key.id, INCLUDES["read"])}
    assert db.asked == 1


async def test_one_who_leaves_takes_nothing_from_the_others(ring: KeyRing, db: CountingDatabase) -> None:
    key, _ = await create_key(db, "x", "read")
    tasks = [asyncio.create_task(verdict_of(ring, key.text)) for _ in range(3)]
    await asyncio.sleep(0)
    tasks[0].cancel()
    assert [await task for task in tasks[1:]] == [Holder(key.id, INCLUDES["read"])] * 2


@pytest.mark.usefixtures("impatient")
async def test_a_database_that_is_away_is_no_wrong_key(clock: Clock) -> None:
    away = Database("postgresql://me@127.0.0.1:1/x")
    await away.open()
    ring = KeyRing(away, "the bootstrap key", clock)
    with pytest.raises(DatabaseUnavailable):
        await verdict_of(ring, make_key().text)
    assert isinstance(await verdict_of(ring, "the bootstrap key"), Holder)
    await away.close()


async def test_use_is_written_beside_the_request(
    ring: KeyRing, db: CountingDatabase, database_url: str, run_sql: RunSQL, clock: Clock
) -> None:
    key, _ = await create_key(db, "x", "read")

    async def last_use() -> datetime | None:
        await ring.close()
        return (await list_keys(db))[0].last_used_at

    await verdict_of(ring, other_secret(key.text))
    assert await last_use() is None  # a wrong secret is no use
    await verdict_of(ring, key.text)
    assert await last_use()
    run_sql(database_url, "UPDATE keys.api_keys SET last_used_at = NULL")
    clock.now = TOUCH_AFTER - 1
    await verdict_of(ring, key.text)
    assert await last_use() is None
    clock.now = TOUCH_AFTER
    await verdict_of(ring, key.text)
    assert await last_use()


async def test_a_use_that_cannot_be_written_harms_nobody(
    ring: KeyRing, db: CountingDatabase, database_url: str, run_sql: RunSQL
) -> None:
    key, _ = await create_key(db, "x", "read")
    run_sql(database_url, "ALTER TABLE keys.api_keys DROP COLUMN last_used_at")
    with capture_logs() as said:
        assert isinstance(await verdict_of(ring, key.text), Holder)
        await ring.close()
    assert [(entry["log_level"], entry["key_id"]) for entry in said] == [("warning", key.id)]
    assert key.text[-40:] not in str(said)
    assert isinstance(await verdict_of(ring, key.text), Holder)
