"""The ledger as a process has it: permits in time or a reason, and every outcome in the books."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alexandria.db import Database
from alexandria.errors import DatabaseUnavailable, QuotaExhausted, Throttled
from alexandria.net.gate import Call, Lane, Outcome, Permit
from alexandria.quota import ledger as module
from alexandria.quota.ledger import Ledger
from alexandria.quota.policy import LANES, Policy
from alexandria.quota.slots import LATEST
from tests.conftest import RunSQL
from tests.quota.conftest import NOON, SetClock, eventually
from tests.quota.ledgers import ledger_on

pytestmark = pytest.mark.anyio
QUICK = Policy("b", 1_000.0, 1_100, 100)
SLOW = Policy("b", 1 / 0.9 / 60)  # a slot a minute
DAY = "SELECT interactive, enrichment, harvest, covers, anonymous FROM quota.windows"


@pytest.fixture(autouse=True)
def no_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here is about resets, and a test may run at midnight."""
    monkeypatch.setattr(module, "GUARD", 0.0)


def call(units: int = 1, lane: Lane = "enrichment", kind: str = "book") -> Call:
    return Call("b", lane, kind, units)


# --- outcomes -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "used", "row"),
    [
        (Outcome(sent=True, status=200, ms=12.5, bytes=99, found=7), 10, (True, 200, None, 12.5, 99, 7, None, 0)),
        (Outcome(sent=True, status=200, charged=8), 8, (True, 200, None, 0, 0, None, 8, 0)),
        (Outcome(sent=True, status=200, charged=0), 0, (True, 200, None, 0, 0, None, 0, 0)),
        (Outcome(sent=True, status=200, charged=15), 15, (True, 200, None, 0, 0, None, 15, 0)),
        (Outcome(sent=True, status=404), 10, (True, 404, None, 0, 0, None, None, 0)),
        (Outcome(sent=True, status=500, error="broken"), 10, (True, 500, "broken", 0, 0, None, None, 0)),
        (Outcome(sent=True, error="timeout"), 10, (True, None, "timeout", 0, 0, None, None, 0)),
        (Outcome(sent=False, error="no route"), 0, (False, None, "no route", 0, 0, None, None, 10)),
        (Outcome(sent=False, error="no route", charged=3), 0, (False, None, "no route", 0, 0, None, 3, 10)),
        (Outcome(sent=True, error="a\0b" + "c" * 999), 10, (True, None, "ab" + "c" * 498, 0, 0, None, None, 0)),
        (Outcome(sent=True, error="\ud800"), 10, (True, None, "", 0, 0, None, None, 0)),
        (Outcome(sent=True, charged=-5, found=-5), 0, (True, None, None, 0, 0, 0, 0, 0)),
        (Outcome(sent=True, charged=10**30), 2**31 - 1, (True, None, None, 0, 0, None, 2**31 - 1, 0)),
    ],
)
async def test_what_became_of_a_request(
    database_url: str, run_sql: RunSQL, outcome: Outcome, used: int, row: tuple[Any, ...]
) -> None:
    async with ledger_on(database_url, QUICK) as ledger:
        permit = await ledger.permit(call(10), 1)
        assert run_sql(database_url, DAY) == [(0, 10, 0, 0, 0)]
        for _ in range(2):  # the second time changes nothing
            await ledger.settle(permit, outcome)
            assert run_sql(database_url, DAY) == [(0, used, 0, 0, 0)]
    columns = "sent, status, error, ms, bytes, found, charged, refunded"
    assert run_sql(database_url, f"SELECT {columns} FROM quota.calls") == [row]


async def test_a_call_is_written_down_before_it_is_sent(database_url: str, run_sql: RunSQL) -> None:
    async with ledger_on(database_url, QUICK) as ledger:
        permit = await ledger.permit(Call("b", "covers", "books", 25, 25), 1)
    columns = "id, at, bucket, lane, kind, units, items, sent, settled_at"
    assert run_sql(database_url, f"SELECT {columns} FROM quota.calls") == [
        (permit.id, permit.at, "b", "covers", "books", 25, 25, None, None)
    ]
    assert run_sql(database_url, "SELECT count(*) FROM quota.calls_rest") == [(0,)], "this month has a partition"


async def test_months_are_made_ahead(database_url: str, run_sql: RunSQL) -> None:
    parts = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'quota.calls'::regclass"
    last = (
        "SELECT max(inhrelid::regclass::text) FROM pg_inherits WHERE inhparent = 'quota.calls'::regclass "
        "AND inhrelid::regclass::text ~ '[0-9]$'"
    )
    ((before,),) = run_sql(database_url, parts)
    run_sql(database_url, f"DROP TABLE {run_sql(database_url, last)[0][0]}")
    async with ledger_on(database_url, QUICK) as ledger:
        await ledger.make_partitions()
        await ledger.make_partitions()
    assert run_sql(database_url, parts) == [(before,)]
    assert before >= 5


async def test_any_time_has_a_place(database_url: str, run_sql: RunSQL, set_clock: SetClock) -> None:
    set_clock(datetime(2199, 1, 1, 12, tzinfo=UTC))
    async with ledger_on(database_url, QUICK) as ledger:
        await ledger.settle(await ledger.permit(call(), 1), Outcome(sent=True, status=200))
    assert run_sql(database_url, "SELECT status FROM quota.calls_rest") == [(200,)]


@pytest.mark.parametrize("lane", ["interactive", "enrichment", "harvest", "covers", "anonymous"])
async def test_yesterdays_call_does_not_change_today(
    database_url: str, run_sql: RunSQL, set_clock: SetClock, lane: Lane
) -> None:
    set_clock()
    async with ledger_on(database_url, QUICK) as ledger:
        old = [await ledger.permit(call(10, lane), 1) for _ in range(3)]
        set_clock(NOON + timedelta(days=1))
        await ledger.permit(call(5, lane), 1)
        await ledger.settle(old[0], Outcome(sent=False))
        await ledger.settle(old[1], Outcome(sent=True, status=200, charged=90))
        await ledger.settle(old[2], Outcome(sent=True, status=200, remaining=0))
        assert run_sql(database_url, f"SELECT {lane} FROM quota.windows WHERE ceiling IS NULL") == [(5,)]
        await ledger.permit(call(100, "interactive"), 1)


@pytest.mark.parametrize("lane", ["interactive", "enrichment", "harvest", "covers", "anonymous"])
async def test_each_lane_has_its_own_count(database_url: str, run_sql: RunSQL, lane: Lane) -> None:
    async with ledger_on(database_url, QUICK) as ledger:
        for charged in (3, 4):
            await ledger.settle(await ledger.permit(call(10, lane), 1), Outcome(sent=True, status=200, charged=charged))
    (counts,) = run_sql(database_url, DAY)
    assert (counts[list(LANES).index(lane)], sum(counts)) == (7, 7)


# --- what the provider says is left ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("remaining", "left"),
    [(10**30, 990), (1_090, 990), (1_089, 989), (600, 500), (150, 50), (100, 0), (20, 0), (0, 0), (-7, 0)],
)
async def test_what_is_left_only_falls(database_url: str, set_clock: SetClock, remaining: int, left: int) -> None:
    """Of 1,100 units 100 are never used; 10 were."""
    set_clock()
    async with ledger_on(database_url, QUICK) as ledger:
        await ledger.settle(await ledger.permit(call(10), 1), Outcome(sent=True, status=200, remaining=remaining))
        with pytest.raises(QuotaExhausted):
            await ledger.permit(call(left + 1, "interactive"), 1)
        again = await ledger.permit(call(left, "interactive"), 1)
        await ledger.settle(again, Outcome(sent=True, status=200, remaining=5_000))
        with pytest.raises(QuotaExhausted):
            await ledger.permit(call(1, "interactive"), 1)


async def test_a_report_of_the_provider_lowers_too(database_url: str, set_clock: SetClock) -> None:
    set_clock()
    async with ledger_on(database_url, QUICK, Policy("free", 5.0)) as ledger:
        await ledger.permit(call(10), 1)
        await ledger.correct("b", 5_000)
        await ledger.correct("b", 150)
        await ledger.correct("b", 5_000)
        with pytest.raises(QuotaExhausted, match="50 units left, 51 wanted"):
            await ledger.permit(call(51, "interactive"), 1)
        await ledger.permit(Call("free", "interactive", "book"), 1)
        await ledger.correct("free", 3)
        with pytest.raises(QuotaExhausted):
            await ledger.permit(Call("free", "interactive", "book", 4), 1)


async def test_in_the_first_minute_of_a_day_the_provider_may_still_speak_of_the_last(
    database_url: str, set_clock: SetClock
) -> None:
    set_clock(NOON.replace(hour=0, second=30))
    async with ledger_on(database_url, QUICK) as ledger:
        for charged in (None, 0):
            outcome = Outcome(sent=True, status=200, charged=charged, remaining=0)
            await ledger.settle(await ledger.permit(call(), 1), outcome)
        await ledger.correct("b", 0)
        await ledger.permit(call(), 1)
        set_clock(NOON.replace(hour=0, minute=1, second=30))
        await ledger.settle(await ledger.permit(call(), 1), Outcome(sent=True, status=200, remaining=0))
        with pytest.raises(QuotaExhausted):
            await ledger.permit(call(), 1)


# --- patience that the provider asks for ----------------------------------------------------------------------


def from_now(**span: float) -> datetime:
    return datetime.now(UTC) + timedelta(**span)


@pytest.mark.parametrize(
    ("span", "longest"), [(timedelta(minutes=5), timedelta(minutes=5)), (timedelta(days=4_000), timedelta(days=1))]
)
async def test_who_asks_us_to_wait_is_left_alone(database_url: str, span: timedelta, longest: timedelta) -> None:
    async with ledger_on(database_url, QUICK) as ledger, ledger_on(database_url, QUICK) as other:
        permit = await ledger.permit(call(), 1)
        await ledger.settle(permit, Outcome(sent=True, status=503, wait_until=datetime.now(UTC) + span))
        for each in (ledger, other):
            with pytest.raises(Throttled, match="asks us to wait") as caught:
                await each.permit(call(lane="interactive"), 1)
            assert caught.value.retry_at
            assert abs(caught.value.retry_at - (datetime.now(UTC) + longest)) < timedelta(seconds=15)


async def test_a_time_that_has_passed_blocks_nobody(database_url: str) -> None:
    async with ledger_on(database_url, QUICK) as ledger:
        permit = await ledger.permit(call(), 1)
        await ledger.settle(permit, Outcome(sent=True, status=503, wait_until=from_now(hours=-1)))
        await ledger.permit(call(), 0.5)


async def test_a_429_without_a_time_is_waited_out_ever_longer(
    database_url: str, run_sql: RunSQL, set_clock: SetClock
) -> None:
    waited = "SELECT round(extract(epoch FROM blocked_until - quota.now())::numeric)::int, throttled FROM quota.windows"
    set_clock()
    async with ledger_on(database_url, QUICK) as ledger:
        for number, seconds in enumerate((1, 2, 4, 8), 1):
            set_clock(NOON + timedelta(hours=number))
            await ledger.settle(await ledger.permit(call(), 1), Outcome(sent=True, status=429))
            assert run_sql(database_url, waited) == [(seconds, number)]
        set_clock(NOON + timedelta(hours=6))
        await ledger.settle(await ledger.permit(call(), 1), Outcome(sent=True, error="timeout"))
        assert run_sql(database_url, "SELECT throttled FROM quota.windows") == [(4,)], "that says nothing"
        await ledger.settle(await ledger.permit(call(), 1), Outcome(sent=True, status=200))
        assert run_sql(database_url, "SELECT throttled FROM quota.windows") == [(0,)]


# --- patience of the caller -----------------------------------------------------------------------------------


async def test_without_patience_there_is_a_slot_or_a_reason(database_url: str) -> None:
    async with ledger_on(database_url, SLOW) as ledger:
        await ledger.permit(call(), 90)
        for patience in (0, -1, 5):
            begun = time.monotonic()
            with pytest.raises(Throttled, match="next free slot") as caught:
                await ledger.permit(call(), patience)
            assert time.monotonic() - begun < 30
            assert caught.value.retry_at
            assert timedelta(seconds=40) < caught.value.retry_at - datetime.now(UTC) < timedelta(seconds=61)


async def test_with_patience_the_slot_is_waited_for(database_url: str) -> None:
    async with ledger_on(database_url, Policy("b", 1 / 0.9 / 0.4)) as ledger:
        first, second = await ledger.permit(call(), 30), await ledger.permit(call(), 5)
        now = datetime.now(UTC)
    assert first.at
    assert second.at
    assert second.at - first.at >= timedelta(seconds=0.4)
    assert timedelta(0) <= now - second.at < timedelta(seconds=LATEST + 10), "not before it"


async def test_the_impatient_are_told_at_once_though_others_wait(database_url: str) -> None:
    async with ledger_on(database_url, Policy("b", 1 / 0.9 / 3)) as ledger:
        await ledger.permit(call(), 30)
        patient = asyncio.create_task(ledger.permit(call(), 60))
        await asyncio.sleep(0.1)
        with pytest.raises(Throttled):
            await asyncio.wait_for(ledger.permit(call(), 0.2), 2.5)
        await patient


async def test_somebody_who_waits_comes_before_the_background(database_url: str) -> None:
    order = []

    async def ask(ledger: Ledger, lane: Lane) -> None:
        await ledger.permit(call(lane=lane), 30)
        order.append(lane)

    async with ledger_on(database_url, Policy("b", 1 / 0.9)) as ledger:
        await ledger.permit(call(), 30)
        background = [asyncio.create_task(ask(ledger, "harvest")) for _ in range(3)]
        await asyncio.sleep(0.1)  # they know that there is no slot yet
        await asyncio.gather(ask(ledger, "interactive"), *background)
    assert order == ["interactive", "harvest", "harvest", "harvest"]


# --- days and lanes -------------------------------------------------------------------------------------------


async def test_a_day_that_is_used_up_says_when_the_next_begins(database_url: str, set_clock: SetClock) -> None:
    set_clock(datetime.now(UTC).replace(hour=12))
    async with ledger_on(database_url, QUICK) as ledger:
        await ledger.permit(call(1_000, "interactive"), 1)
        with pytest.raises(QuotaExhausted, match="0 units left, 1 wanted") as caught:
            await ledger.permit(call(), 1)
        assert timedelta(hours=11) < caught.value.resets_at - datetime.now(UTC) < timedelta(hours=12, seconds=9)
        assert caught.value.retry_at
        assert caught.value.retry_at >= caught.value.resets_at


async def test_a_lane_that_leaves_a_share_may_have_more_before_the_reset(
    database_url: str, set_clock: SetClock
) -> None:
    set_clock(NOON)
    async with ledger_on(database_url, QUICK) as ledger:
        await ledger.permit(call(800, "interactive"), 1)
        with pytest.raises(QuotaExhausted, match="the lane 'harvest' may have no more") as caught:
            await ledger.permit(call(10, "harvest"), 1)
        assert caught.value.retry_at
        assert caught.value.retry_at < caught.value.resets_at
        await ledger.permit(call(200, "interactive"), 1)


async def test_strangers_have_a_twentieth(database_url: str) -> None:
    async with ledger_on(database_url, QUICK) as ledger:
        for _ in range(5):
            await ledger.permit(call(10, "anonymous"), 1)
        with pytest.raises(QuotaExhausted, match="the lane 'anonymous'") as caught:
            await ledger.permit(call(1, "anonymous"), 1)
        assert caught.value.retry_at
        assert caught.value.retry_at >= caught.value.resets_at
        await ledger.permit(call(0, "anonymous"), 1)


async def test_refusals_are_counted_once_in_a_while(
    database_url: str, run_sql: RunSQL, set_clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "NOTE_EVERY", 3600)
    set_clock(NOON.replace(hour=0, minute=10))
    async with ledger_on(database_url, QUICK) as ledger:
        for _ in range(20):
            with pytest.raises(QuotaExhausted):
                await ledger.permit(call(1_001), 1)
        assert run_sql(database_url, "SELECT lane, reason, count FROM quota.refusals") == [("enrichment", "day", 1)]
        ledger._noted.clear()  # as after a while
        with pytest.raises(QuotaExhausted):
            await ledger.permit(call(700, "harvest"), 1)
        with pytest.raises(QuotaExhausted):
            await ledger.permit(call(850), 1)
    found = run_sql(database_url, "SELECT lane, reason, count FROM quota.refusals ORDER BY lane")
    assert found == [("enrichment", "lane", 21), ("harvest", "lane", 1)]


# --- in one process -------------------------------------------------------------------------------------------


async def test_a_crowd_shares_statements(database_url: str, run_sql: RunSQL, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    take = Ledger._take

    async def counted(self: Ledger, call: Call, many: int, horizon: float) -> Any:
        asked.append(many)
        return await take(self, call, many, horizon)

    monkeypatch.setattr(Ledger, "_take", counted)
    async with ledger_on(database_url, Policy("b", 5_000.0, 100_000)) as ledger:
        permits = await asyncio.gather(*(ledger.permit(call(kind=f"kind {n % 2}"), 5) for n in range(200)))
    assert len({permit.id for permit in permits}) == 200
    assert len(asked) < 20
    assert run_sql(database_url, "SELECT kind, count(*) FROM quota.calls GROUP BY kind ORDER BY kind") == [
        ("kind 0", 100), ("kind 1", 100),
    ]  # fmt: skip
    assert run_sql(database_url, "SELECT count(*) FROM quota.calls WHERE refunded > 0") == [(0,)]


@pytest.mark.parametrize("pause", [0, 0.1])  # while it is booked, and while its slot is waited for
async def test_a_caller_who_leaves_gives_back(database_url: str, run_sql: RunSQL, pause: float) -> None:
    async with ledger_on(database_url, Policy("b", 1 / 0.9 / 0.3, 1_000)) as ledger:
        await ledger.permit(call(5), 30)
        leaving = asyncio.create_task(ledger.permit(call(7, "interactive"), 60))  # it books ahead, and waits
        await eventually(lambda: run_sql(database_url, "SELECT interactive FROM quota.windows") == [(7,)])
        await asyncio.sleep(pause)
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
        await eventually(lambda: run_sql(database_url, DAY) == [(0, 5, 0, 0, 0)])
        assert run_sql(database_url, "SELECT refunded FROM quota.calls WHERE error IS NOT NULL") == [(7,)]
        in_line = [asyncio.create_task(ledger.permit(call(3, "harvest"), 60)) for _ in range(3)]
        await asyncio.sleep(0.05)
        in_line[0].cancel()
        in_line[1].cancel()
        await in_line[2]
        await eventually(lambda: run_sql(database_url, DAY) == [(0, 5, 3, 0, 0)])


async def test_what_comes_for_somebody_who_has_left_is_given_back(
    database_url: str, run_sql: RunSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    booked, take = asyncio.Event(), Ledger._take
    left = asyncio.Event()

    async def slow(self: Ledger, call: Call, many: int, horizon: float) -> Any:
        reply = await take(self, call, many, horizon)
        booked.set()
        await left.wait()
        return reply

    monkeypatch.setattr(Ledger, "_take", slow)
    async with ledger_on(database_url, QUICK) as ledger:
        leaving = asyncio.create_task(ledger.permit(call(7), 60))
        await booked.wait()
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
        assert run_sql(database_url, DAY) == [(0, 7, 0, 0, 0)]
        left.set()
        await eventually(lambda: run_sql(database_url, DAY) == [(0, 0, 0, 0, 0)])


async def test_who_wakes_too_late_asks_again(database_url: str, run_sql: RunSQL) -> None:
    async with ledger_on(database_url, Policy("b", 1 / 0.9 / 0.3, 1_000)) as ledger:
        await ledger.permit(call(), 30)
        task = asyncio.create_task(ledger.permit(call(7, "interactive"), 60))
        await eventually(lambda: run_sql(database_url, "SELECT interactive FROM quota.windows") == [(7,)])
        time.sleep(0.5)  # nothing can run, as on a machine that is too busy
        permit = await task
        now = datetime.now(UTC)
    assert permit.at
    assert now - permit.at < timedelta(seconds=LATEST + 5)
    assert run_sql(database_url, DAY) == [(7, 1, 0, 0, 0)]
    assert run_sql(database_url, "SELECT error, refunded, sent FROM quota.calls ORDER BY at OFFSET 1 LIMIT 1") == [
        ("late", 7, False)
    ]


@pytest.mark.usefixtures("impatient")
async def test_everybody_in_line_hears_that_the_database_is_away() -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/nothing")
    await database.open()
    ledger = Ledger(database, {"b": QUICK})
    told = await asyncio.gather(*(ledger.permit(call(), 5) for _ in range(3)), return_exceptions=True)
    await ledger.close()
    await database.close()
    assert [type(error) for error in told] == [DatabaseUnavailable] * 3


async def test_what_is_no_business_of_the_ledger(database_url: str) -> None:
    async with ledger_on(database_url, QUICK) as ledger:
        with pytest.raises(ValueError, match="'elsewhere'"):
            await ledger.permit(Call("elsewhere", "harvest", "book"), 1)
        with pytest.raises(ValueError, match="-1 units"):
            await ledger.permit(call(-1), 1)
        with pytest.raises(ValueError, match="not of this ledger"):
            await ledger.settle(Permit(1, call()), Outcome(sent=True))
