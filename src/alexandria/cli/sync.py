"""`alexandria sync`: the mirror brought up to what Open Library has now."""

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import typer

from alexandria.cli.progress import Bar, Rate
from alexandria.cli.running import tell_wait
from alexandria.cli.screen import Json, note, say, show_json
from alexandria.config import Settings, read_settings
from alexandria.db import Database, connect, database, require_current

if TYPE_CHECKING:  # it brings the HTTP client, which takes its time
    from alexandria.mirror.behind import Gap
    from alexandria.sync.follow import Followed, Progress

app = typer.Typer(no_args_is_help=True, help="Follow what changes at Open Library between its dumps.")


@app.callback()
def describe() -> None:
    """Follow what changes at Open Library between its dumps."""


@app.command("changes")
def follow_changes(json: Json = False) -> None:
    """Bring the mirror up to date: read what changed since the last time, fetch it, apply it.

    As often as you like, and beside the schedule. What could not be read is told, and is a gap until it can be, or
    until the next dump.
    """
    settings = read_settings()
    with database(settings, tell_wait) as url:
        with connect(url) as connection:
            require_current(connection)
        with FollowProgress() as progress:
            done = asyncio.run(_follow(settings, url, progress))
    show_json(done) if json else _show(done)


async def _follow(settings: Settings, url: str, progress: "FollowProgress") -> "Followed":
    from alexandria.wiring import make_services  # here: it brings the HTTP client, which takes its time

    pool = Database(url, max_size=4, prepared=settings.pooler == "none", timeout_ms=60_000)
    await pool.open()
    services = make_services(settings, pool)
    try:
        return await services.follow(progress)
    finally:
        await services.close()
        await pool.close()


class FollowProgress(Bar):
    """Told by a run where it is."""

    def __init__(self) -> None:
        super().__init__("starting")
        self._rate = Rate()

    def __call__(self, progress: "Progress") -> None:
        rate = self._rate.add(progress.fetched)
        self.show(progress.stage, progress.fetched, 0, f"{progress.fetched:,} records, {rate:,.0f}/s")


def _show(done: "Followed") -> None:
    if done.since and done.until:
        say(f"changes from {_shown(done.since)} to {_shown(done.until)} UTC")
    say(f"{done.changesets:,} changesets on {done.pages:,} pages; {done.fetched:,} records fetched")
    say(f"{done.applied:,} applied, {done.known:,} were known; {done.enqueued:,} jobs enqueued; {done.seconds:,.1f} s")
    if done.gaps_closed:
        say(f"{done.gaps_closed:,} gaps closed")
    if done.vain:
        note(f"{done.vain:,} records could not be had; they are tried again the next time")
    for gap in done.gaps:
        note(f"gap from {_shown(gap.since)} to {_shown(gap.until)}{_part(gap)}: {gap.reason}")


def _part(gap: "Gap") -> str:
    """What of the time is missing."""
    who = {True: "by bots", False: "by people", None: None}[gap.bot]
    return f" ({' '.join(filter(None, (gap.kind, who)))})" if gap.kind or who else ""


def _shown(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}"
