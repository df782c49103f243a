"""What the policies say, and the laws of the lanes: a day is used up, never exceeded, and kept in part for people."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alexandria.config import read_settings
from alexandria.net.gate import Lane
from alexandria.quota.policy import LANES, PEOPLE, Policy, make_policies, part_ahead

BEGAN = datetime(2026, 5, 20, tzinfo=UTC)
ENDED = BEGAN + timedelta(days=1)
lanes = st.sampled_from(sorted(LANES))
moments = st.floats(0, 1).map(lambda part: BEGAN + part * (ENDED - BEGAN))
policies = st.builds(
    lambda limit, share, harvest: Policy("b", 1.0, limit, int(limit * share), harvest=harvest),
    st.integers(0, 20_000),
    st.floats(0, 0.9),
    st.sampled_from([0.0, 0.25, 0.4, 0.6]),
)
usages = st.fixed_dictionaries({lane: st.integers(0, 3_000) for lane in LANES})


def nothing() -> dict[Lane, int]:
    return dict.fromkeys(LANES, 0)


def asked_at(moment: datetime) -> float:
    return part_ahead(moment, BEGAN, ENDED)


# --- what is configured ---------------------------------------------------------------------------------------


def test_the_buckets_are_those_of_the_settings() -> None:
    found = make_policies(read_settings({}).providers)
    assert {name: (each.rate, each.limit, each.buffer, each.zone) for name, each in found.items()} == {
        "isbndb": (1.0, 1000, 134, "UTC"),
        "google-books": (1.0, 1000, 0, "America/Los_Angeles"),
        "open-library": (3.0, None, 0, "UTC"),
        "open-library-covers": (3.0, None, 0, "UTC"),
        "internet-archive": (1.0, None, 0, "UTC"),
        "wikimedia": (1.0, None, 0, "UTC"),
    }


def test_premium_uses_thirteen_thousand_a_day() -> None:
    policy = make_policies(read_settings({"ALEXANDRIA_ISBNDB_PLAN": "premium"}).providers)["isbndb"]
    assert (policy.rate, policy.limit, policy.allowance) == (3.0, 15_000, 13_000)
    assert policy.pace == pytest.approx(1 / 2.7)


def test_who_shares_a_bucket_gets_the_least_that_one_of_them_says() -> None:
    settings = read_settings({"ALEXANDRIA_WIKIMEDIA_RATE": "0.5"}).providers
    assert make_policies(settings)["wikimedia"].rate == 0.5
    assert len([each for each in settings.values() if each.bucket == "wikimedia"]) == 4


@given(st.floats(0.01, 10_000))
def test_the_pace_is_nine_tenths_of_the_rate(rate: float) -> None:
    assert Policy("b", rate).pace * rate == pytest.approx(1 / 0.9)


# --- the part of the day that is ahead ------------------------------------------------------------------------


def test_the_day_runs_out_an_hour_before_it_ends() -> None:
    assert asked_at(BEGAN) == 1
    assert asked_at(BEGAN + timedelta(hours=11, minutes=30)) == pytest.approx(0.5)
    assert asked_at(ENDED - timedelta(hours=1)) == pytest.approx(0)
    assert asked_at(ENDED - timedelta(minutes=1)) == 0


@given(moments, moments)
def test_what_is_ahead_only_shrinks(one: datetime, other: datetime) -> None:
    assert asked_at(min(one, other)) >= asked_at(max(one, other))


# --- rooms ----------------------------------------------------------------------------------------------------


@given(policies, lanes, usages, moments)
def test_no_lane_may_exceed_the_day(policy: Policy, lane: Lane, used: dict[Lane, int], moment: datetime) -> None:
    room, allowed = policy.room(lane, used, asked_at(moment)), policy.allowance
    assert room is not None
    assert allowed is not None
    assert room == 0 or sum(used.values()) + room <= allowed


@given(policies, usages, moments)
def test_people_may_have_all_that_is_left(policy: Policy, used: dict[Lane, int], moment: datetime) -> None:
    assert policy.room("interactive", used, asked_at(moment)) == max((policy.allowance or 0) - sum(used.values()), 0)


@given(policies, lanes, usages, moments, moments)
def test_a_room_only_grows_while_nobody_asks(
    policy: Policy, lane: Lane, used: dict[Lane, int], one: datetime, other: datetime
) -> None:
    before, after = (policy.room(lane, used, asked_at(moment)) for moment in sorted((one, other)))
    assert (before or 0) <= (after or 0)


@given(policies, lanes, usages, st.integers(0, 20_000), moments)
def test_a_providers_count_only_lowers(
    policy: Policy, lane: Lane, used: dict[Lane, int], ceiling: int, moment: datetime
) -> None:
    ahead = asked_at(moment)
    assert (policy.room(lane, used, ahead, ceiling) or 0) <= (policy.room(lane, used, ahead) or 0)


def test_without_a_limit_only_strangers_are_bounded() -> None:
    policy, used = Policy("b", 3.0), {**nothing(), "anonymous": 11_000, "harvest": 10**6}
    assert {lane: policy.room(lane, used, 1.0) for lane in LANES} == {
        "interactive": None, "enrichment": None, "harvest": None, "covers": None, "anonymous": 664,
    }  # fmt: skip
    assert policy.capacity == 233_280


# --- whole days -----------------------------------------------------------------------------------------------

Asked = tuple[float, Lane, int]
asked = st.lists(st.tuples(st.floats(0, 1), lanes, st.integers(1, 400)), max_size=60)


def live(policy: Policy, calls: list[Asked]) -> dict[Lane, int]:
    """What each lane used of a day in which these asked, whoever had no room being refused."""
    used = nothing()
    for part, lane, units in sorted(calls):
        room = policy.room(lane, used, asked_at(BEGAN + part * (ENDED - BEGAN)))
        assert room is not None
        if units <= room:
            used[lane] += units
    return used


@given(policies, asked)
def test_a_day_is_never_exceeded(policy: Policy, calls: list[Asked]) -> None:
    used = live(policy, calls)
    assert sum(used.values()) <= (policy.allowance or 0)
    assert used["anonymous"] <= 0.05 * (policy.allowance or 0)


@given(policies, asked, st.sampled_from(["enrichment", "harvest", "covers"]))
def test_a_day_is_used_up_when_there_is_work(policy: Policy, calls: list[Asked], lane: Lane) -> None:
    work: list[Asked] = [(hour / 1000, lane, 1) for hour in range(0, 1000, 50)]
    end: list[Asked] = [(0.99, lane, 1)] * ((policy.allowance or 0) + 1)
    assert sum(live(policy, calls + work + end).values()) == policy.allowance


@given(policies, st.lists(st.tuples(st.floats(0, 1), st.sampled_from(["harvest", "covers"]), st.integers(1, 400))))
def test_people_and_their_misses_find_what_is_kept_for_them(policy: Policy, calls: list[Asked]) -> None:
    for part in (0.0, 0.25, 0.5, 0.75):
        used = live(policy, [call for call in calls if call[0] <= part])
        ahead, allowed = asked_at(BEGAN + part * (ENDED - BEGAN)), policy.allowance or 0
        assert (policy.room("interactive", used, ahead) or 0) >= int(0.4 * allowed * ahead)
        assert (policy.room("enrichment", used, ahead) or 0) >= int(0.2 * allowed * ahead) - 1


# --- the harvest's own ------------------------------------------------------------------------------------------


def test_only_where_the_harvest_asks_it_has_a_share_of_its_own() -> None:
    assert {each.bucket for each in make_policies(read_settings({}).providers).values() if each.harvest} == {"isbndb"}


@given(policies, st.lists(st.tuples(st.floats(0, 0.95), lanes, st.integers(1, 400)), max_size=60), st.floats(0, 0.95))
def test_the_queue_leaves_the_harvest_its_own(policy: Policy, calls: list[Asked], part: float) -> None:
    """Whatever the others ask for, but people more than is kept for them, the harvest gets its own at any time."""
    others = [call for call in calls if call[0] <= part and call[1] not in ("interactive", "harvest")]
    used = live(policy, [(0.0, "enrichment", policy.room("enrichment", nothing(), 1.0) or 0), *others])
    moment, allowed = BEGAN + part * (ENDED - BEGAN), policy.allowance or 0
    assert (policy.room("harvest", used, asked_at(moment)) or 0) >= int(policy.harvest * allowed)
    assert sum(used.values()) + int(policy.harvest * allowed) + int(PEOPLE * allowed * asked_at(moment)) <= allowed


def simulate_day(policy: Policy, queued: int, steps: int, batch: int, people: int) -> tuple[dict[Lane, int], float]:
    """What each lane used of a day that begins with a long queue, and the hour in which the harvest had its steps.

    A request a tick for each lane: the queue asks for a batch first, then the harvest for a page, then people.
    """
    used, seconds = nothing(), 30
    ticks = 86_400 // seconds
    done_at = 24.0
    for tick in range(ticks):
        ahead = asked_at(BEGAN + timedelta(seconds=tick * seconds))
        queue: tuple[Lane, int] = ("enrichment", min(batch, queued - used["enrichment"]))
        page: tuple[Lane, int] = ("harvest", 1)
        person: tuple[Lane, int] = ("interactive", int(tick % (ticks // people) == 0))
        asks = [queue, *[page] * 9, person]
        for lane, units in asks:
            if 0 < units <= (policy.room(lane, used, ahead) or 0) and (lane != "harvest" or used[lane] < steps):
                used[lane] += units
            elif lane == "interactive" and ahead > 0:
                assert units == 0, "somebody who waits was refused"
        if used["harvest"] == steps and done_at == 24.0:
            done_at = tick * seconds / 3_600
    return used, done_at


@pytest.mark.parametrize("steps", [1_000, 5_000])
def test_a_queue_of_a_whole_day_at_its_start_leaves_a_thousand_authors(steps: int) -> None:
    policy = make_policies(read_settings({"ALEXANDRIA_ISBNDB_PLAN": "premium"}).providers)["isbndb"]
    used, hour = simulate_day(policy, queued=20_000, steps=steps, batch=250, people=500)
    assert used["harvest"] == steps
    assert hour < 6
    assert used["interactive"] >= 500
    assert 12_740 <= sum(used.values()) <= 13_000
