"""Breakers: what opens and closes them, for how long, and that all processes share them."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from alexandria.db import Database
from alexandria.errors import Unavailable
from alexandria.net.gate import Outcome
from alexandria.quota.breakers import ILL, MOST_FAILURES, PROBE, REFUSED, SharedBreakers, Verdict, judge
from tests.conftest import RunSQL
from tests.pools import opened
from tests.quota.conftest import NOON, SetClock

pytestmark = pytest.mark.anyio
WELL, ILL_ONE = Outcome(sent=True, status=200), Outcome(sent=True, status=503)
BANNED = Outcome(sent=True, status=403, error="unauthorized")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with opened(database_url) as found:
        yield found


@pytest.fixture
def breakers(database: Database) -> SharedBreakers:
    return SharedBreakers(database)


@pytest.mark.parametrize(
    ("status", "word", "verdict"),
    [
        (200, None, "well"),
        (304, None, "well"),
        (404, None, "well"),
        (410, None, "well"),
        (400, "malformed", "well"),
        (403, "malformed", "well"),  # of a feature that is not in the plan, says whoever read it
        (401, "unauthorized", "refused"),
        (403, "unauthorized", "refused"),
        (400, "unauthorized", "refused"),
        (401, None, "refused"),
        (403, None, "refused"),
        (403, "quota", "unknown"),
        (429, None, "unknown"),
        (429, "throttled", "unknown"),
        (200, "broken", "unknown"),
        (200, "cancelled", "unknown"),
        (None, "cancelled", "unknown"),
        (500, None, "ill"),
        (503, "unavailable", "ill"),
        (408, "unavailable", "ill"),
        (200, "malformed", "ill"),
        (None, "unavailable", "ill"),
        (None, None, "ill"),
    ],
)
async def test_what_an_outcome_says(status: int | None, word: str | None, verdict: Verdict) -> None:
    assert judge(Outcome(sent=True, status=status, error=word)) == verdict


@pytest.mark.parametrize(("word", "verdict"), [(None, "unknown"), ("cancelled", "unknown"), ("unavailable", "ill")])
async def test_what_never_left_may_say_something_too(word: str | None, verdict: Verdict) -> None:
    assert judge(Outcome(sent=False, error=word)) == verdict


async def fail(breakers: SharedBreakers, times: int, outcome: Outcome = ILL_ONE) -> None:
    for _ in range(times):
        await breakers.report("b", outcome)


async def retry_at(breakers: SharedBreakers) -> datetime:
    with pytest.raises(Unavailable) as caught:
        await breakers.check("b")
    assert caught.value.retry_at
    return caught.value.retry_at


async def test_failures_in_a_row_open_it(breakers: SharedBreakers) -> None:
    await breakers.check("b")
    await fail(breakers, MOST_FAILURES - 1)
    await breakers.check("b")
    await breakers.report("b", WELL)
    await fail(breakers, MOST_FAILURES - 1)
    await breakers.report("b", Outcome(sent=True, status=429))
    await breakers.check("b")
    await fail(breakers, 1, Outcome(sent=True, error="timed\0out"))
    soon = await retry_at(breakers)
    assert timedelta(0) < soon - datetime.now(UTC) <= timedelta(seconds=ILL.first)
    with pytest.raises(Unavailable, match="b: .*timedout"):
        await breakers.check("b")
    await breakers.check("another")


async def test_a_refusal_opens_it_at_once_and_for_longer(breakers: SharedBreakers) -> None:
    await fail(breakers, 3, BANNED)  # three were under way
    soon = await retry_at(breakers)
    assert abs(soon - datetime.now(UTC) - timedelta(seconds=REFUSED.first)) < timedelta(seconds=10)


@pytest.mark.parametrize(
    ("outcome", "pauses"),
    [(ILL_ONE, [30, 60, 120, 240, 480, 900, 900]), (Outcome(sent=True, status=401), [900, 1800, 3600, 3600])],
)
async def test_each_failed_probe_doubles_the_pause(
    breakers: SharedBreakers,
    run_sql: RunSQL,
    database_url: str,
    set_clock: SetClock,
    outcome: Outcome,
    pauses: list[int],
) -> None:
    span = "SELECT round(extract(epoch FROM open_until - opened_at))::int FROM quota.breakers"
    set_clock()
    await fail(breakers, MOST_FAILURES, outcome)
    for number, pause in enumerate(pauses, 1):
        assert run_sql(database_url, span) == [(pause,)]
        set_clock(NOON + timedelta(hours=2 * number))
        await breakers.check("b")
        await breakers.report("b", outcome)
    set_clock(NOON + timedelta(days=2))
    await breakers.check("b")
    await breakers.report("b", WELL)
    await fail(breakers, MOST_FAILURES, outcome)
    assert run_sql(database_url, span) == [(pauses[0],)], "after a success it begins anew"


async def test_one_probe_gets_through(breakers: SharedBreakers, database_url: str, set_clock: SetClock) -> None:
    set_clock()
    await fail(breakers, MOST_FAILURES)
    set_clock(NOON + timedelta(seconds=ILL.first + 1))
    async with opened(database_url) as other:
        crowd = [SharedBreakers(other), breakers] * 20
        found = await asyncio.gather(*(each.check("b") for each in crowd), return_exceptions=True)
    assert [error for error in found if error is None] == [None]
    assert len([error for error in found if isinstance(error, Unavailable)]) == len(crowd) - 1
    await breakers.report("b", WELL)
    await breakers.check("b")
    await breakers.check("b")


async def test_a_probe_that_never_comes_back_is_forgotten(breakers: SharedBreakers, set_clock: SetClock) -> None:
    set_clock()
    await fail(breakers, MOST_FAILURES)
    later = NOON + timedelta(seconds=ILL.first + 1)
    set_clock(later)
    await breakers.check("b")
    await retry_at(breakers)
    set_clock(later + timedelta(seconds=PROBE + 1))
    await breakers.check("b")
    await retry_at(breakers)


@pytest.mark.parametrize("outcome", [Outcome(sent=False), Outcome(sent=True, status=429)])
async def test_a_probe_that_learned_nothing_makes_way(
    breakers: SharedBreakers, set_clock: SetClock, outcome: Outcome
) -> None:
    set_clock()
    await fail(breakers, MOST_FAILURES)
    set_clock(NOON + timedelta(minutes=1))
    await breakers.check("b")
    await retry_at(breakers)
    await breakers.report("b", outcome)
    await breakers.check("b")


async def test_what_was_sent_before_it_opened_changes_nothing(
    breakers: SharedBreakers, database_url: str, run_sql: RunSQL, set_clock: SetClock
) -> None:
    set_clock()
    await fail(breakers, MOST_FAILURES)
    until = run_sql(database_url, "SELECT open_until, openings FROM quota.breakers")
    set_clock(NOON + timedelta(seconds=10))
    await fail(breakers, 10)
    assert run_sql(database_url, "SELECT open_until, openings FROM quota.breakers") == until


async def test_whoever_mended_it_need_not_wait(breakers: SharedBreakers) -> None:
    await fail(breakers, 1, Outcome(sent=True, status=401))
    await retry_at(breakers)
    await breakers.forget("b")
    await breakers.check("b")


PROCESS = """
import asyncio, sys
from alexandria.errors import Unavailable
from alexandria.quota.breakers import SharedBreakers
from tests.pools import opened
async def main():
    async with opened(sys.argv[1]) as database:
        await database.ping()
        print("ready", flush=True)
        sys.stdin.readline()
        passed = 0
        for _ in range(20):
            try:
                await SharedBreakers(database).check("b")
            except Unavailable:
                continue
            passed += 1
        print(passed)
asyncio.run(main())
"""


async def test_one_probe_of_all_processes(breakers: SharedBreakers, database_url: str, set_clock: SetClock) -> None:
    set_clock()
    await fail(breakers, MOST_FAILURES)
    set_clock(NOON + timedelta(seconds=ILL.first + 1))
    command, pipe = [sys.executable, "-c", PROCESS, database_url], subprocess.PIPE
    running = [subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) for _ in range(2)]
    for each in running:
        assert each.stdout
        assert each.stdout.readline() == "ready\n"
    for each in running:
        assert each.stdin
        each.stdin.write("go\n")
        each.stdin.flush()
    assert sorted(int(each.communicate()[0]) for each in running) == [0, 1]
