"""What is counted of requests, and how long it is remembered."""

from typing import Any

import pytest

from alexandria.dashboard.traffic import BOUNDS, SLOT, SLOTS, Traffic, quantile


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_the_last_minute_is_told() -> None:
    clock = Clock()
    traffic = Traffic(clock)
    for status, is_lookup in ((200, True), (200, True), (404, True), (400, True), (200, False), (503, False)):
        traffic.note(status, 0.0035, is_lookup=is_lookup)
    assert traffic.read().requests == 0, "what runs is not whole"
    clock.now += SLOT
    seen = traffic.read()
    assert seen.hit_rate == pytest.approx(2 / 3)
    assert seen.lookups == pytest.approx(3 / 60)
    assert seen.requests == pytest.approx(6 / 60)
    assert seen.failures == 1
    assert seen.median is not None
    assert 0.003 <= seen.median <= 0.004
    assert seen.curve[-1] == 3 / SLOT
    clock.now += 60
    seen = traffic.read()
    assert (seen.hit_rate, seen.requests, seen.median) == (None, 0, None)
    assert max(seen.curve) == 3 / SLOT, "in the curve it is longer"
    clock.now += SLOT * SLOTS
    assert max(traffic.read().curve) == 0


def test_a_slot_that_comes_round_begins_anew() -> None:
    clock = Clock()
    traffic = Traffic(clock)
    traffic.note(200, 0.001, is_lookup=True)
    clock.now += SLOT * SLOTS
    traffic.note(404, 0.001, is_lookup=True)
    clock.now += SLOT
    assert traffic.read().hit_rate == 0


@pytest.mark.parametrize(
    ("took", "part", "seconds"),
    [
        ({}, 0.5, None),
        ({0: 10}, 0.5, BOUNDS[0] / 2),
        ({1: 99, 5: 1}, 0.99, BOUNDS[1]),
        ({1: 98, 5: 2}, 0.99, BOUNDS[4] + (BOUNDS[5] - BOUNDS[4]) / 2),
        ({len(BOUNDS): 1}, 0.5, BOUNDS[-1]),
    ],
)
def test_quantiles(took: dict[int, int], part: float, seconds: float | None) -> None:
    found = quantile([took.get(number, 0) for number in range(len(BOUNDS) + 1)], part)
    assert found == (None if seconds is None else pytest.approx(seconds))


@pytest.mark.anyio
async def test_answers_are_counted_as_they_pass() -> None:
    clock = Clock()
    traffic = Traffic(clock)
    sent: list[Any] = []

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        clock.now += 0.02
        await send({"type": "http.response.start", "status": 200, "headers": []})
        clock.now += 7  # a slow reader is no slow answer
        await send({"type": "http.response.body", "body": b"x"})

    async def receive() -> Any: ...

    async def send(message: Any) -> None:
        sent.append(message["type"])

    app: Any = traffic.around(answer)
    await app({"type": "http", "path": "/api/isbn", "method": "GET"}, receive, send)
    assert sent == ["http.response.start", "http.response.body"]
    seen = traffic.read()
    assert seen.hit_rate == 1
    assert seen.median is not None
    assert 0.016 < seen.median < 0.024
