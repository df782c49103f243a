"""A short day of a provider, as `make bench-long` measures a whole one: used up, never exceeded, nothing doubled."""

from bench.harvest_day import Day, run_day
from bench.harvest_truth import Duplicates

SHORT = Day(
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
    brief=True,
)


def test_a_short_day(database_url: str) -> None:
    outcome = run_day(database_url, SHORT)
    assert outcome.violations == 0
    assert outcome.refused_429 == 0
    assert SHORT.allowance - SHORT.batch < outcome.units <= SHORT.allowance
    assert outcome.charged <= SHORT.allowance
    assert outcome.lookups_refused == 0
    assert (outcome.authors.done, outcome.authors.failed) == (10, 0)
    assert outcome.releases.new >= 80

    assert outcome.duplicates == Duplicates(0, 0, 0)
    assert outcome.editions > 5 * outcome.units
