"""Notices are heard, and whoever listens learns when it may have missed some."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from alexandria.db import listen as listen_module
from alexandria.db.listen import listen
from alexandria.errors import SettingsInvalid

RunSQL = Callable[[str, str], list[tuple[Any, ...]]]
pytestmark = pytest.mark.anyio


async def next_of(heard: "asyncio.Queue[str]") -> str:
    return await asyncio.wait_for(heard.get(), 120)


async def test_notices_are_heard_also_after_the_connection_broke(
    empty_database_url: str, run_sql: RunSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listen_module, "PAUSE", 0.05)
    heard: asyncio.Queue[str] = asyncio.Queue()
    listening = asyncio.create_task(listen(empty_database_url, "some channel", heard.put_nowait))
    assert await next_of(heard) == "", "connected"
    for payload in ("edition", "work"):
        await asyncio.to_thread(run_sql, empty_database_url, f"select pg_notify('some channel', '{payload}')")
        assert await next_of(heard) == payload
    broken = "select pg_terminate_backend(pid) from pg_stat_activity where query like 'LISTEN%'"
    assert await asyncio.to_thread(run_sql, empty_database_url, broken) == [(True,)]
    assert await next_of(heard) == "", "connected again"
    await asyncio.to_thread(run_sql, empty_database_url, "notify \"some channel\", 'author'")
    assert await next_of(heard) == "author"
    listening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await listening


async def test_it_waits_for_a_server_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listen_module, "PAUSE", 0.01)
    listening = asyncio.create_task(listen("postgresql://u:p@127.0.0.1:1/d", "channel", print))
    await asyncio.sleep(0.2)
    assert not listening.done()
    listening.cancel()


async def test_a_url_that_cannot_be_read_is_told_without_its_password() -> None:
    with pytest.raises(SettingsInvalid) as told:
        await listen("postgresql://u:secret/x@h/d", "channel", print)
    assert "secret" not in str(told.value)
