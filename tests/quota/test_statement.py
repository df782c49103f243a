"""The one statement: it does the policy's sums, on any day of any zone, and books what it says."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alexandria.db import Connection, connect
from alexandria.net.gate import Call, Lane
from alexandria.quota.ledger import GUARD, SQL, _terms
from alexandria.quota.policy import LANES, Policy, part_ahead
from tests.quota.conftest import NOON

STILL = 1e-6  # a clock at this speed stands still for a test
PACIFIC = ZoneInfo("America/Los_Angeles")


class Taken(NamedTuple):
    """A row of the statement."""

    clock: datetime
    verdict: str
    delay: float
    id: int | None
    at: datetime | None
    resets_at: datetime | None
    retry_at: datetime
    room: int | None


class Window:
    """The window of bucket `b`, and a clock that stands still."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def set(self, now: datetime, used: dict[Lane, int] | None = None, **columns: object) -> None:
        """Puts the clock and the row where a test wants them; `used` is of the UTC day of `now`."""
        day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        values = {"bucket": "b", "began_at": day, "resets_at": day + timedelta(days=1), **(used or {}), **columns}
        names = ", ".join(values)
        with self._connection.transaction():
            self._connection.execute("DELETE FROM quota.windows")
            self._connection.execute("DELETE FROM quota.clock")
            self._connection.execute(
                f"INSERT INTO quota.windows ({names}) VALUES ({', '.join(f'%({name})s' for name in values)})", values
            )
            self._connection.execute(
                "INSERT INTO quota.clock (speed, theirs, ours) VALUES (%s, clock_timestamp(), %s)", (STILL, now)
            )

    def take(self, policy: Policy, call: Call, many: int = 1, horizon: float = 0.0) -> list[Taken]:
        params = {**_terms(policy, call), "many": many, "lead": 0, "horizon": horizon / STILL}
        return [Taken(*row) for row in self._connection.execute(SQL["take_permits"].sql, params)]

    def row(self, names: str) -> tuple[Any, ...]:
        found = self._connection.execute(f"SELECT {names} FROM quota.windows".encode()).fetchone()
        assert found
        return found

    def calls(self) -> int:
        found: int = self._connection.execute("SELECT count(*) FROM quota.calls").fetchall()[0][0]
        return found


@pytest.fixture(scope="module")
def window(session_database: Callable[[], str]) -> Iterator[Window]:
    with closing(connect(session_database(), autocommit=True)) as connection:
        yield Window(connection)


def call(lane: Lane = "enrichment", units: int = 1) -> Call:
    return Call("b", lane, "book", units)


def close(one: datetime | None, other: datetime) -> bool:
    """Whether two times are the same but for what the clock moved meanwhile."""
    return one is not None and abs(one - other) < timedelta(seconds=0.01)


# --- the policy's sums ----------------------------------------------------------------------------------------


@given(
    limit=st.integers(1, 3_000) | st.none(),
    buffer=st.integers(0, 100),
    rate=st.floats(0.02, 5),
    lane=st.sampled_from(sorted(LANES)),
    used=st.fixed_dictionaries({lane: st.integers(0, 600) for lane in LANES}),
    ceiling=st.none() | st.integers(0, 3_000),
    units=st.integers(0, 500),
    seconds=st.integers(6, 86_394),
    share=st.sampled_from([0.0, 0.25, 0.4]),
)
def test_the_statement_and_the_policy_agree(
    window: Window,
    limit: int | None,
    buffer: int,
    rate: float,
    lane: Lane,
    used: dict[Lane, int],
    ceiling: int | None,
    units: int,
    seconds: int,
    share: float,
) -> None:
    policy = Policy("b", rate, limit, buffer, harvest=share)
    began = NOON.replace(hour=0)
    now = began + timedelta(seconds=seconds, milliseconds=500)
    window.set(now, used, ceiling=ceiling)
    (taken,) = window.take(policy, call(lane, units))
    room = policy.room(lane, used, part_ahead(now, began, began + timedelta(days=1)), ceiling)
    assert (taken.room if taken.room is None else max(taken.room, 0)) == room
    if room is None or units <= room:
        assert taken.verdict == "granted"
        assert window.row(lane)[0] == used[lane] + units
        assert close(taken.at, now)
    else:
        allowed = policy.allowed(ceiling)
        whole = allowed is not None and units > allowed - sum(used.values())
        assert taken.verdict == ("day" if whole else "lane")
        assert window.row(lane)[0] == used[lane]


@given(
    lane=st.sampled_from(["enrichment", "harvest", "covers"]),
    used=st.integers(0, 900),
    enriched=st.integers(0, 600),
    units=st.integers(1, 100),
    seconds=st.integers(6, 86_394),
    share=st.sampled_from([0.0, 0.25, 0.4]),
)
def test_when_a_lane_is_told_to_ask_again_there_is_room(
    window: Window, lane: Lane, used: int, enriched: int, units: int, seconds: int, share: float
) -> None:
    policy = Policy("b", 5.0, 1_000, harvest=share)
    now = NOON.replace(hour=0) + timedelta(seconds=seconds)
    counts: dict[Lane, int] = {"harvest": used, "enrichment": enriched}
    window.set(now, counts)
    (taken,) = window.take(policy, call(lane, units))
    if taken.verdict == "lane":
        theirs, ours = window._connection.execute("SELECT theirs, ours FROM quota.clock").fetchall()[0]
        again = ours + (taken.retry_at - theirs) * STILL
        assert now < again <= now.replace(hour=0, minute=0, second=0) + timedelta(days=1)
        window.set(again, counts)
        (taken,) = window.take(policy, call(lane, units))
        assert taken.verdict == "granted"


# --- several at once ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limit", "units", "horizon", "granted"),
    [
        (None, 1, 0.0, 1),
        (None, 1, 2.0, 3),  # a slot each second: now, in one and in two
        (None, 1, 60.0, 5),
        (3, 1, 60.0, 3),
        (7, 2, 60.0, 3),
        (None, 0, 60.0, 5),
    ],
)
def test_many_get_what_pace_and_day_allow(
    window: Window, limit: int | None, units: int, horizon: float, granted: int
) -> None:
    window.set(NOON)
    before = window.calls()
    taken = window.take(Policy("b", 1 / 0.9, limit), call("interactive", units), 5, horizon)
    assert [each.verdict for each in taken] == ["granted"] * granted
    slots = [each.at for each in taken if each.at]
    assert [round((slot - slots[0]).total_seconds(), 3) for slot in slots] == list(range(granted))
    assert window.row("interactive, slot_at") == (granted * units, slots[-1])
    assert window.calls() == before + granted
    assert len({each.id for each in taken}) == granted


def test_the_next_slot_is_one_pace_after_the_last(window: Window) -> None:
    window.set(NOON, slot_at=NOON)
    policy = Policy("b", 3.0)
    (near,) = window.take(policy, call(), horizon=0.3)
    assert (near.verdict, near.id) == ("wait", None)
    assert near.delay * STILL == pytest.approx(1 / 2.7, abs=0.001)
    (booked,) = window.take(policy, call(), horizon=0.4)
    assert booked.verdict == "granted"
    assert close(booked.at, NOON + timedelta(seconds=1 / 2.7))


def test_a_bucket_without_a_window_has_no_answer(window: Window) -> None:
    window.set(NOON)
    assert window.take(Policy("c", 1.0), Call("c", "harvest", "book")) == []


def test_who_is_blocked_waits_for_the_provider(window: Window) -> None:
    window.set(NOON, blocked_until=NOON + timedelta(minutes=5))
    (taken,) = window.take(Policy("b", 1.0), call(), horizon=10)
    assert (taken.verdict, round(taken.delay * STILL)) == ("blocked", 300)
    (taken,) = window.take(Policy("b", 1.0), call(), horizon=301)
    assert close(taken.at, NOON + timedelta(minutes=5))


# --- days -----------------------------------------------------------------------------------------------------

MIDNIGHT = NOON.replace(hour=0) + timedelta(days=1)


@pytest.mark.parametrize(
    ("now", "slot", "day"),
    [
        (MIDNIGHT - timedelta(seconds=GUARD + 1), MIDNIGHT - timedelta(seconds=GUARD + 1), 0),
        (MIDNIGHT - timedelta(seconds=GUARD - 1), MIDNIGHT + timedelta(seconds=GUARD), 1),
        (MIDNIGHT, MIDNIGHT + timedelta(seconds=GUARD), 1),
        (MIDNIGHT + timedelta(seconds=GUARD - 1), MIDNIGHT + timedelta(seconds=GUARD), 1),
        (MIDNIGHT + timedelta(seconds=GUARD + 1), MIDNIGHT + timedelta(seconds=GUARD + 1), 1),
    ],
)
def test_nothing_is_sent_around_a_reset(window: Window, now: datetime, slot: datetime, day: int) -> None:
    window.set(NOON, {"harvest": 60, "enrichment": 10}, ceiling=80)
    window._connection.execute("UPDATE quota.clock SET ours = %s", (now,))
    terms = {**_terms(Policy("b", 1.0, 100), call("interactive")), "guard": GUARD / STILL}
    params = {**terms, "many": 1, "lead": 0, "horizon": 60 / STILL}
    (taken,) = [Taken(*row) for row in window._connection.execute(SQL["take_permits"].sql, params)]
    assert close(taken.at, slot)
    began = MIDNIGHT + timedelta(days=day - 1)
    assert window.row("began_at, resets_at") == (began, began + timedelta(days=1))
    counts = (60, 10, 1, 80) if day == 0 else (0, 0, 1, None)
    assert window.row("harvest, enrichment, interactive, ceiling") == counts


def test_a_new_day_has_all_its_units(window: Window) -> None:
    window.set(NOON, {"harvest": 100})
    policy = Policy("b", 1.0, 100)
    (full,) = window.take(policy, call("interactive", 100))
    assert full.verdict == "day"
    window._connection.execute("UPDATE quota.clock SET ours = %s", (NOON + timedelta(days=3),))
    (fresh,) = window.take(policy, call("interactive", 100))
    assert fresh.verdict == "granted"
    assert window.row("harvest, interactive") == (0, 100)


@pytest.mark.parametrize(
    ("now", "hours"),
    [
        (datetime(2026, 3, 7, 12, tzinfo=PACIFIC), 24),
        (datetime(2026, 3, 8, 1, 30, tzinfo=PACIFIC), 23),
        (datetime(2026, 3, 8, 12, tzinfo=PACIFIC), 23),
        (datetime(2026, 10, 31, 23, 30, tzinfo=PACIFIC), 24),
        (datetime(2026, 11, 1, 0, 30, tzinfo=PACIFIC), 25),
        (datetime(2026, 11, 1, 23, 30, tzinfo=PACIFIC), 25),
        (datetime(2026, 11, 2, 0, 30, tzinfo=PACIFIC), 24),
    ],
)
def test_a_pacific_day_ends_at_a_pacific_midnight(window: Window, now: datetime, hours: int) -> None:
    window.set(now, began_at=None, resets_at=None)
    (taken,) = window.take(Policy("b", 1.0, 1_000, zone="America/Los_Angeles"), call())
    began, ended = window.row("began_at, resets_at")
    assert began == now.replace(hour=0, minute=0)
    assert ended - began == timedelta(hours=hours)
    assert ended.astimezone(PACIFIC).hour == 0
    assert taken.room == Policy("b", 1.0, 1_000).room(
        "enrichment", dict.fromkeys(LANES, 0), part_ahead(now, began, ended)
    )


@given(st.floats(-6, 9))
def test_any_pacific_day_is_the_one_of_the_calendar(window: Window, years: float) -> None:
    now = NOON + timedelta(days=365.25 * years)
    window.set(now, began_at=None, resets_at=None)
    window.take(Policy("b", 1.0, 1_000, zone="America/Los_Angeles"), call("interactive"), horizon=60)
    began, ended = window.row("began_at, resets_at")
    slot = window.row("slot_at")[0].astimezone(PACIFIC)
    assert began.astimezone(PACIFIC).replace(tzinfo=None) == slot.replace(
        hour=0, minute=0, second=0, microsecond=0, tzinfo=None
    )
    assert ended.astimezone(PACIFIC).replace(tzinfo=None) - began.astimezone(PACIFIC).replace(tzinfo=None) == timedelta(
        days=1
    )


# --- the clock ------------------------------------------------------------------------------------------------


def test_without_a_setting_it_is_the_servers_clock(window: Window) -> None:
    window._connection.execute("DELETE FROM quota.clock")
    rows = window._connection.execute(
        "SELECT quota.now() - clock_timestamp(), quota.speed(), quota.real('2026-01-02 03:04:05+00')"
    ).fetchall()
    assert abs(rows[0][0]) < timedelta(seconds=1)
    assert rows[0][1:] == (1.0, datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))


@pytest.mark.parametrize("zone", ["UTC", "America/Los_Angeles"])
def test_a_speed_makes_time_pass_quicker(window: Window, zone: str) -> None:
    window.set(NOON)
    with window._connection.transaction():
        window._connection.execute(f"SET LOCAL timezone = '{zone}'".encode())  # where days have 23 hours
        rows = window._connection.execute(
            "UPDATE quota.clock SET speed = 1440, theirs = clock_timestamp() - interval '300 days' "
            "RETURNING quota.now(), clock_timestamp()"
        ).fetchall()
        rows = window._connection.execute("SELECT quota.now(), quota.real(quota.now()), clock_timestamp()").fetchall()
    now, real, server = rows[0]
    assert abs(now - (NOON + timedelta(days=300 * 1440))) < timedelta(days=1)
    assert abs(real - server) < timedelta(seconds=10)
