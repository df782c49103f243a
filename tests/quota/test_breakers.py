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
from alexandria.quota.breakers import ILL, MOST_FAILURES, PROBE, REFUSALS, REFUSED, SharedBreakers, Verdict, judge
from tests.conftest import RunSQL
from tests.quota.conftest import NOON, SetClock, opened

pytestmark = pytest.mark.anyio
WELL, ILL_ONE = Outcome(sent=True, status=200), Outcome(sent=True, status=503)
BANNED = Outcome(sent=True, status=403, error="set a user agent")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with opened(database_url) as found:
        yield found


@pytest.fixture
def breakers(database: Database) -> SharedBreakers:
    return SharedBreakers(database)


@pytest.mark.parametrize(
    ("outcome", "verdict"),
    [
        (Outcome(sent=True, status=200), "well"),
        (Outcome(sent=True, status=304), "well"),
        (Outcome(sent=True, status=404, error="not found"), "well"),
        (Outcome(sent=True, status=400, error="bad request"), "well"),
        (Outcome(sent=True, status=403, error="not in your plan"), "well"),
        (Outcome(sent=True, status=401), "refused"),
        (Outcome(sent=True, status=429), "unknown"),
        (Outcome(sent=True, status=500), "ill"),
        (Outcome(sent=True, status=503), "ill"),
        (Outcome(sent=True, status=200, error="malformed"), "ill"),
        (Outcome(sent=True, error="timeout"), "ill"),
        (Outcome(sent=True), "ill"),
        (Outcome(sent=False, error="connection refused"), "ill"),
        (Outcome(sent=False), "unknown"),
        (Outcome(sent=True, error="cancelled"), "unknown"),
        (Outcome(sent=False, error="cancelled"), "unknown"),
    ],
)
async def test_what_an_outcome_says(outcome: Outcome, verdict: Verdict) -> None:
    assert judge(outcome) == verdict


@pytest.mark.parametrize("bucket", ["open-library", "open-library-covers", "internet-archive", "wikimedia"])
async def test_a_ban_is_a_refusal_where_it_is_known_to_be_one(bucket: str) -> None:
    assert judge(BANNED, REFUSALS[bucket]) == "refused"
    assert judge(Outcome(sent=True, status=401), REFUSALS[bucket]) == "refused"
    assert bucket not in ("isbndb", "google-books"), "there 403 is said of a feature, or of a quota"


async def fail(breakers: SharedBreakers, times: int, outcome: Outcome = ILL_ONE, bucket: str = "b") -> None:
    for _ in range(times):
        await breakers.report(bucket, outcome)


async def retry_at(breakers: SharedBreakers, bucket: str = "b") -> datetime:
    with pytest.raises(Unavailable) as caught:
        await breakers.check(bucket)
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
    await fail(breakers, 1, BANNED)
    await breakers.check("b")  # of another bucket it means nothing
    await fail(breakers, 3, BANNED, "wikimedia")  # three were under way
    soon = await retry_at(breakers, "wikimedia")
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
from tests.quota.conftest import opened
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
