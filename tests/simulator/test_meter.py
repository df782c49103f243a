"""Counting and violations: exact in every sliding second, in every day, at every speed."""

import math
from datetime import UTC, datetime

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alexandria.sample.catalogue import sample_isbns
from alexandria.simulator import Simulator
from alexandria.simulator.clock import PACIFIC, Clock, seconds_to_midnight
from alexandria.simulator.limits import Limits
from alexandria.simulator.meter import Meter, UsedUp
from tests.simulator.conftest import AGENT
from tests.waiting import until

KEY = {"Authorization": "simulated-key"}


class Timer:
    """A wall clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def meter_at(timer: Timer, speed: float = 1.0, **limits: float | int) -> Meter:
    return Meter(Clock(speed), Limits(**limits), timer=timer)  # type: ignore[arg-type]


def kinds(meter: Meter) -> dict[str, int]:
    found: dict[str, int] = meter.state()["violation_kinds"]
    return found


# --- pace -----------------------------------------------------------------------------------------------------


@given(st.lists(st.floats(0, 1.5, width=16), max_size=40), st.integers(1, 5))
def test_a_request_violates_just_when_its_second_is_too_full(pauses: list[float], rate: int) -> None:
    timer, moments, expected = Timer(), list[float](), 0
    meter = meter_at(timer, rate=rate)
    for pause in pauses:
        timer.now += pause
        moments.append(timer.now)
        too_full = sum(timer.now - 1 < moment <= timer.now for moment in moments) > rate
        wait = meter.arrive("here")
        assert (wait is not None) is too_full
        expected += too_full
    assert meter.state()["violation_count"] == expected


@given(st.floats(0.1, 50), st.floats(0.5, 20))
def test_whoever_keeps_nine_tenths_of_the_pace_is_never_refused(rate: float, speed: float) -> None:
    timer = Timer()
    meter = meter_at(timer, speed, rate=rate)
    for _ in range(200):
        timer.now += 1 / (0.9 * rate * speed)
        assert meter.arrive("here") is None
    assert kinds(meter) == {}


@given(st.integers(1, 20), st.integers(1, 50))
def test_waiting_as_long_as_told_is_enough(rate: int, speed: int) -> None:
    timer = Timer()
    meter = meter_at(timer, speed, rate=rate)
    for _ in range(rate * speed):
        assert meter.arrive("here") is None
    wait = meter.arrive("here")
    assert wait is not None
    timer.now += wait
    assert 0 < wait <= 1
    assert rate * speed == 1 or meter.arrive("here") is not None or wait == 1


def test_less_than_one_a_second_is_counted_in_a_longer_window() -> None:
    timer = Timer()
    meter = meter_at(timer, rate=0.25)
    assert meter.arrive("here") is None
    timer.now += 3.9
    assert meter.arrive("here") is not None
    timer.now += 4
    assert meter.arrive("here") is None


def test_a_lower_rate_of_the_caller_counts() -> None:
    timer = Timer()
    meter = meter_at(timer, rate=3)
    assert meter.arrive("here", rate=1) is None
    assert meter.arrive("here", rate=1) is not None
    assert meter.arrive("here") is None


def test_without_limits_nothing_is_refused() -> None:
    timer = Timer()
    meter = meter_at(timer)
    assert [meter.arrive("here") for _ in range(1_000)] == [None] * 1_000
    meter.spend(10**9)
    assert meter.state()["most_in_window"] == 1_000


# --- days and parallel requests ---------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 60), max_size=30), st.integers(1, 200), st.integers(0, 50))
def test_no_more_units_are_given_than_the_day_has(asked: list[int], daily: int, elsewhere: int) -> None:
    meter = meter_at(Timer(), daily=daily, spent=elsewhere)
    refused = given_out = 0
    for units in asked:
        try:
            meter.spend(units)
            given_out += units
        except UsedUp:
            refused += 1
            assert given_out + elsewhere + units > daily
    state = meter.state()
    assert state["units"] == given_out <= max(daily - elsewhere, 0)
    assert state["violation_kinds"].get("daily", 0) == refused


def test_only_too_many_at_once_are_too_many() -> None:
    meter = meter_at(Timer(), parallel=2)
    for host, counted in (("sparql", True), ("sparql", True), ("other", False), ("other", False), ("other", False)):
        meter.arrive(host, parallel_limit=counted)
    assert kinds(meter) == {}
    meter.arrive("sparql", parallel_limit=True)
    assert kinds(meter) == {"parallel": 1}
    for _ in range(2):
        meter.leave("sparql", "query", 200)
    meter.arrive("sparql", parallel_limit=True)
    assert kinds(meter) == {"parallel": 1}
    assert meter.state()["most_parallel"] == 3


@pytest.mark.parametrize(
    ("moment", "zone", "hours"),
    [
        ("2026-06-01T18:00", None, 6),
        ("2026-06-01T18:00", PACIFIC, 13),  # 11 in the morning, summer
        ("2026-12-01T18:00", PACIFIC, 14),
        ("2026-11-01T07:00", PACIFIC, 25),  # the longest day
        ("2026-03-08T08:00", PACIFIC, 23),
    ],
)
def test_days_end_where_the_provider_is(moment: str, zone: None, hours: int) -> None:
    assert seconds_to_midnight(datetime.fromisoformat(moment).replace(tzinfo=UTC), zone) == hours * 3600


def test_the_clock_runs_at_its_speed_from_its_epoch() -> None:
    epoch = datetime.now(UTC).timestamp() - 1_000
    simulated = Clock(speed=100, epoch=epoch).now().timestamp()
    assert math.isclose(simulated - epoch, 100_000, rel_tol=0.05)
    assert abs(Clock().now() - datetime.now(UTC)).total_seconds() < 60


# --- on the wire ------------------------------------------------------------------------------------------------


def get(http: httpx2.Client, simulator: Simulator) -> int:
    return http.get(f"{simulator.urls['isbndb']}/book/{sample_isbns().hit}", headers=KEY).status_code


def test_a_polite_caller_gets_no_violation(simulator: Simulator, http: httpx2.Client) -> None:
    simulator.limits(isbndb={"rate": 50, "daily": 40, "plan": "basic"})
    assert [get(http, simulator) for _ in range(40)] == [200] * 40
    state = simulator.state()["isbndb"]
    assert (state["requests"], state["units"]) == (40, 40)
    assert sum(state["seconds"].values()) == sum(day["requests"] for day in state["days"].values()) == 40
    assert state["routes"] == {"book": 40}
    assert state["statuses"] == {"200": 40}
    assert simulator.violations() == {}


def test_a_hasty_caller_is_refused_and_named(simulator: Simulator, http: httpx2.Client) -> None:
    simulator.limits(isbndb={"rate": 0.001})
    assert [get(http, simulator) for _ in range(3)] == [200, 429, 429]
    violations = simulator.violations()["isbndb"]
    assert [each["kind"] for each in violations] == ["rate", "rate"]
    assert violations[1]["detail"] == "3 requests within 1000 s, allowed are 1"
    assert simulator.state()["isbndb"]["units"] == 1


def test_a_caller_without_a_contact_is_named(simulator: Simulator) -> None:
    with httpx2.Client(timeout=60) as client:
        assert get(client, simulator) == 200
    assert [each["kind"] for each in simulator.violations()["isbndb"]] == ["user_agent"]


def test_a_day_ends_sooner_at_a_higher_speed() -> None:
    with Simulator(speed=86_400) as simulator, httpx2.Client(headers=AGENT, timeout=60) as http:
        simulator.limits(isbndb={"daily": 2, "rate": 1})
        until(lambda: get(http, simulator) == 429)
        until(lambda: get(http, simulator) == 200)
        days = simulator.state()["isbndb"]["days"]
        assert len(days) >= 2
        assert all(day["units"] <= 2 for day in days.values())
        assert set(simulator.state()["isbndb"]["violation_kinds"]) == {"daily"}
