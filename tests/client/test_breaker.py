"""The circuit alone, on a clock of its own."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alexandria.client import BreakerRule, CircuitOpen, TooSlow, Unavailable
from alexandria.client.breaker import Breaker
from alexandria.client.models import State

RULE = BreakerRule(failures=3, timeouts=2, cooldown=10, longest=40)
DOWN, SLOW, HASTY = Unavailable("it", "is down"), TooSlow("it", 2.0), TooSlow("it", 0.01)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def changes() -> list[tuple[str, State, State]]:
    return []


@pytest.fixture
def breaker(clock: Clock, changes: list[tuple[str, State, State]]) -> Breaker:
    return Breaker("it", RULE, lambda *change: changes.append(change), clock)


def fail(breaker: Breaker, *errors: Unavailable) -> None:
    for error in errors:
        breaker.failed(breaker.enter(), error)


@pytest.mark.parametrize(
    ("errors", "state"),
    [
        ((DOWN, DOWN), "closed"),
        ((DOWN, DOWN, DOWN), "open"),
        ((SLOW,), "closed"),
        ((SLOW, SLOW), "open"),
        ((SLOW, DOWN), "closed"),
        ((SLOW, DOWN, SLOW), "open"),
        ((HASTY, HASTY), "closed"),
        ((HASTY, HASTY, HASTY), "open"),
    ],
)
def test_it_opens_on_failures_or_timeouts_in_a_row(
    breaker: Breaker, errors: tuple[Unavailable, ...], state: State
) -> None:
    fail(breaker, *errors)
    assert breaker.state == state


def test_a_success_in_between_begins_anew(breaker: Breaker) -> None:
    for _ in range(5):
        fail(breaker, DOWN, DOWN)
        breaker.succeeded(breaker.enter())
    assert (breaker.state, breaker.failures, breaker.last_error) == ("closed", 0, None)


def test_while_it_is_open_nobody_enters(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, DOWN, DOWN, DOWN)
    with pytest.raises(CircuitOpen, match="is down") as refused:
        breaker.enter()
    assert 8 <= (refused.value.retry_in or 0) <= 12  # the cooldown with its jitter
    clock.now = 7.9
    with pytest.raises(CircuitOpen):
        breaker.enter()


def test_then_one_probe_decides(breaker: Breaker, clock: Clock, changes: list[tuple[str, State, State]]) -> None:
    fail(breaker, DOWN, DOWN, DOWN)
    clock.now = 12.1
    probe = breaker.enter()
    with pytest.raises(CircuitOpen):
        breaker.enter()
    breaker.succeeded(probe)
    assert changes == [("it", "closed", "open"), ("it", "open", "half-open"), ("it", "half-open", "closed")]
    assert breaker.retry_in is None


def test_each_probe_that_fails_doubles_the_wait(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, DOWN, DOWN, DOWN)
    for longest in (24, 48, 48):  # with jitter; 40 is the most
        clock.now += 60
        fail(breaker, DOWN)
        assert longest / 1.5 <= (breaker.retry_in or 0) <= longest


def test_a_probe_whose_caller_gave_up_decides_nothing(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, DOWN, DOWN, DOWN)
    clock.now = 12.1
    breaker.left(breaker.enter())
    assert breaker.state == "open"
    breaker.succeeded(breaker.enter())
    assert breaker.retry_in is None


def test_what_was_sent_before_it_opened_prolongs_nothing(breaker: Breaker) -> None:
    late = breaker.enter()
    fail(breaker, DOWN, DOWN, DOWN)
    wait = breaker.retry_in
    breaker.failed(late, DOWN)
    breaker.left(late)
    assert (breaker.state, breaker.retry_in) == ("open", wait)


def test_a_late_success_closes_it(breaker: Breaker) -> None:
    late = breaker.enter()
    fail(breaker, DOWN, DOWN, DOWN)
    breaker.succeeded(late)
    assert breaker.state == "closed"


def test_a_host_may_say_itself_how_long_to_wait(breaker: Breaker, clock: Clock) -> None:
    breaker.failed(breaker.enter(), DOWN, hold=100)
    assert breaker.retry_in == 100
    clock.now = 100
    breaker.succeeded(breaker.enter())
    breaker.failed(breaker.enter(), DOWN, hold=1e9)
    assert breaker.retry_in == 3_600


def test_a_callback_that_fails_changes_nothing(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    def fails(*change: object) -> None:
        raise RuntimeError("mine")

    breaker = Breaker("it", RULE, fails, clock)
    fail(breaker, DOWN, DOWN, DOWN)
    assert breaker.state == "open"
    assert "callback" in caplog.text


Step = tuple[str, float]


@given(st.lists(st.tuples(st.sampled_from(["enter", "ok", "down", "slow", "left", "wait"]), st.floats(0, 100))))
def test_there_is_never_more_than_one_probe(steps: list[Step]) -> None:
    clock = Clock()
    breaker = Breaker("it", RULE, None, clock)
    inside: list[int] = []
    probes: set[int] = set()
    ends: dict[str, Callable[[int], None]] = {
        "ok": breaker.succeeded,
        "down": lambda number: breaker.failed(number, DOWN),
        "slow": lambda number: breaker.failed(number, SLOW),
        "left": breaker.left,
    }
    for name, number in steps:
        if name == "wait":
            clock.now += number
        elif name == "enter":
            before, due = breaker.state, (breaker.retry_in or 0) <= 0
            try:
                inside.append(breaker.enter())
            except CircuitOpen:
                assert before == "half-open" or not due
            else:
                assert before == "closed" or (before == "open" and due)
                if before == "open":
                    assert not probes & set(inside[:-1]) or breaker.state == "half-open"
                    probes = {inside[-1]}
        elif inside:
            ended = inside.pop(int(number) % len(inside))
            ends[name](ended)
            if name == "ok":
                assert breaker.state == "closed"
    if breaker.state == "half-open":
        assert probes & set(inside), "a probe is always somewhere"
