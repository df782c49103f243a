"""When to ask again, and how much is left, by the headers of an answer."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alexandria.net.limits import LONGEST_WAIT, Window, left_of_day, told, wait_until, windows

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("17", 17),
        (" 17 ", 17),
        ("1.5", 1.5),
        ("Sun, 22 Nov 2026 12:02:00 GMT", 120),
        ("Sun, 22 Nov 2026 14:02:00 +0200", 120),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0),
        ("999999999999999999999", LONGEST_WAIT.total_seconds()),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_WAIT.total_seconds()),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("\u00b2", None),  # a digit, but no number
        ("Sun, 99 Nov 2026 12:02:00 GMT", None),
    ],
)
def test_retry_after(text: str, seconds: float | None) -> None:
    expected = None if seconds is None else NOW + timedelta(seconds=seconds)
    assert wait_until({"retry-after": text}, NOW) == expected


def test_named_windows() -> None:
    headers = {
        "ratelimit-policy": '"rate";q=300;w=60, "daily";q=50000;w=86400',
        "ratelimit": '"rate";r=297;t=0, "daily";r=41;t=3600',
    }
    assert windows(headers) == (Window("rate", 297, 0, False), Window("daily", 41, 3600, True))
    assert left_of_day(headers) == 41
    assert wait_until(headers, NOW) is None


@pytest.mark.parametrize(
    ("headers", "left", "seconds"),
    [
        ({"ratelimit": '"rate";r=0;t=12'}, None, 12),
        ({"ratelimit": "rate; r=0; t=12"}, None, 12),
        ({"ratelimit": '"rate";r=0;t=12', "retry-after": "30"}, None, 30),
        ({"ratelimit": '"rate";r=0;t=12', "retry-after": "3"}, None, 12),
        ({"ratelimit": '"daily";r=0;t=3600'}, 0, None),  # that is no short wait: the day is used up
        ({"ratelimit": '"all";r=5;t=3600', "ratelimit-policy": '"all";q=9;w=86400'}, 5, None),
        ({"ratelimit": '"rate";t=12'}, None, None),
        ({"ratelimit": '"rate"'}, None, None),
        ({"ratelimit": '"daily";r=x'}, None, None),
        ({"ratelimit": '"daily";r=99999999999999999999'}, None, None),
        ({}, None, None),
    ],
)
def test_what_is_left_and_when_to_ask_again(headers: dict[str, str], left: int | None, seconds: int | None) -> None:
    assert left_of_day(headers) == left
    assert wait_until(headers, NOW) == (None if seconds is None else NOW + timedelta(seconds=seconds))


def test_only_limits_are_told() -> None:
    headers = {"ratelimit": "r" * 900, "x-ratelimit-left": "1", "retry-after": "2", "set-cookie": "secret"}
    assert told(headers) == {"ratelimit": "r" * 200, "x-ratelimit-left": "1", "retry-after": "2"}


LINES = st.text(st.characters(max_codepoint=255), max_size=80) | st.from_regex(r'"[a-z]+";r=\d+;t=\d+', fullmatch=True)


@given(LINES, LINES, LINES)
def test_no_header_makes_it_fall(retry_after: str, limit: str, policy: str) -> None:
    headers = {"retry-after": retry_after, "ratelimit": limit, "ratelimit-policy": policy}
    wait, left = wait_until(headers, NOW), left_of_day(headers)
    assert wait is None or NOW <= wait <= NOW + LONGEST_WAIT
    assert left is None or left >= 0
