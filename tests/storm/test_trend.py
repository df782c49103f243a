"""What grows is seen to grow, what only wavers is not."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storm.curve import Panel, draw
from storm.soaked import State, picture, soak_outcome
from storm.trend import LEAST, MIB, Sample, judge, rise


def sample(number: int, session: int = 1, *, memory: float = 200, connections: int = 20, p99: float = 8.0) -> Sample:
    return Sample(
        session=session,
        seconds=number * 10.0,
        memory={"api": int(memory * MIB), "worker": 300 * MIB},
        cache=number * 100 * MIB,
        connections=connections,
        requests=10_000,
        failures=0,
        p50=2.0,
        p95=5.0,
        p99=p99,
        most=50.0,
    )


@given(st.floats(-1e6, 1e6), st.floats(-1e3, 1e3), st.integers(2, 50))
def test_the_rise_of_a_straight_line(begin: float, slope: float, count: int) -> None:
    times = [float(10 * number) for number in range(count)]
    expected = slope * times[-1]
    found = rise(times, [begin + slope * time for time in times])
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-4)


def test_one_sample_does_not_rise() -> None:
    assert rise([1.0], [5.0]) == rise([], []) == 0.0


def growing() -> list[tuple[str, list[Sample]]]:
    numbers = range(60)
    return [
        ("memory of api", [sample(n, memory=200 + n) for n in numbers]),
        ("database connections", [sample(n, connections=20 + n // 10) for n in numbers]),
        ("p99", [sample(n, p99=8 + n / 2) for n in numbers]),
    ]


@pytest.mark.parametrize(("name", "samples"), growing())
def test_what_grows_is_seen(name: str, samples: list[Sample]) -> None:
    assert [flat.name for flat in judge(samples) if not flat.is_flat] == [name]
    outcome = soak_outcome(State(minutes=10, editions=1, capacity=100, sessions=1, samples=samples))
    [broken] = outcome.broken
    assert broken.promise.startswith(f"{name} does not grow by more than")


def test_what_wavers_and_what_warms_up_is_flat() -> None:
    draw = random.Random(1)
    samples = [
        sample(n, memory=(100 + 5 * n if n < 20 else 200) + draw.uniform(-5, 5), p99=8 + draw.uniform(-3, 3))
        for n in range(60)
    ]
    assert all(flat.is_flat for flat in judge(samples))


def test_the_longest_session_is_judged_and_a_short_one_is_not() -> None:
    short = [sample(n, memory=100 + 50 * n) for n in range(LEAST)]
    assert judge(short) == judge([]) == []
    long = [sample(n, 2) for n in range(40)]
    assert all(flat.is_flat for flat in judge([*short, *long]))
    assert [check.promise for check in soak_outcome(State(1, 1, 100, 1, short)).broken] == [
        "it was long enough to be judged"
    ]


def test_the_picture_has_every_curve() -> None:
    state = State(minutes=5, editions=1, capacity=100, sessions=1, samples=[sample(n) for n in range(30)])
    text = picture(state)
    assert text.count("<polyline") == 6
    assert all(f">{name}</text>" in text for name in ("api", "worker", "open", "p50", "p99"))
    assert "5 min" in text
    assert "http://" not in text.replace("http://www.w3.org/2000/svg", "")
    assert draw("<&>", [], [Panel("a", "b", {"c": []})]).startswith("<svg")
