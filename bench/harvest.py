"""One provider day, simulated: a tier, a month of releases, editions queued all day and people who look up, by four
workers of which two are killed."""

from dataclasses import replace

from bench.catalogue import Catalogue
from bench.harvest_day import Day, Outcome, run_day
from bench.result import Figure, Result, command_of, figure

TITLE = "A provider day of harvesting"
DATABASE = "harvest"
LONG = Day(
    speed=60.0,  # 24 minutes
    daily=15_000,
    allowance=13_000,
    tier="top-1000",
    authors=1_100,
    queued=20_000,
    batch=250,
    lookups=500,
    workers=4,
    kills=2,
    month="1990-05",
    month_pages=10,
    early=20_000,
)
QUICK = Day(
    speed=25.0,
    daily=180,
    allowance=156,
    tier="top-10",
    authors=10,
    queued=300,
    batch=4,
    lookups=12,
    workers=2,
    kills=1,
    month="1990-05",
    month_pages=1,
    editions=60_000,
    begins=23.2,  # what is kept for others is free by then
    early=60,
    brief=True,
)
MORNING = replace(QUICK, daily=150, allowance=130, queued=200, early=200, lookups=3, kills=0, begins=0.0, flooded=True)


def run(size: int, quick: bool) -> Result:
    """The figures of a day; a quick run is its last hour, on a small scale."""
    day = QUICK if quick else LONG
    catalogue = Catalogue(size)
    with catalogue.server:
        url = catalogue.make_database(DATABASE)
        try:
            outcome = run_day(url, day)
        finally:
            catalogue.drop_database(DATABASE)
    return Result(
        bench="harvest",
        title=TITLE,
        size=size,
        quick=quick,
        command=command_of("harvest", size, quick),
        figures=figures(day, outcome),
        notes=[
            f"A day of ISBNdb's plan `premium` at {day.speed:g} times its speed: {day.daily:,} units, of which "
            f"{day.allowance:,} may be used, 3 requests a second, faults of eight kinds in {day.fault_share:.0%} of "
            f"the answers. {day.authors:,} authors in the mirror, each with two works; {day.queued:,} editions queued, "
            f"{day.early:,} of them when the day begins, {day.lookups:,} lookups of people; {day.workers} workers, "
            f"{day.kills} killed. "
            "Duplicates are counted against the simulator's truth. A brief run stops workers instead of killing them."
        ],
    )


def figures(day: Day, outcome: Outcome) -> list[Figure]:
    """What a day is judged by."""
    least = round(0.98 * day.allowance)
    doubled = outcome.duplicates
    used = outcome.units
    lanes = ", ".join(f"{lane} {units:,}" for lane, units in outcome.lanes.items())
    return [
        figure("authors done", [outcome.authors.done], "", goal="≥ 1,000", met=outcome.authors.done >= 1_000),
        figure("authors failed", [outcome.authors.failed], ""),
        figure("new releases stored", [outcome.releases.new], "editions", goal="≥ 100",
               met=outcome.releases.new >= 100),
        figure("editions enriched", [outcome.editions], "editions"),
        figure("units used", [used], f"of {day.allowance:,}", goal=f"≥ {least:,}", met=used >= least, note=lanes),
        figure("units that the provider charged", [outcome.charged], "units", goal=f"≤ {day.allowance:,}",
               met=outcome.charged <= day.allowance),
        figure("editions per unit", [outcome.editions / max(used, 1)], "editions"),
        figure("violations", [outcome.violations], "", goal="0", met=outcome.violations == 0),
        figure("answers 429", [outcome.refused_429], "", goal="0", met=outcome.refused_429 == 0),
        figure("lookups refused for lack of quota", [outcome.lookups_refused], f"of {day.lookups:,}", goal="0",
               met=outcome.lookups_refused == 0),
        figure("works doubled", [doubled.works], "", goal="0", met=doubled.works == 0),
        figure("works mixed", [doubled.mixed], "", goal="0", met=doubled.mixed == 0),
        figure("authors doubled", [doubled.authors], "", goal="0", met=doubled.authors == 0),
        figure("peak memory of a worker", [outcome.memory / 1e6], "MB"),
    ]  # fmt: skip
