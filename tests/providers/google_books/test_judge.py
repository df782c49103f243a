"""What Google's refusals mean: its statuses say little."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfoNotFoundError

import msgspec
import pytest

from alexandria.errors import Malformed, ProviderFailed, QuotaExhausted, Throttled, Unauthorized
from alexandria.net.messages import Reply
from alexandria.providers.google_books import judge as judge_module
from alexandria.providers.google_books.judge import judge, next_day

NOW = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def reply(status: int, body: bytes, **headers: str) -> Reply:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply("google-books", "https://www.googleapis.com/books/v1/volumes", status, given, body, NOW)


def refused(status: int, reason: str = "", message: str = "", limit: str = "", **headers: str) -> Reply:
    details = [{"@type": "x", "metadata": {"quota_limit": limit}}] if limit else []
    error = {"code": status, "message": message, "errors": [{"reason": reason, "message": message}], "details": details}
    return reply(status, msgspec.json.encode({"error": error}), **headers)


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (refused(429, "rateLimitExceeded", "Quota exceeded", "defaultPerDayPerProject"), QuotaExhausted),
        (refused(429, "rateLimitExceeded", "Quota exceeded", "defaultPerMinutePerProject"), Throttled),
        (refused(429, "rateLimitExceeded", "limit 'Queries per day' of service"), QuotaExhausted),
        (refused(429, "rateLimitExceeded"), Throttled),
        (reply(429, b""), Throttled),
        (reply(429, b"<html>"), Throttled),
        (refused(403, "dailyLimitExceeded", "Daily Limit Exceeded"), QuotaExhausted),
        (refused(403, "userRateLimitExceeded", "User Rate Limit Exceeded"), Throttled),
        (refused(403, "quotaExceeded", "Quota exceeded"), Throttled),
        (refused(403, "accessNotConfigured", "Books API has not been used in project 1 before"), Unauthorized),
        (refused(403, "unknownLocation", "Cannot determine user location for geographically restricted"), Unauthorized),
        (refused(403, "forbidden", "The request is missing a valid API key."), Unauthorized),
        (reply(403, b"<html>"), Unauthorized),
        (refused(400, "keyInvalid", "Bad Request"), Unauthorized),
        (refused(400, "badRequest", "API key not valid. Please pass a valid API key."), Unauthorized),
        (refused(400, "badRequest", "Quota exceeded for quota metric 'Queries' per day"), QuotaExhausted),
        (refused(400, "badRequest", "Quota exceeded"), Throttled),
        (refused(400, "queryRequired", "Missing query."), Malformed),
        (refused(400, "invalidParameter", "Invalid value"), Malformed),
        (reply(400, b"[]"), Malformed),
        (reply(400, b'{"error": "x"}'), Malformed),
    ],
)
def test_reasons_and_words_decide(given: Reply, kind: type[ProviderFailed]) -> None:
    failure = judge(given)
    assert type(failure) is kind
    assert failure.retry_at == (MIDNIGHT if kind is QuotaExhausted else None)


@pytest.mark.parametrize("status", [401, 404, 500, 503])
def test_the_rest_is_left_to_the_status(status: int) -> None:
    assert judge(refused(status, "backendFailed")) is None


def test_it_says_when_to_ask_again() -> None:
    failure = judge(refused(429, "rateLimitExceeded", retry_after="7"))
    assert failure is not None
    assert failure.retry_at == NOW + timedelta(seconds=7)


def test_recorded_refusals(fixtures_dir: Path) -> None:
    folder = fixtures_dir / "googlebooks" / "errors"
    failure = judge(reply(429, (folder / "429_rate_limit_exceeded.json").read_bytes()))
    assert isinstance(failure, QuotaExhausted)
    assert failure.resets_at == MIDNIGHT
    assert type(judge(reply(400, (folder / "400_query_required.json").read_bytes()))) is Malformed


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-22T18:30", "2026-11-23T08:00"),
        ("2026-11-23T07:59", "2026-11-23T08:00"),
        ("2026-11-23T08:00", "2026-11-24T08:00"),
        ("2026-07-01T06:59", "2026-07-01T07:00"),  # summer
        ("2026-07-01T07:00", "2026-07-02T07:00"),
        ("2026-10-31T12:00", "2026-11-01T07:00"),
        ("2026-11-01T12:00", "2026-11-02T08:00"),  # the clock goes back in between
        ("2026-03-08T12:00", "2026-03-09T07:00"),
    ],
)
def test_the_day_ends_at_midnight_in_california(now: str, expected: str) -> None:
    assert next_day(datetime.fromisoformat(now).replace(tzinfo=UTC)) == datetime.fromisoformat(expected).replace(
        tzinfo=UTC
    )


def test_without_time_zones_it_is_winter(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ZoneInfoNotFoundError(name)

    monkeypatch.setattr(judge_module, "ZoneInfo", missing)
    assert next_day(NOW) == MIDNIGHT
    assert next_day(datetime(2026, 7, 1, 12, tzinfo=UTC)) == datetime(2026, 7, 2, 8, tzinfo=UTC)
