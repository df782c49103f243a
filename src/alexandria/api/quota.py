"""What was used of every provider's allowance, what is left, and how the provider is."""

from datetime import datetime
from typing import Any, Literal

import msgspec
from litestar import Request, Response, get

from alexandria.api.operations import AWAY
from alexandria.api.problems import described
from alexandria.quota.status import BucketStatus, read_status


class LaneQuota(msgspec.Struct):
    """Units that a lane used today, and may still have now; null: as many as it likes."""

    used: int
    remaining: int | None


class QuotaRefusal(msgspec.Struct):
    """How often a lane was refused a request, and why and when the last time.

    `pace`: no free slot in time; `blocked`: the provider asks us to wait; `day`: the day is used up; `lane`: what is
    left is kept for others.
    """

    lane: str
    count: int
    reason: Literal["pace", "blocked", "day", "lane"]
    at: datetime


class Breaker(msgspec.Struct):
    """Whether the provider is asked at present; `half-open`: one request at a time finds out whether it is well."""

    state: Literal["closed", "open", "half-open"]
    failures: int
    reason: str | None
    retry_at: datetime | None


class BucketQuota(msgspec.Struct):
    """One budget, as its provider counts it. `limit` and `remaining` are null where there is no limit."""

    bucket: str
    rate: float
    limit: int | None
    buffer: int
    provider_limit: int | None
    used: int
    remaining: int | None
    lanes: dict[str, LaneQuota]
    resets_at: datetime
    blocked_until: datetime | None
    refusals: list[QuotaRefusal]
    breaker: Breaker


class QuotaStatus(msgspec.Struct):
    """Every budget, by name."""

    buckets: list[BucketQuota]


@get(
    "/api/quota/status",
    summary="What is left of every provider's allowance",
    tags=["Operations"],
    responses={200: described(QuotaStatus), **AWAY},
)
async def get_quota_status(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Units used and left today, by lane, when the day ends, the last refusals, and the breaker's state."""
    state = request.app.state
    found = await read_status(state.database, state.policies)
    return Response(msgspec.json.encode(shape(found)), media_type="application/json")


def shape(found: list[BucketStatus]) -> QuotaStatus:
    """The public shape of the buckets' states."""
    return QuotaStatus(msgspec.convert(found, list[BucketQuota], from_attributes=True))
