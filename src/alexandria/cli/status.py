"""`alexandria status`: how things stand, in a few lines."""

from collections.abc import Sequence

from alexandria.cli.pool import on_database
from alexandria.cli.screen import Json, one_line, say, show_json
from alexandria.config import read_settings
from alexandria.db import Database
from alexandria.ops.alerts import Alert, open_alerts
from alexandria.ops.freshness import Freshness, read_freshness
from alexandria.ops.ticks import Entry, list_entries
from alexandria.queue.status import KindCounts, count_dead, counts

HOUR, DAY = 3_600.0, 86_400.0


def status(json: Json = False) -> None:
    """Show what is wrong, how far the mirror is behind Open Library, what waits in the queue, how the schedule went."""
    found = on_database(read_settings(), _read)
    freshness, kinds, dead, schedule, alerts = found
    if json:
        show_json(
            {
                "mirror_age": freshness.mirror_age,
                "changes_lag": freshness.changes_lag,
                "gaps": freshness.gaps,
                "behind": freshness.behind,
                "queue": {each.kind: {"pending": each.pending, "running": each.running} for each in kinds},
                "dead": dead,
                "schedule": schedule,
                "alerts": alerts,
            }
        )
        return
    _say_alerts(alerts)
    _say_freshness(freshness)
    _say_queue(kinds, dead)
    _say_schedule(schedule)


async def _read(db: Database) -> tuple[Freshness, list[KindCounts], dict[str, int], list[Entry], list[Alert]]:
    queue = await counts(db), await count_dead(db)
    return await read_freshness(db), *queue, await list_entries(db), await open_alerts(db)


def _say_alerts(alerts: Sequence[Alert]) -> None:
    if not alerts:
        say("alerts: nothing is wrong")
    for each in alerts:
        say(one_line(f"{each.severity.upper()} {each.rule} ({each.subject}): {each.summary}"))


def _say_freshness(found: Freshness) -> None:
    if found.mirror_age is None:
        say("mirror: nothing is loaded yet")
    else:
        say(f"mirror: its dump is {_spoken(found.mirror_age)} old")
    lag = "never read" if found.changes_lag is None else f"read {_spoken(found.changes_lag)} ago"
    say(f"changes: {lag}, {found.gaps:,} gaps, {found.behind:,} records known to have changed")


def _say_queue(kinds: Sequence[KindCounts], dead: dict[str, int]) -> None:
    pending, running = sum(each.pending for each in kinds), sum(each.running for each in kinds)
    say(f"queue: {pending:,} jobs wait, {running:,} run, {sum(dead.values()):,} are dead")


def _say_schedule(entries: Sequence[Entry]) -> None:
    paused = [each.name for each in entries if each.is_paused]
    wrong = [f"{each.name} ({each.error})" for each in entries if each.error]
    say(f"schedule: {len(entries)} things" + (f", paused: {', '.join(paused)}" if paused else ""))
    for each in wrong:
        say(f"  did not go well: {each}")


def _spoken(seconds: float) -> str:
    """A length of time as a person reads it."""
    if seconds < 2 * HOUR:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / HOUR:.0f} h" if seconds < 2 * DAY else f"{seconds / DAY:.0f} days"
