"""Each fault raises its alert and no other, once, however many look; it is resolved once, and told to who listens."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alexandria.db import Database, connect
from alexandria.ops.alerts import Teller, digest, look, open_alerts, past_alerts
from alexandria.ops.rules import RULES
from alexandria.ops.watch import Watch
from tests.mirror.test_load import rows
from tests.ops.faults import FAULTS, NOON, POLICIES
from tests.ops.receiver import Receiver
from tests.pools import opened

pytestmark = pytest.mark.anyio
NOBODY, SOMEBODY = Teller(), Teller(True, "https://example.org/runbooks")


@pytest.fixture
async def another(database_url: str) -> AsyncIterator[Database]:
    """The pool of another process."""
    async with opened(database_url, max_size=2) as pool:
        yield pool


def run(url: str, *statements: str) -> None:
    with connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def told(url: str, sql: str) -> list[tuple[str, ...]]:
    """The rows of messages."""
    with connect(url) as connection:
        return connection.execute(sql.encode()).fetchall()


async def is_open(database: Database) -> list[tuple[str, str]]:
    return sorted((each.rule, each.subject) for each in await open_alerts(database))


def test_there_is_a_fault_for_each_rule() -> None:
    assert [fault.rule for fault in FAULTS] == [rule.name for rule in RULES]


async def test_each_fault_raises_its_alert_alone(database: Database, database_url: str) -> None:
    run(database_url, NOON)
    clock = datetime.now(UTC)
    for number, fault in enumerate(FAULTS):
        start = clock + timedelta(seconds=90 * number)
        run(database_url, fault.make)
        assert await look(database, POLICIES, NOBODY, now=start)
        assert await is_open(database) == [(fault.rule, fault.subject)]
        run(database_url, fault.mend)
        await look(database, POLICIES, NOBODY, now=start + timedelta(seconds=30))
        assert await is_open(database) == [(fault.rule, fault.subject)]  # it may come back at once
        await look(database, POLICIES, NOBODY, now=start + timedelta(seconds=60))
        assert await is_open(database) == []


async def test_all_faults_at_once_and_two_that_look(database: Database, another: Database, database_url: str) -> None:
    run(database_url, NOON)
    clock = datetime.now(UTC)

    async def both(seconds: int) -> int:
        now = clock + timedelta(seconds=seconds)
        return sum(await asyncio.gather(*(look(each, POLICIES, SOMEBODY, now=now) for each in (database, another))))

    assert await both(0) == 1
    assert await is_open(database) == []
    run(database_url, *(fault.make for fault in FAULTS))
    for seconds in (30, 60):
        assert await both(seconds) == 1
        assert await is_open(database) == sorted((fault.rule, fault.subject) for fault in FAULTS)
    run(database_url, *(fault.mend for fault in FAULTS))
    for seconds in (90, 120):
        assert await both(seconds) == 1
    assert await is_open(database) == []
    past = await past_alerts(database)
    assert sorted((each.rule, each.subject) for each in past) == sorted((each.rule, each.subject) for each in FAULTS)
    assert {each.raised_at for each in past} == {clock + timedelta(seconds=30)}
    assert all(each.resolved_at == clock + timedelta(seconds=120) for each in past)


async def test_the_worse_level_takes_the_place_of_the_other(database: Database, database_url: str) -> None:
    run(database_url, NOON, FAULTS[0].make)
    clock = datetime.now(UTC)
    await look(database, POLICIES, SOMEBODY, now=clock)
    assert rows(database_url, "select count(*) from ops.messages") == [(0,)]  # it waits for the digest
    assert await digest(database, SOMEBODY, now=clock)
    assert not await digest(database, SOMEBODY, now=clock)
    run(database_url, "update quota.windows set interactive = 100")
    for seconds in (30, 60, 90):
        await look(database, POLICIES, SOMEBODY, now=clock + timedelta(seconds=seconds))
    assert await is_open(database) == [("quota-100", "isbndb")]
    await digest(database, SOMEBODY, now=clock + timedelta(seconds=900))
    titles = [row[0] for row in rows(database_url, "select title from ops.messages order by id")]
    assert titles == ["Alexandria: quota-70 (isbndb) info", "Alexandria: quota-100 (isbndb) critical"]
    run(database_url, "update quota.windows set interactive = 0")
    for seconds in (960, 1020):
        await look(database, POLICIES, SOMEBODY, now=clock + timedelta(seconds=seconds))
    [last] = told(database_url, "select title from ops.messages order by id desc limit 1")
    assert last == ("Alexandria: quota-100 (isbndb) resolved",)


async def test_the_digest_tells_all_at_once(database: Database, database_url: str) -> None:
    gap, lag = FAULTS[9], FAULTS[8]
    run(database_url, gap.make, lag.make)
    clock = datetime.now(UTC)
    await look(database, POLICIES, SOMEBODY, now=clock)
    await digest(database, SOMEBODY, now=clock)
    run(database_url, gap.mend)
    for seconds in (60, 120):
        await look(database, POLICIES, SOMEBODY, now=clock + timedelta(seconds=seconds))
    await digest(database, SOMEBODY, now=clock + timedelta(seconds=900))
    await digest(database, SOMEBODY, now=clock + timedelta(seconds=1800))  # nothing is new: no message
    first, second = told(database_url, "select title, body, severity from ops.messages order by id")
    assert (first[0], first[2]) == ("Alexandria: alerts: 2 raised", "warning")
    assert "WARNING sync-lag (mirror): Open Library's changes were read 25 hours ago" in first[1]
    assert "what to do: https://example.org/runbooks/gap-found.md" in first[1]
    assert (second[0], second[2]) == ("Alexandria: gap-found (mirror) resolved", "info")
    assert second[1].splitlines()[0].startswith("RESOLVED gap-found (mirror): from ")
    assert "1 other alert still open" in second[1]


async def test_nobody_is_told_late(database: Database, database_url: str) -> None:
    """What happened while nobody was to be told is told as soon as somebody is, if it still holds."""
    run(database_url, FAULTS[8].make)
    clock = datetime.now(UTC)
    await look(database, POLICIES, NOBODY, now=clock)
    await digest(database, NOBODY, now=clock)
    assert rows(database_url, "select count(*) from ops.messages") == [(0,)]
    await digest(database, SOMEBODY, now=clock + timedelta(seconds=900))
    assert rows(database_url, "select count(*) from ops.messages") == [(1,)]


async def test_watches_tell_a_critical_alert_at_once_and_once(
    database: Database, another: Database, database_url: str
) -> None:
    run(database_url, FAULTS[7].make)
    with Receiver() as receiver:
        watches = [Watch(each, POLICIES, (receiver.url,)) for each in (database, another)]
        running = [asyncio.create_task(watch.run()) for watch in watches]
        async with asyncio.timeout(30):
            while not receiver.got or rows(database_url, "select from ops.messages where sent_at is null"):
                await asyncio.sleep(0.02)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        got: list[dict[str, Any]] = receiver.got
    assert [(each["title"], each["type"]) for each in got] == [
        ("Alexandria: key-refused (internet-archive) critical", "failure")
    ]
    assert "docs/runbooks/key-refused.md" in got[0]["message"]
