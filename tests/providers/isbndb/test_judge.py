"""What ISBNdb's refusals mean."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from alexandria.errors import ProviderFailed, QuotaExhausted, Throttled
from alexandria.net.messages import Reply
from alexandria.net.verdict import verdict
from alexandria.providers.isbndb.judge import TooMany, TooMuch, judge, judge_batch

NOW = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 23, tzinfo=UTC)
POLICY = '"rate";q=300;w=60, "daily";q=50000;w=86400'


def said(text: str | None, status: int = 429, **headers: str) -> Reply:
    body = msgspec.json.encode({"message": text}) if text is not None else b""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply("isbndb", "https://api2.isbndb.com/book/1", status, given, body, NOW)


@pytest.mark.parametrize(
    ("reply", "kind", "again"),
    [
        (said("Per minute quota exceeded, please try again later"), Throttled, None),
        (said("Per minute quota exceeded", ratelimit='"rate";r=0;t=12', ratelimit_policy=POLICY), Throttled, 12),
        (said("Per second limit", retry_after="3"), Throttled, 3),
        (said("Daily quota exceeded, please try again later"), QuotaExhausted, None),
        (said("Daily quota exceeded", ratelimit='"rate";r=0;t=12'), QuotaExhausted, None),
        (said("Limit Exceeded"), QuotaExhausted, None),
        (said("Limit Exceeded", ratelimit='"rate";r=0;t=12'), Throttled, 12),
        (said(None, ratelimit='"daily";r=0;t=900'), QuotaExhausted, None),
        (said(None, ratelimit='"rate";r=0;t=12, "daily";r=7;t=900'), Throttled, 12),
        (said("Slow down"), Throttled, None),
        (said(None), Throttled, None),
    ],
)
def test_a_busy_minute_or_a_used_up_day(reply: Reply, kind: type[ProviderFailed], again: int | None) -> None:
    failure = judge(reply)
    assert type(failure) is kind
    assert failure.retry_at == (
        MIDNIGHT if kind is QuotaExhausted else NOW + timedelta(seconds=again) if again else None
    )


def test_the_day_ends_at_midnight_utc() -> None:
    failure = judge(said("Daily quota exceeded"))
    assert isinstance(failure, QuotaExhausted)
    assert failure.resets_at == MIDNIGHT


@pytest.mark.parametrize(
    ("status", "kind"), [(400, TooMany), (413, TooMany), (500, TooMuch), (504, TooMuch), (503, None), (401, None)]
)
def test_what_may_be_due_to_the_size_of_a_batch(status: int, kind: type[ProviderFailed] | None) -> None:
    assert type(judge_batch(said("x", status))) is (kind or type(None))
    assert judge(said("x", status)) is None


def test_every_documented_refusal_has_a_type(fixtures_dir: Path) -> None:
    expected = {
        400: {"Malformed"}, 401: {"Unauthorized"}, 403: {"Unauthorized"}, 404: {"NoneType"},
        429: {"Throttled", "QuotaExhausted"}, 503: {"Faltered"},
    }  # fmt: skip
    found: dict[int, set[str]] = {}
    documented: list[dict[str, Any]] = json.loads((fixtures_dir / "isbndb" / "errors_documented.json").read_text())
    for each in documented:
        headers = {name.lower(): value for name, value in each.get("headers", {}).items()}
        reply = Reply("isbndb", "u", each["status"], headers, msgspec.json.encode(each["body"]), NOW)
        found.setdefault(each["status"], set()).add(type(judge(reply) or verdict(reply)).__name__)
    assert found == expected
