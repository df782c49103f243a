"""Stored keys: nothing that opens is stored, names and scopes are checked, a revocation stays."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alexandria.db import Database
from alexandria.errors import BadInput
from alexandria.keys import store
from alexandria.keys.key import NewKey, digest_of
from alexandria.keys.store import KeyUnknown, create_key, find_key, list_keys, revoke_key, touch_key

pytestmark = pytest.mark.anyio
RunSQL = Callable[[str, str], list[tuple[Any, ...]]]


async def test_only_a_digest_is_stored(db: Database, database_url: str, run_sql: RunSQL) -> None:
    key, created_at = await create_key(db, "  reading\tapp ", "write")
    stored = run_sql(database_url, "SELECT k::text FROM keys.api_keys k")[0][0]
    assert key.text[-40:] not in stored
    assert digest_of(key.text.encode()).hex() in stored
    assert abs(datetime.now(UTC) - created_at) < timedelta(minutes=5)
    (listed,) = await list_keys(db)
    assert (listed.id, listed.name, listed.scope, listed.state) == (key.id, "reading app", "write", "active")
    assert listed.last_used_at is listed.expires_at is listed.revoked_at is None


async def test_the_id_of_another_key_is_not_taken(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    first = NewKey("aaaaaaaaaa", "one", digest_of(b"one"))
    made = iter([first, first, NewKey("bbbbbbbbbb", "two", digest_of(b"two"))])
    monkeypatch.setattr(store, "make_key", lambda: next(made))
    assert (await create_key(db, "x", "read"))[0].id == "aaaaaaaaaa"
    assert (await create_key(db, "y", "read"))[0].id == "bbbbbbbbbb"
    found = await find_key(db, "aaaaaaaaaa")
    assert found
    assert found.digest == digest_of(b"one")


@pytest.mark.parametrize(
    ("name", "scope", "field"),
    [("", "read", "name"), (" \t", "read", "name"), ("x" * 101, "read", "name"), ("a\x00b", "read", "name"),
     ("\udcff", "read", "name"), ("a\x1b[31mb", "read", "name"), ("x", "root", "scope"), ("x", "", "scope"),
     ("x", "WRITE", "scope")],
)  # fmt: skip
async def test_what_is_refused(db: Database, name: str, scope: str, field: str) -> None:
    with pytest.raises(BadInput) as caught:
        await create_key(db, name, scope)
    assert caught.value.field == field
    assert await list_keys(db) == []


async def test_expired_and_revoked(db: Database) -> None:
    now = datetime.now(UTC)
    old, _ = await create_key(db, "old", "read", now - timedelta(seconds=1))
    young, _ = await create_key(db, "young", "admin", now + timedelta(hours=1))
    gone, _ = await create_key(db, "gone", "admin", now - timedelta(seconds=1))
    name, revoked_at = await revoke_key(db, gone.id)
    assert (name, await revoke_key(db, gone.id)) == ("gone", ("gone", revoked_at))  # for the second time: as before
    assert {key.name: key.state for key in await list_keys(db)} == {
        "old": "expired", "young": "active", "gone": "revoked",
    }  # fmt: skip
    found = [await find_key(db, key.id) for key in (old, young, gone)]
    assert [each and each.revoked for each in found] == [False, False, True]
    assert [each and each.seconds_left and each.seconds_left > 0 for each in found] == [False, True, False]
    assert all(each and str(each.digest) not in repr(each) for each in found)


async def test_a_key_that_is_not_there(db: Database) -> None:
    assert await find_key(db, "aaaaaaaaaa") is None
    with pytest.raises(KeyUnknown, match="keys list"):
        await revoke_key(db, "aaaaaaaaaa")


async def test_the_last_use_is_written_once_a_minute(db: Database, database_url: str, run_sql: RunSQL) -> None:
    key, _ = await create_key(db, "x", "read")

    async def last_use() -> datetime | None:
        return (await list_keys(db))[0].last_used_at

    await touch_key(db, key.id)
    first = await last_use()
    assert first
    await touch_key(db, key.id)
    assert await last_use() == first
    run_sql(database_url, "UPDATE keys.api_keys SET last_used_at = last_used_at - interval '1 minute'")
    await touch_key(db, key.id)
    second = await last_use()
    assert second
    assert second > first
