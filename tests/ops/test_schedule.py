"""The table of what runs when, and which firings of it are due."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alexandria.ops.schedule import TABLE, Periodic, State, find_due

EVERY = Periodic("every", "*/15 * * * *", "kind", "about")
MONTHLY = Periodic("monthly", "0 5 1 * *", "kind", "about")
moments = st.integers(1_767_225_600, 1_830_297_600).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "now", "last", "next_"),
    [
        ("*/15 * * * *", "2026-11-22 10:29:59.9", "2026-11-22 10:15", "2026-11-22 10:30"),
        ("*/15 * * * *", "2026-11-22 10:30", "2026-11-22 10:30", "2026-11-22 10:45"),
        ("*/15 * * * *", "2026-11-22 10:30:01", "2026-11-22 10:30", "2026-11-22 10:45"),
        ("0 3 * * *", "2026-01-01 02:59:59", "2025-12-31 03:00", "2026-01-01 03:00"),
        ("0 5 1 * *", "2026-03-01 04:59", "2026-02-01 05:00", "2026-03-01 05:00"),
        ("0 4 * * 1", "2026-11-22 12:00", "2026-11-16 04:00", "2026-11-23 04:00"),
    ],
)
def test_firings(expression: str, now: str, last: str, next_: str) -> None:
    periodic = Periodic("name", expression, "kind", "about")
    assert (periodic.last(at(now)), periodic.next(at(now))) == (at(last), at(next_))


def test_other_zones_do_not_matter() -> None:
    tokyo = at("2026-11-22 18:10").astimezone(timezone(timedelta(hours=9)))
    assert Periodic("name", "0 3 * * *", "kind", "about").last(tokyo) == at("2026-11-22 03:00")


@given(since=moments, last=st.none() | moments, now=moments, paused=st.booleans())
def test_what_is_due_is_the_latest_firing_and_that_once(
    since: datetime, last: datetime | None, now: datetime, paused: bool
) -> None:
    states = {"every": State(since, last, paused)}
    due = find_due([EVERY, MONTHLY], states, now)
    assert all(each is EVERY and since < moment <= now and not paused for each, moment in due)
    if due:
        moment = due[0][1]
        assert moment == EVERY.last(now)
        assert now - moment < timedelta(minutes=15)
        assert find_due([EVERY], {"every": State(since, moment, paused)}, now) == []
    elif not paused:
        assert EVERY.last(now) <= max(since, last or since)


def test_names_and_kinds_are_unique() -> None:
    assert len({each.name for each in TABLE}) == len({each.kind for each in TABLE}) == len(TABLE)
    assert all(each.about and each.last(at("2026-11-22 00:00")) for each in TABLE)
