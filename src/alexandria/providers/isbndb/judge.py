"""What ISBNdb's refusals mean. Only their words, or their headers, tell a busy minute from a used-up day. Pure."""

from datetime import datetime, timedelta

from alexandria.errors import Malformed, ProviderFailed, QuotaExhausted, Throttled
from alexandria.net.limits import wait_until, windows
from alexandria.net.messages import Reply, words_of
from alexandria.net.verdict import Faltered, describe

_TOO_MANY = (400, 413)
_TOO_MUCH = (500, 504)


class TooMany(Malformed):
    """It refuses a batch of this size."""


class TooMuch(Faltered):
    """It fails as it does when the answer to a batch grows too large."""


def judge(reply: Reply) -> ProviderFailed | None:
    """The failure behind a 429; None leaves the answer to its status."""
    if reply.status != 429:
        return None
    said = describe(reply)
    if _is_day(reply):
        return QuotaExhausted(reply.bucket, said, next_day(reply.received_at))
    return Throttled(reply.bucket, said, wait_until(reply.headers, reply.received_at))


def judge_batch(reply: Reply) -> ProviderFailed | None:
    """As `judge`; what may be due to the size of the batch is told apart."""
    if reply.status in _TOO_MANY:
        return TooMany(reply.bucket, describe(reply))
    if reply.status in _TOO_MUCH:
        return TooMuch(reply.bucket, describe(reply), wait_until(reply.headers, reply.received_at))
    return judge(reply)


def next_day(now: datetime) -> datetime:
    """When its next day begins: at midnight UTC."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def _is_day(reply: Reply) -> bool:
    """Whether it is the day that is used up, by its words, else by its headers."""
    words = words_of(reply).lower().rstrip(".")
    if "daily" in words or "per day" in words:
        return True
    if "per minute" in words or "per second" in words:
        return False
    named = windows(reply.headers)
    if any(window.left == 0 for window in named):
        return any(window.left == 0 and window.is_daily for window in named)
    return words == "limit exceeded"  # as it said in former times
