"""`alexandria queue`: how the jobs stand, and what an operator does to them."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer

from alexandria.cli.pool import on_database
from alexandria.cli.progress import Bar
from alexandria.cli.screen import FAILED, Json, note, one_line, say, show_json, show_table
from alexandria.config import read_settings
from alexandria.db import Database
from alexandria.errors import BadInput
from alexandria.queue import manage
from alexandria.queue.entities import show_entity
from alexandria.queue.status import ACTIVE, FINISHED, JobStatus, KindCounts, State, count_dead, counts, list_jobs

app = typer.Typer(no_args_is_help=True, help="See and manage the jobs that wait, run and failed.")
STATES = (*ACTIVE, *FINISHED)
IDLE = 30.0  # seconds without progress after which `drain` says that no worker may be running

Ids = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Ids of jobs.", show_default=False)]
KindName = Annotated[str | None, typer.Option("--kind", help="Only jobs of this kind, such as edition.")]


@app.command("status")
def show_status(json: Json = False) -> None:
    """Show how many jobs of each kind wait, run and failed, and how fast they end."""
    kinds, dead = on_database(read_settings(), _read_status)
    if json:
        show_json({"kinds": [{**_members(each), "dead_in_all": dead.get(each.kind, 0)} for each in kinds]})
        return
    heads = (
        "kind",
        "waiting",
        "running",
        "due since",
        "next at",
        "done/min",
        "found",
        "unknown",
        "died",
        "dead in all",
    )
    rows = [
        (
            each.kind,
            each.pending,
            each.running,
            _shown(each.due_since),
            _shown(each.next_at),
            (each.completed + each.not_found + each.dead) / 10,
            each.completed,
            each.not_found,
            each.dead,
            dead.get(each.kind, 0),
        )
        for each in kinds
    ]
    show_table("Queue (rates: the last ten minutes)", heads, rows)


async def _read_status(db: Database) -> tuple[list[KindCounts], dict[str, int]]:
    return await counts(db), await count_dead(db)


@app.command("list")
def show_jobs(
    state: Annotated[str | None, typer.Option(help=f"Only these: {', '.join(STATES)}, or failed.")] = None,
    kind: KindName = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 50,
    json: Json = False,
) -> None:
    """List jobs: those that wait or run, the oldest first; finished ones, the newest first."""
    states = _states(state)
    jobs = on_database(read_settings(), lambda db: list_jobs(db, states, kind, limit))
    if json:
        show_json({"jobs": [_job(job) for job in jobs]})
        return
    heads = ("id", "kind", "key", "lane", "priority", "state", "tries", "made", "due or ended", "error")
    rows = [
        (
            job.id,
            job.kind,
            show_entity(job.kind, job.key),
            job.lane,
            job.priority,
            job.state,
            job.attempts,
            _shown(job.created_at),
            _shown(job.finished_at or job.run_at),
            one_line(job.error or ""),
        )
        for job in jobs
    ]
    show_table("Jobs", heads, rows)


def _states(text: str | None) -> tuple[State, ...]:
    if text is None:
        return ACTIVE
    if text == "failed":
        return ("not_found", "dead")
    if text not in STATES:
        raise BadInput("state", f"must be one of {', '.join(STATES)}, failed")
    return (text,)


@app.command("retry")
def retry_jobs(
    ids: Ids = None,
    dead: Annotated[bool, typer.Option("--dead", help="All dead jobs.")] = False,
    kind: KindName = None,
    json: Json = False,
) -> None:
    """Run failed jobs again, or at once those that wait for their time: by id, or all dead ones."""
    chosen = _chosen(ids, dead, kind, "--dead")
    if chosen:
        done = len(on_database(read_settings(), lambda db: manage.retry(db, chosen)))
    else:
        done = on_database(read_settings(), lambda db: _sum("retrying", manage.retry_dead(db, kind)))
    _tell(done, len(chosen), "due now", "finished well, running, active under another id, or unknown", json)


@app.command("drop")
def drop_jobs(
    ids: Ids = None,
    all_waiting: Annotated[bool, typer.Option("--all", help="All jobs that no worker has.")] = False,
    kind: KindName = None,
    json: Json = False,
) -> None:
    """End jobs undone that no worker has: by id, or all of them. They can be retried."""
    chosen = _chosen(ids, all_waiting, kind, "--all")
    if chosen:
        done = len(on_database(read_settings(), lambda db: manage.drop(db, chosen)))
    else:
        done = on_database(read_settings(), lambda db: _sum("dropping", manage.drop_waiting(db, kind)))
    _tell(done, len(chosen), "dropped", "running, finished, or unknown", json)


def _chosen(ids: list[str] | None, everything: bool, kind: str | None, option: str) -> list[UUID]:
    """The ids that are named; none for all. Raises BadInput."""
    if bool(ids) == everything:
        raise BadInput("id", f"name jobs by their ids, or say {option}")
    if ids and kind:
        raise BadInput("kind", f"goes with {option}, not with ids")
    return [_id(text) for text in ids or ()]


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise BadInput("id", f"{text[:50]!r} is not the id of a job: see `alexandria queue list`") from None


async def _sum(stage: str, numbers: AsyncIterator[int]) -> int:
    total = 0
    with Bar(stage) as bar:
        async for number in numbers:
            total += number
            bar.show(stage, total, 0, f"{total:,} jobs")
    return total


def _tell(done: int, asked: int, what: str, others: str, json: bool) -> None:
    if json:
        show_json({"jobs": done})
    else:
        say(f"{done:,} jobs {what}")
        if asked > done:
            note(f"{asked - done:,} others are {others}")
    if done < asked:
        raise typer.Exit(FAILED)


@app.command("drain")
def drain(
    seconds: Annotated[float, typer.Option("--timeout", min=0, help="Give up after so many seconds; 0: never.")] = 0,
    json: Json = False,
) -> None:
    """Wait until no job runs or could run; exit code 1 when that takes too long. Workers must run meanwhile."""
    left, later = on_database(read_settings(), lambda db: _drain(db, seconds))
    if json:
        show_json({"left": left, "waiting": later})
    elif left:
        note(f"gave up after {seconds:.0f} s: {left:,} jobs are left")
    else:
        say("nothing is left to do now" + (f"; {later:,} jobs wait for their time" if later else ""))
    if left:
        raise typer.Exit(FAILED)


async def _drain(db: Database, seconds: float) -> tuple[int, int]:
    """How many jobs run or could run at the end, and how many wait for their time."""
    begun = changed = time.monotonic()
    first = last = -1
    with Bar("draining") as bar:
        while True:
            kinds = await counts(db)
            left = sum(each.running + (each.pending if each.due_since else 0) for each in kinds)
            later = sum(each.pending for each in kinds if not each.due_since)
            now = time.monotonic()
            if left == 0 or (seconds and now - begun >= seconds):
                return left, later
            first = max(first, left)
            if left != last:
                last, changed = left, now
            stuck = f", none ended for {now - changed:.0f} s: does a worker run?" if now - changed > IDLE else ""
            bar.show("draining", first - left, first, f"{left:,} jobs left{stuck}")
            await asyncio.sleep(0.5)


def _members(each: KindCounts) -> dict[str, object]:
    return {name: getattr(each, name) for name in KindCounts.__slots__}


def _job(job: JobStatus) -> dict[str, object]:
    members = {name: getattr(job, name) for name in JobStatus.__slots__}
    return {**members, "key": show_entity(job.kind, job.key), "status": job.status}


def _shown(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}" if moment else ""
