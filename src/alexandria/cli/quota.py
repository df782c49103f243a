"""`alexandria quota`: what was used of the providers' allowances, and what it brought."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from alexandria.cli.running import tell_wait
from alexandria.cli.screen import Json, note, say, show_json, show_table
from alexandria.config import Settings, read_settings
from alexandria.db import Database, connect, database, require_current
from alexandria.errors import BadInput
from alexandria.quota.status import BucketStatus, Usage, read_status, read_usage

if TYPE_CHECKING:
    from alexandria.quota.policy import Policy

app = typer.Typer(no_args_is_help=True, help="See what was used of the providers' allowances.")
Got = TypeVar("Got")


@app.command("status")
def show_status(json: Json = False) -> None:
    """Show limit, use, what is left by lane, the next reset, the last refusals and the breaker of every bucket."""
    settings = read_settings()
    policies = _policies(settings)
    found = _run(settings, lambda pool: read_status(pool, policies))
    if json:
        show_json({"buckets": found})
        return
    _show_buckets(found)
    _show_lanes(found)
    _show_refusals(found)


@app.command("report")
def show_report(
    hours: Annotated[int, typer.Option(min=1, max=24 * 366, help="How many hours back.")] = 24,
    bucket: Annotated[str | None, typer.Option(help="Only this bucket, such as isbndb.")] = None,
    json: Json = False,
) -> None:
    """Show units spent and items found for them, by kind of request and hour."""
    settings = read_settings()
    known = sorted(_policies(settings))
    if bucket is not None and bucket not in known:
        raise BadInput("bucket", f"there is none of that name, only {', '.join(known)}")
    found = _run(settings, lambda pool: read_usage(pool, hours, bucket))
    if json:
        show_json({"hours": hours, "usage": found})
    elif found:
        _show_usage(found)
    else:
        note(f"nothing was asked in the last {hours} hours")


def _policies(settings: Settings) -> "Mapping[str, Policy]":
    from alexandria.covers.hosts import bucket_policies  # here, so that other commands start without all of it

    return bucket_policies(settings)


def _run(settings: Settings, ask: Callable[[Database], Awaitable[Got]]) -> Got:
    """What the question gives, asked of the database of these settings."""

    async def answer(url: str) -> Got:
        pool = Database(url, max_size=1, prepared=settings.pooler == "none")
        await pool.open()
        try:
            return await ask(pool)
        finally:
            await pool.close()

    with database(settings, tell_wait) as url:
        with connect(url) as connection:
            require_current(connection)
        return asyncio.run(answer(url))


def _show_buckets(found: list[BucketStatus]) -> None:
    heads = ("bucket", "rate/s", "limit", "buffer", "used", "left", "resets", "breaker")
    rows = [
        (
            each.bucket,
            each.rate,
            "none" if each.limit is None else f"{each.limit:,}",
            each.buffer,
            each.used,
            "" if each.remaining is None else f"{each.remaining:,}",
            _shown(each.resets_at),
            _breaker(each),
        )
        for each in found
    ]
    show_table("Buckets", heads, rows)
    for each in found:
        if each.provider_limit is not None:
            say(f"{each.bucket}: by the provider's own count only {each.provider_limit:,} units can be used today")
        if each.blocked_until:
            say(f"{each.bucket}: the provider asks us to wait until {_shown(each.blocked_until)}")


def _breaker(bucket: BucketStatus) -> str:
    state = bucket.breaker
    if state.state == "closed":
        return f"closed, {state.failures} failures" if state.failures else "closed"
    until = f" until {_shown(state.retry_at)}" if state.retry_at and state.state == "open" else ""
    return f"{state.state}{until}: {state.reason}"


def _show_lanes(found: list[BucketStatus]) -> None:
    rows = [
        (each.bucket, lane, status.used, "" if status.remaining is None else f"{status.remaining:,}")
        for each in found
        for lane, status in each.lanes.items()
        if status.used or each.limit is not None
    ]
    show_table("Lanes", ("bucket", "lane", "used", "left now"), rows)


def _show_refusals(found: list[BucketStatus]) -> None:
    rows = [
        (each.bucket, refusal.lane, refusal.count, refusal.reason, _shown(refusal.at))
        for each in found
        for refusal in each.refusals
    ]
    if rows:
        show_table("Refused", ("bucket", "lane", "times", "last reason", "last time"), rows)


def _show_usage(found: list[Usage]) -> None:
    heads = ("hour", "bucket", "kind", "requests", "failed", "units", "asked for", "found", "found per unit")
    rows = [
        (
            _shown(each.hour),
            each.bucket,
            each.kind,
            each.requests,
            each.failures,
            each.units,
            each.items,
            "" if each.found is None else f"{each.found:,}",
            "" if each.found_per_unit is None else f"{each.found_per_unit:,.2f}",
        )
        for each in found
    ]
    show_table("Requests", heads, rows)


def _shown(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
