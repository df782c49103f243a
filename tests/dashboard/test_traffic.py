"""What the first page says of the last minutes."""

from datetime import UTC, datetime, timedelta

import pytest

from alexandria.dashboard.traffic import CURVE, sum_up
from alexandria.ops.processes import Minute
from alexandria.telemetry.metrics import FAST

THIS = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)


def minute(back: int, lookups: int, hits: int, *, errors: int = 0, place: int = 3) -> Minute:
    took = [0] * (len(FAST) + 1)
    took[place] = lookups
    return Minute(THIS - timedelta(minutes=back), lookups + errors, errors, lookups, hits, took)


def test_the_last_minute_and_this_one_are_told() -> None:
    seen = sum_up([minute(59, 120, 0), minute(2, 9_000, 9_000), minute(1, 60, 60), minute(0, 30, 15, errors=3)],
                  THIS + timedelta(seconds=30))  # fmt: skip
    assert (seen.lookups, seen.failures) == (1.0, 3)
    assert seen.requests == pytest.approx(93 / 90)
    assert seen.hit_rate == pytest.approx(75 / 90)
    assert seen.median is not None
    assert seen.slow is not None
    assert FAST[2] < seen.median < seen.slow < FAST[3]
    assert (len(seen.curve), seen.curve[-1], seen.curve[-2], seen.curve[1]) == (CURVE, 1.0, 150.0, 2.0)
    assert sum(seen.curve) == 153.0


def test_where_nothing_happened_nothing_is_said() -> None:
    seen = sum_up([], THIS)
    assert (seen.lookups, seen.hit_rate, seen.median, seen.slow, sum(seen.curve)) == (0, None, None, None, 0)


def test_minutes_of_an_older_program_have_no_times() -> None:
    seen = sum_up([Minute(THIS, 4, 0, 4, 4, [])], THIS + timedelta(seconds=1))
    assert (seen.hit_rate, seen.median) == (1.0, None)
