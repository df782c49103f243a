"""What Google's refusals mean: the status alone says little, its reasons and words say more. Pure."""

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from alexandria.errors import Malformed, ProviderFailed, QuotaExhausted, Throttled, Unauthorized
from alexandria.net.limits import wait_until
from alexandria.net.messages import Reply, read_json
from alexandria.net.verdict import describe
from alexandria.providers.google_books.wire import ErrorWire, FaultWire

_STATUSES = (400, 403, 429)
_DAY = ("perday", "per day", "daily", "dailylimitexceeded")
_LIMIT = ("ratelimitexceeded", "quotaexceeded", "limitexceeded", "resource_exhausted", "quota", "rate limit")
_KEY = ("keyinvalid", "keyexpired", "accessnotconfigured", "api key", "api_key_invalid", "unknownlocation", "forbidden")


def judge(reply: Reply) -> ProviderFailed | None:
    """The failure behind a 400, 403 or 429; None leaves the answer to its status.

    A used-up day has come with each of the three.
    """
    if reply.status not in _STATUSES:
        return None
    said = describe(reply)
    reasons = _reasons(reply)
    if reply.status == 429 or any(word in reasons for word in _LIMIT + _DAY):
        if any(word in reasons for word in _DAY):
            return QuotaExhausted(reply.bucket, said, next_day(reply.received_at))
        return Throttled(reply.bucket, said, wait_until(reply.headers, reply.received_at))
    if reply.status == 403 or any(word in reasons for word in _KEY):
        return Unauthorized(reply.bucket, said)
    return Malformed(reply.bucket, said)


def next_day(now: datetime) -> datetime:
    """When Google's next day begins, in UTC: at midnight in California."""
    there = now.astimezone(_pacific())
    midnight = there.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None) + timedelta(days=1)
    return midnight.replace(tzinfo=there.tzinfo).astimezone(UTC)


def _pacific() -> tzinfo:
    """California's clock; its winter time where this machine knows no time zones, which is an hour late in summer."""
    try:
        return ZoneInfo("America/Los_Angeles")
    except ZoneInfoNotFoundError:
        return timezone(timedelta(hours=-8))


def _reasons(reply: Reply) -> str:
    """Everything that the body gives as a reason, in lower case; empty for another body."""
    try:
        fault = read_json(reply, reply.body, ErrorWire).error
    except Malformed:
        return ""
    return " | ".join(text for text in _texts(fault) if text).lower()


def _texts(fault: FaultWire) -> list[str | None]:
    errors, details = fault.errors or [], fault.details or []
    limits = [(detail.metadata or {}).get("quota_limit") for detail in details]
    return [
        fault.status,
        fault.message,
        *(text for each in errors for text in (each.reason, each.message)),
        *(detail.reason for detail in details),
        *limits,
    ]
