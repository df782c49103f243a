"""`alexandria harvest`: bibliographies of authors and new releases, collected within the day's share."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

import typer

from alexandria.biblio.keys import format_key, parse_key
from alexandria.cli.pool import on_database
from alexandria.cli.screen import Json, note, say, show_json, show_table
from alexandria.config import Settings, read_settings
from alexandria.db import Database
from alexandria.errors import BadInput
from alexandria.harvest import campaign, plan
from alexandria.harvest.ask import BUCKET, author_named, author_numbered, cost_of
from alexandria.harvest.campaign import Started, Status
from alexandria.harvest.plan import TIERS, Cost, Parameters
from alexandria.quota.policy import make_policies

app = typer.Typer(no_args_is_help=True, help="Collect bibliographies of authors and new releases.")
Got = TypeVar("Got")
PATIENCE_MS = 600_000  # ranking the authors of a whole mirror takes minutes

Pages = Annotated[int, typer.Option("--max-pages", help="Pages of 100 editions, of each author or month.")]
Again = Annotated[bool, typer.Option("--again", help="Also what was fetched before: its answers are replaced.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what it would cost.")]
Id = Annotated[int, typer.Argument(metavar="ID", help="The campaign's number.", min=1, max=2**62)]


@app.command("authors")
def harvest_authors(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[AUTHOR]...", help="Keys or names.", show_default=False)
    ] = None,
    tier: Annotated[str | None, typer.Option(help=f"All authors of a tier: {', '.join(TIERS)}.")] = None,
    max_pages: Pages = plan.PAGES_OF_AUTHOR,
    again: Again = False,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Fetch the books of authors, of a tier or by name: a campaign that workers carry out."""
    if bool(names) == bool(tier):
        raise BadInput("author", "name authors, or a tier with --tier")

    async def ask(database: Database) -> Parameters:
        numbers = [await _number(database, name) for name in names or ()]
        return plan.authors(tier, numbers, max_pages, not again)

    if tier:
        plan.authors(tier, (), max_pages)  # what is wrong is said before a database is opened
    _run(ask, dry_run, json)


@app.command("releases")
def harvest_releases(
    first: Annotated[str, typer.Option("--from", help="The first month, such as 2026-10.")],
    last: Annotated[str | None, typer.Option("--to", help="The last month; without it the first one.")] = None,
    subject: Annotated[list[str] | None, typer.Option(help="Only about this; may be given several times.")] = None,
    max_pages: Pages = plan.PAGES_OF_MONTH,
    again: Again = False,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Fetch what was published in some months, the newest first: a campaign that workers carry out."""
    about = plan.releases(first, last or first, max_pages, subject or (), not again, field="max_pages")

    async def ask(database: Database) -> Parameters:
        return about

    _run(ask, dry_run, json)


@app.command("status")
def show_status(
    id: Annotated[
        int | None, typer.Argument(metavar="[ID]", help="Only this campaign, with what failed.", show_default=False)
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="At most so many.")] = 20,
    json: Json = False,
) -> None:
    """Show campaigns, the newest first: units, pages, editions, authors done and failed, rate, time that is left."""
    if id is None:
        found = on_database(read_settings(), lambda database: campaign.list_campaigns(database, limit))
    else:
        found = [on_database(read_settings(), lambda database: campaign.find_campaign(database, _bound(id)))]
    if json:
        show_json({"campaigns": found})
        return
    _show(found)
    for each in found:
        for failure in each.failures:
            key = format_key("author", failure.key) if each.kind == "authors" else failure.name
            say(f"{failure.state}: {key} {failure.name}: {failure.reason}")


@app.command("pause")
def pause(id: Id, json: Json = False) -> None:
    """Let a campaign go no further than the pages that are on their way."""
    _change(campaign.pause, id, "paused", json)


@app.command("resume")
def resume(id: Id, json: Json = False) -> None:
    """Let a paused campaign go on at the pages where it stopped; give one that runs whatever it lacks."""
    _change(campaign.resume, id, "goes on", json)


@app.command("cancel")
def cancel(id: Id, json: Json = False) -> None:
    """End a campaign for good. What was stored stays."""
    _change(campaign.cancel, id, "cancelled", json)


async def _number(database: Database, text: str) -> int:
    """The number of an author, by key or by name."""
    try:
        number = parse_key(text, "author").number
    except BadInput:
        return (await author_named(database, text, "author")).number
    return (await author_numbered(database, number, format_key("author", number))).number


def _run(ask: Callable[[Database], Awaitable[Parameters]], dry_run: bool, json: bool) -> None:
    settings = read_settings()

    async def work(database: Database) -> tuple[Parameters, Cost, Started | None]:
        about = await ask(database)
        cost = await _cost(database, settings, about, dry_run)
        return about, cost, None if dry_run else await campaign.start(database, about, "command")

    about, cost, begun = on_database(settings, work)
    if json:
        members: dict[str, Any] = {"title": plan.title_of(about), "cost": cost}
        show_json(members if begun is None else {"id": begun.id, "is_new": begun.is_new, **members})
        return
    _tell_cost(cost)
    if begun is None:
        say("nothing was started")
    else:
        say(f"campaign {begun.id}" + ("" if begun.is_new else ", which is under way already"))
        note(f"`alexandria harvest status {begun.id}` shows how far it is; workers carry it out")


async def _cost(database: Database, settings: Settings, about: Parameters, dry_run: bool) -> Cost:
    """What it costs; to start a tier nobody has to be ranked first."""
    if not dry_run and isinstance(about, plan.Authors) and about.tier:
        first, last = TIERS[about.tier]
        return plan.cost_of_tier(first, last, about.max_pages)
    policy = make_policies(settings.providers).get(BUCKET)
    by_isbn = settings.providers[BUCKET].batch_cost == "isbn"
    return await cost_of(database, about, policy, by_isbn=by_isbn)


def _tell_cost(cost: Cost) -> None:
    days = "" if cost.days is None else f", {cost.days:g} days of the share"
    say(f"{cost.steps:,} steps, {cost.units_least:,} to {cost.units_most:,} units{days}")
    if cost.editions is not None:
        apart = f"; one by one they would cost {cost.by_isbn:,} units" if cost.by_isbn else ""
        say(f"up to {cost.editions:,} editions{apart}")


def _change(change: Callable[[Database, int], Awaitable[None]], id: int, what: str, json: bool) -> None:
    async def work(database: Database) -> Status:
        await change(database, id)
        return await campaign.find_campaign(database, id)

    found = on_database(read_settings(), work)
    if json:
        show_json({"id": found.id, "state": found.state})
    else:
        say(f"campaign {id} {what}")


def _show(found: list[Status]) -> None:
    heads = ("id", "what", "state", "steps", "done", "failed", "skipped", "units", "pages", "new", "updated", "known",
             "units/min", "left", "why")  # fmt: skip
    rows = [
        (
            each.id,
            each.title,
            each.state,
            each.steps if each.is_planned else f"{each.steps:,}+",
            each.done,
            each.failed,
            each.skipped,
            each.units,
            each.pages,
            each.new,
            each.updated,
            each.known,
            each.units_per_minute,
            _left(each.eta_seconds),
            _why(each),
        )
        for each in found
    ]
    show_table("Campaigns", heads, rows)


def _why(each: Status) -> str:
    until = f", until {_shown(each.waits_until)}" if each.waits_until else ""
    return f"{each.reason or ''}{until}"


def _left(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return f"{seconds / 3600:.1f} h" if seconds >= 3600 else f"{seconds / 60:.0f} min"


def _shown(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _bound(id: int) -> int:
    """A number that a campaign can have."""
    return id if 0 < id < 2**62 else 0
