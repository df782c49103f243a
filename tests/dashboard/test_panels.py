"""What becomes of numbers before they are drawn."""

from datetime import UTC, datetime, timedelta

import pytest

from alexandria.dashboard.overview import EVERY, HOURS
from alexandria.dashboard.panels import ended_by_end, eta, on_grid, waiting_by_kind
from alexandria.dashboard.render import moment, number, record, record_path, share, span
from alexandria.ops.history import Minute, Standing
from alexandria.queue.status import KindCounts

NOW = datetime(2026, 5, 20, 12, 7, 30, tzinfo=UTC)
SLOT = timedelta(minutes=EVERY)


def minute(at: datetime, **queue: tuple[int, int, int, int, int]) -> Minute:
    return Minute(at, {kind: Standing(*numbers) for kind, numbers in queue.items()}, {})


def test_minutes_stand_in_their_places() -> None:
    last = NOW.replace(minute=0, second=0)
    first = last - SLOT * (HOURS * 60 // EVERY - 1)
    grid = on_grid([minute(first - SLOT), minute(first), minute(last - SLOT * 2), minute(last)], NOW)
    assert len(grid) == HOURS * 60 // EVERY
    assert [place for place, each in enumerate(grid) if each] == [0, len(grid) - 3, len(grid) - 1]


def test_what_waits_goes_on_where_nobody_looked() -> None:
    grid = [None, minute(NOW, a=(4, 0, 0, 0, 0)), None, minute(NOW, a=(2, 0, 0, 0, 0), b=(9, 0, 0, 0, 0)), minute(NOW)]
    assert waiting_by_kind(grid) == {"b": [0, 0, 0, 9, 0], "a": [0, 4, 4, 2, 0]}


def test_only_so_many_kinds_have_a_colour_of_their_own() -> None:
    kinds = {f"k{n}": (10 - n, 0, 0, 0, 0) for n in range(8)} | {"idle": (0, 1, 5, 0, 0)}
    found = waiting_by_kind([minute(NOW, **kinds)])
    assert list(found) == ["k0", "k1", "k2", "k3", "k4", "others"]
    assert found["others"] == [5 + 4 + 3]


def test_what_ended_is_a_rate_a_minute() -> None:
    grid = [
        minute(NOW, a=(0, 0, 100, 10, 1)),
        minute(NOW, a=(0, 0, 140, 10, 1), b=(0, 0, 10, 0, 0)),
        None,
        minute(NOW, a=(0, 0, 180, 30, 1), b=(0, 0, 10, 0, 0)),
        minute(NOW, a=(0, 0, 0, 0, 0)),  # somebody emptied the tables
    ]
    found = ended_by_end(grid)
    assert found["completed"] == [0, 5, 2, 2, 0]
    assert found["not found"] == [0, 0, 1, 1, 0]
    assert found["dead"] == [0, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("pending", "done", "seconds"), [(0, 0, 0.0), (100, 0, None), (100, 50, 1_200.0), (-1, 5, 0.0)]
)
def test_how_long_it_will_take(pending: int, done: int, seconds: float | None) -> None:
    assert eta(KindCounts("edition", pending, 0, None, None, done, 0, 0)) == seconds


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "–"), (0.0042, "4 ms"), (1, "1 s"), (119, "119 s"), (121, "2 min"), (7_100, "118 min"), (7_300, "2 h"),
        (86_400 * 2, "2 days"), (86_400 * 4_000, "4,000 days"),
    ],
)  # fmt: skip
def test_lengths_of_time(seconds: float | None, text: str) -> None:
    assert span(seconds) == text


def test_numbers_and_times() -> None:
    assert (number(1234567), number(1.25, 1), number(None)) == ("1,234,567", "1.2", "–")
    assert (share(0.9876), share(None)) == ("98.8 %", "–")
    assert (moment(NOW), moment(None)) == ("2026-05-20 12:07", "–")


@pytest.mark.parametrize(
    ("kind", "key", "text", "path"),
    [
        ("edition", 9780140328721, "9780140328721", "/editions/9780140328721"),
        ("cover", 9780140328721, "9780140328721", "/editions/9780140328721"),
        ("refold-work", 45804, "OL45804W", "/works/OL45804W"),
        ("author", 34184, "OL34184A", "/authors/OL34184A"),
        ("work", 0, "0", "/works/0"),
        ("sweep", 1, "1", None),
        ("<b>", 1, "1", None),
    ],
)
def test_what_a_job_is_about(kind: str, key: int, text: str, path: str | None) -> None:
    assert (record(key, kind), record_path(key, kind)) == (text, path)
