"""`alexandria covers`: search for covers now, see what is left to do, compare the database with the store."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from alexandria.biblio.isbn import parse_isbn
from alexandria.cli.pool import on_database
from alexandria.cli.progress import Bar, Rate
from alexandria.cli.screen import FAILED, Json, note, say, show_json, show_table, size
from alexandria.config import Settings, read_settings
from alexandria.db import Database

if TYPE_CHECKING:
    from alexandria.covers.check import Report
    from alexandria.queue.status import KindCounts

app = typer.Typer(no_args_is_help=True, help="Search for covers, see what is left to do, check the store.")
POOL = 8  # connections
LOOK = 0.5  # seconds between two looks at the queue
SHOWN = 10  # lines of a list that people see; with --json all

Isbns = Annotated[
    list[str] | None, typer.Argument(metavar="[ISBN]...", help="Only these, even if they have one.", show_default=False)
]


@app.command("run")
def run_searches(
    isbns: Isbns = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many to search for at the most.")] = 2_000,
    json: Json = False,
) -> None:
    """Search for covers until no search is due: those asked for already, and editions that have none.

    Works beside any number of workers. Searches that have to wait for a provider stay in the queue.
    """
    from alexandria.covers.backlog import Backlog, ask_for, count_backlog, sweep

    settings, wanted = read_settings(), [parse_isbn(text) for text in isbns or ()]

    async def work(pool: Database) -> tuple[Backlog, Backlog]:
        before = await count_backlog(pool)
        await (ask_for(pool, wanted, again=True) if wanted else sweep(pool, limit))
        await _work(settings, pool)
        return before, await count_backlog(pool)

    before, after = on_database(settings, work, connections=POOL)
    if json:
        show_json({"before": before, "after": after})
    else:
        say(f"{after.covers - before.covers:,} more covers, {after.covers:,} in all; {after.later:,} to be tried again")


@app.command("backlog")
def show_backlog(
    sweep: Annotated[bool, typer.Option("--sweep", help="Ask for searches now, as the schedule does.")] = False,
    json: Json = False,
) -> None:
    """Show how many covers there are, what was searched for in vain, and what is left to do."""
    from alexandria.covers.backlog import Backlog, count_backlog
    from alexandria.covers.backlog import sweep as ask_for_more

    async def work(pool: Database) -> tuple[int, Backlog]:
        return (await ask_for_more(pool) if sweep else 0), await count_backlog(pool)

    asked, found = on_database(read_settings(), work, connections=POOL)
    if json:
        show_json({"asked_for": asked, **{name: getattr(found, name) for name in found.__slots__}})
        return
    rows = [
        ("covers", found.covers),
        ("different pictures", found.pictures),
        ("nobody has one", found.missing),
        ("what there was is no cover", found.refused),
        ("somebody could not answer", found.later),
        ("to be searched for again now", found.due),
        ("never searched for", found.never),
    ]
    show_table("Covers", ("what", "editions"), rows)
    if sweep:
        note(f"asked for {asked:,} searches")


@app.command("check")
def check_store(
    delete: Annotated[bool, typer.Option("--delete", help="Delete pictures that no cover has.")] = False,
    repair: Annotated[bool, typer.Option("--repair", help="Search anew for covers whose pictures are gone.")] = False,
    json: Json = False,
) -> None:
    """Compare the covers in the database with the pictures in the store. Reads the whole store.

    Exit code 1 when pictures are missing and not repaired.
    """
    from alexandria.covers.check import check
    from alexandria.covers.service import make_store

    settings = read_settings()
    objects = make_store(settings)
    with Bar("reading the store") as bar:
        rate = Rate()

        def tell(done: int) -> None:
            bar.show("reading the store", done, 0, f"{done:,} objects, {rate.add(done):,.0f}/s")

        report = on_database(
            settings, lambda pool: check(pool, objects, delete=delete, repair=repair, tell=tell), connections=POOL
        )
    objects.close()
    if json:
        show_json(report)
    else:
        _show_report(report, delete, repair)
    if report.missing and not repair:
        raise typer.Exit(FAILED)


def _show_report(report: "Report", delete: bool, repair: bool) -> None:
    say(f"{report.pictures:,} pictures of covers, {report.objects:,} objects, {size(report.bytes)}")
    _show_some(f"{len(report.missing):,} pictures are missing", report.missing)
    _show_some(f"{len(report.orphans):,} objects belong to no cover", report.orphans)
    _show_some(f"{len(report.strange):,} objects are none of ours, and stay", report.strange)
    many = [f"{name}: {count:,} books, such as {isbn}" for name, (count, isbn) in report.many.items()]
    _show_some(f"{len(many):,} pictures are the cover of many books: placeholders?", many)
    if delete:
        say(f"deleted {report.deleted:,} objects")
    if repair:
        say(f"searching anew for {report.searched_again:,} covers")
    elif report.missing:
        note("`alexandria covers check --repair` searches for them anew")


def _show_some(title: str, lines: Sequence[str]) -> None:
    if lines:
        say(f"{title}:")
        for line in lines[:SHOWN]:
            say(f"  {line}")
        if len(lines) > SHOWN:
            say(f"  … and {len(lines) - SHOWN:,} more")


async def _work(settings: Settings, pool: Database) -> None:
    """Nothing; no search is due any more."""
    from alexandria.covers.pipeline import KIND
    from alexandria.covers.pool import Decoders, processors
    from alexandria.covers.service import make_covers
    from alexandria.queue.worker import Worker
    from alexandria.telemetry.log import configure_logs

    configure_logs()
    covers = make_covers(settings, pool, Decoders(processors()))
    worker = Worker(pool, [work for work in covers.works() if work.kind == KIND])
    running = asyncio.create_task(worker.run())
    try:
        with Bar("searching") as bar:
            await _watch(pool, KIND, bar, running)
        worker.stop()
        await running
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await covers.close()


async def _watch(pool: Database, kind: str, bar: Bar, running: "asyncio.Task[None]") -> None:
    """Nothing; none is due and none runs, or the worker has ended."""
    from alexandria.queue.status import counts

    rate, most = Rate(), 0
    while not running.done():
        found = next((each for each in await counts(pool) if each.kind == kind), None)
        left = _left(found)
        most = max(most, left)
        bar.show("searching", most - left, most, f"{most - left:,} of {most:,}, {rate.add(most - left):,.1f}/s")
        if found is None or (found.running == 0 and found.due_since is None):
            return
        await asyncio.sleep(LOOK)


def _left(found: "KindCounts | None") -> int:
    return found.pending + found.running if found else 0
