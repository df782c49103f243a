"""`alexandria enqueue`: records that providers are to be asked about, by key, from a list or from a library's CSV."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from alexandria.cli.keylist import STDIN, Entry, opened, read_entries
from alexandria.cli.pool import on_database
from alexandria.cli.progress import Bar, Rate
from alexandria.cli.screen import FAILED, Json, note, say, show_json
from alexandria.config import read_settings
from alexandria.db import Database
from alexandria.errors import BadInput
from alexandria.queue.entities import ENTITIES, read_entity, show_entity
from alexandria.queue.job import NewJob, QueueFull
from alexandria.queue.store import offer

CHUNK = 1_000  # jobs in one transaction
SHOWN = 10  # refused keys that are told one by one to a person
KEPT = 1_000  # and to a program

Kind = Annotated[str, typer.Argument(metavar="KIND", help="edition, work or author.", show_default=False)]
Keys = Annotated[
    list[str] | None,
    typer.Argument(metavar="[KEY]...", help="ISBNs, or keys of works or authors; - reads a list.", show_default=False),
]
File = Annotated[Path | None, typer.Option(help="A list of keys, or a CSV with a column of them, such as Goodreads'.")]
Priority = Annotated[int, typer.Option(min=1, max=10, help="10 comes first.")]


@dataclass(slots=True)
class Refusal:
    """A key that is none, where it stands and why."""

    line: int
    key: str
    message: str


@dataclass(slots=True)
class Enqueued:
    """What became of a list: jobs that are new, those that were active already, rows without a key, wrong keys.

    `refusals` are the first of the wrong ones; `jobs` the ids by key, for keys on the command line.
    """

    kind: str
    new: int = 0
    active: int = 0
    without: int = 0
    refused: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    jobs: dict[str, UUID] = field(default_factory=dict)


def enqueue(kind: Kind, keys: Keys = None, file: File = None, priority: Priority = 5, json: Json = False) -> None:
    """Ask providers about records: a worker does it. What is under way already is not asked for twice."""
    if kind not in ENTITIES:
        raise BadInput("kind", f"must be one of {', '.join(ENTITIES)}")
    if bool(keys) == bool(file):
        raise BadInput("key", "name keys, or a list of them with --file (- reads standard input)")
    done = _from_arguments(kind, keys, priority) if keys and keys != [STDIN] else _from_list(kind, file, priority)
    if json:
        show_json(done)
    else:
        _tell(done)
    if not done.new + done.active:
        raise typer.Exit(FAILED)


def _from_arguments(kind: str, texts: list[str], priority: int) -> Enqueued:
    jobs = [NewJob(kind, read_entity(kind, text, "key"), priority) for text in texts]
    offered = on_database(read_settings(), lambda db: offer(db, jobs))
    done = Enqueued(kind)
    for job, each in {job.key: (job, each) for job, each in zip(jobs, offered, strict=True)}.values():
        done.jobs[show_entity(kind, job.key)] = each.id
        done.new += each.is_new
        done.active += not each.is_new
    return done


def _from_list(kind: str, file: Path | None, priority: int) -> Enqueued:
    done = Enqueued(kind)
    with opened(str(file or STDIN)) as text:
        on_database(read_settings(), lambda db: _enqueue(db, done, read_entries(text, kind), priority))
    return done


async def _enqueue(db: Database, done: Enqueued, entries: Iterable[Entry], priority: int) -> None:
    rate = Rate()
    jobs = _jobs(done, entries, priority)
    with Bar("enqueueing") as bar:
        while chunk := list(islice(jobs, CHUNK)):
            try:
                offered = {each.id: each for each in await offer(db, chunk)}
            except QueueFull:
                note(f"{done.new:,} of the list were enqueued; run the same again later for the others")
                raise
            fresh = sum(each.is_new for each in offered.values())
            done.new += fresh
            done.active += len(offered) - fresh
            total = done.new + done.active
            bar.show("enqueueing", total, 0, f"{total:,} jobs, {rate.add(total):,.0f}/s")


def _jobs(done: Enqueued, entries: Iterable[Entry], priority: int) -> Iterator[NewJob]:
    """The jobs of a list; what is none is noted."""
    for line, text in entries:
        if not text:
            done.without += 1
            continue
        try:
            yield NewJob(done.kind, read_entity(done.kind, text, "key"), priority)
        except BadInput as error:
            done.refused += 1
            if len(done.refusals) < KEPT:
                done.refusals.append(Refusal(line, text[:60], error.message))


def _tell(done: Enqueued) -> None:
    for key, job_id in done.jobs.items():
        say(f"{key}  {job_id}")
    say(f"{done.new:,} enqueued" + (f", {done.active:,} were under way already" if done.active else ""))
    if done.without:
        note(f"{done.without:,} rows have no key")
    for refusal in done.refusals[:SHOWN]:
        note(f"line {refusal.line}: {refusal.key}: {refusal.message}")
    if done.refused > SHOWN:
        note(f"and {done.refused - SHOWN:,} more keys were refused")
