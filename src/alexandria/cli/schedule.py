"""`alexandria schedule`: what runs when, what came of it, and running or pausing it by hand."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from alexandria.cli.pool import on_database
from alexandria.cli.screen import Json, one_line, say, show_json, show_table
from alexandria.config import read_settings
from alexandria.ops import ticks
from alexandria.ops.ticks import Entry

app = typer.Typer(no_args_is_help=True, help="See what runs by schedule, run it now, pause it.")
Name = Annotated[str, typer.Argument(help="The name in `alexandria schedule list`.", show_default=False)]


@app.command("list")
def show_schedule(json: Json = False) -> None:
    """List what runs by schedule (UTC): last run, how it ended, how long it took, next run."""
    entries = on_database(read_settings(), ticks.list_entries)
    if json:
        show_json({"schedule": entries})
        return
    heads = ("name", "when", "what", "last run", "ended", "seconds", "next run")
    show_table("Schedule (UTC)", heads, [_row(entry) for entry in entries])


def _row(entry: Entry) -> tuple[object, ...]:
    ended = entry.outcome or ("too long ago to be known" if entry.last_at else "never ran")
    return (
        entry.name,
        entry.expression,
        entry.about,
        _shown(entry.last_at),
        one_line(f"{ended}: {entry.error}" if entry.error else ended),
        "" if entry.seconds is None else f"{entry.seconds:,.1f}",
        "paused" if entry.is_paused else _shown(entry.next_at),
    )


def _shown(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}" if moment else ""


@app.command("run")
def run_now(name: Name, json: Json = False) -> None:
    """Run something now: a worker does it. The job that is under way already is not started twice."""
    job_id = on_database(read_settings(), lambda db: ticks.fire(db, name))
    show_json({"job_id": job_id}) if json else say(f"{name}: job {job_id}")


@app.command("pause")
def pause(
    name: Name,
    resume: Annotated[bool, typer.Option("--resume", help="Let it run again; nothing is made up for.")] = False,
    json: Json = False,
) -> None:
    """Let something run no more by schedule, until it is resumed; by hand it still does."""
    on_database(read_settings(), lambda db: ticks.pause(db, name, paused=not resume))
    show_json({"name": name, "paused": not resume}) if json else say(
        f"{name} {'runs again' if resume else 'is paused'}"
    )
