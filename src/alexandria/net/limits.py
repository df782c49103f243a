"""What the headers of an answer say of the limits: when to ask again, how much is left of the day. Pure.

Two kinds are read: `Retry-After` (seconds or an HTTP date), and the pair of structured headers with named windows:
`ratelimit-policy: "rate";q=300;w=60, "daily";q=50000;w=86400` and `ratelimit: "rate";r=297;t=0`, where q is the quota,
w the window's length, r what is left of it, t the seconds to wait.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import NamedTuple

DAY = 86_400
LONGEST_WAIT = timedelta(days=1)  # whoever asks for more is asked again tomorrow
_ENTRY = re.compile(r'"?([A-Za-z][\w-]{0,40})"?((?:\s*;\s*[a-z]+\s*=\s*"?[^;,"]{0,20}"?)+)')
_PART = re.compile(r"([a-z]+)\s*=\s*([0-9]{1,12})(?![0-9])")
_SECONDS = re.compile(r"[0-9]+(\.[0-9]+)?")
_TOLD = ("ratelimit", "x-ratelimit", "retry-after")
_LONGEST_VALUE = 200


class Window(NamedTuple):
    """One window of calls: what is left of it (None: not told), the seconds to wait, whether it is the day's."""

    name: str
    left: int | None
    wait: int
    is_daily: bool


def windows(headers: Mapping[str, str]) -> tuple[Window, ...]:
    """The windows that an answer names, with what is left of them."""
    policy = _entries(headers.get("ratelimit-policy", ""))
    found = []
    for name, parts in _entries(headers.get("ratelimit", "")).items():
        is_daily = name.lower() in ("daily", "day") or policy.get(name, {}).get("w", 0) >= DAY
        found.append(Window(name, parts.get("r"), parts.get("t", 0), is_daily))
    return tuple(found)


def _entries(text: str) -> dict[str, dict[str, int]]:
    return {
        match[1]: {name: int(number) for name, number in _PART.findall(match[2])}
        for match in _ENTRY.finditer(text[:1000])
    }


def wait_until(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """When to ask again at the earliest, if the answer asks for patience: Retry-After, or a used-up short window."""
    wish = _retry_after(headers.get("retry-after", ""), now)
    empty = [window.wait for window in windows(headers) if window.left == 0 and window.wait and not window.is_daily]
    waits = [*([wish] if wish is not None else []), *(timedelta(seconds=wait) for wait in empty)]
    return now + min(max(waits), LONGEST_WAIT) if waits else None


def _retry_after(text: str, now: datetime) -> timedelta | None:
    """How long a Retry-After asks to wait, never less than nothing; None for none and for what is no such header."""
    text = text.strip()
    if _SECONDS.fullmatch(text):
        return timedelta(seconds=min(float(text[:12]), DAY))
    try:
        when = parsedate_to_datetime(text)
        return max(when.replace(tzinfo=when.tzinfo or UTC) - now, timedelta())
    except (ValueError, OverflowError):
        return None


def left_of_day(headers: Mapping[str, str]) -> int | None:
    """The units that are left of the day, if the answer says so."""
    left = [window.left for window in windows(headers) if window.is_daily and window.left is not None]
    return min(left) if left else None


def told(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that speak of limits, for the record."""
    return {name: value[:_LONGEST_VALUE] for name, value in headers.items() if name.startswith(_TOLD)}
