"""A short day of a provider, as `make bench-long` measures a whole one: used up, never exceeded, nothing doubled."""

from bench.harvest import MORNING, QUICK, figures
from bench.harvest_day import run_day
from bench.harvest_truth import Duplicates


def test_a_short_day(database_url: str) -> None:
    outcome = run_day(database_url, QUICK)
    assert outcome.violations == 0
    assert outcome.refused_429 == 0
    assert QUICK.allowance - QUICK.batch < outcome.units <= QUICK.allowance
    assert outcome.charged <= QUICK.allowance
    assert outcome.lookups_refused == 0
    assert (outcome.authors.done, outcome.authors.failed) == (10, 0)
    assert outcome.releases.new >= 80
    assert outcome.duplicates == Duplicates(0, 0, 0)
    assert outcome.editions > 5 * outcome.units
    assert {figure.name for figure in figures(QUICK, outcome)} >= {"units used", "violations", "works doubled"}


def test_a_queue_of_a_whole_day_at_its_start_leaves_the_harvest_its_own(database_url: str) -> None:
    """A hundredth of a day: 130 units, 200 editions queued before 10 authors and a month; nothing else falls free."""
    outcome = run_day(database_url, MORNING)
    assert (outcome.authors.done, outcome.authors.failed) == (10, 0)
    assert outcome.releases.state == "done"
    assert outcome.lookups_refused == 0
    assert outcome.units <= MORNING.allowance * 0.8 + MORNING.lookups + 1  # people's share is still there
    assert outcome.violations == 0
