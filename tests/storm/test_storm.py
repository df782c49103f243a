"""A storm of a few seconds: everything runs, is used and is killed, and nothing is broken; and what is, is seen."""

import json
from pathlib import Path

import pytest

from storm import __main__ as program
from storm import report
from storm.checks import Check
from storm.killer import KINDS, Kill
from storm.plan import Plan, Progress, read_progress, write_progress
from storm.report import Outcome, storm_outcome
from storm.run import failures, isbns_from, run_storm

pytestmark = pytest.mark.slow


def progress(**members: object) -> Progress:
    kills = [Kill("worker-1", 1.0, 4.0), Kill("postgresql", 2.0, 2.0)]
    given = {"kills": kills, "lookups": {"200": 9, "503": 1}, "seconds": 60.0, "enqueued": 600, **members}
    return Progress(Plan(jobs=600), 1, [2], **given)  # type: ignore[arg-type]


@pytest.mark.slow
def test_a_short_storm(open_dir: Path, request: pytest.FixtureRequest) -> None:
    jobs = request.config.getoption("--jobs")
    few = len(KINDS)
    plan = Plan(jobs=jobs or 40, workers=2, apis=1, every=0.5, lease=5.0, pages=1, kills=few, most_kills=few)
    seen, checks = run_storm(open_dir / "storm", plan)
    assert [check for check in checks if check.broken] == []
    assert {kill.kind for kill in seen.kills} == set(KINDS)
    assert seen.enqueued == plan.jobs
    assert seen.lookups["200"] > 10
    assert seen.writes["201"] > 10
    assert len(checks) > 20


def test_a_storm_goes_on_where_it_was(tmp_path: Path) -> None:
    assert read_progress(tmp_path) is None
    write_progress(tmp_path, progress())
    assert read_progress(tmp_path) == progress()


def test_what_is_broken_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    late = progress(kills=[Kill("api-1", 1.0, 3.0), Kill("api-2", 2.0, None)], lookups={"200": 3, "500": 2})
    outcome = report.dated(storm_outcome(late, [Check("all is well", 0), Check("nothing is lost", 2, "9780140328721")]))
    page = tmp_path / "page.md"
    page.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n")
    report.write_outcome(outcome, tmp_path)
    report.write_page(page, tmp_path)
    text = page.read_text()
    assert "| nothing is lost | **no**: 2 times, such as `9780140328721` |" in text
    assert "| all is well | yes |" in text
    assert "old" not in text
    assert [figure.name for figure in outcome.figures if figure.met is False] == [
        "api: recovery",
        "answers 5xx, other than 503",
    ]
    assert json.loads((tmp_path / "storm.json").read_text())["checks"][1]["broken"] == 2


def test_a_page_keeps_what_it_says_of_runs_without_results(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"{report.BEGIN}\n<!-- alerts -->\n## Alerts\n{report.END}\n")
    report.write_outcome(report.dated(storm_outcome(progress(), [])), tmp_path)
    report.write_page(page, tmp_path)
    first, second = page.read_text().split("<!-- alerts -->")
    assert "<!-- storm -->\n## A storm: 600 jobs" in first
    assert second == f"\n## Alerts\n\n{report.END}\n"


def test_only_failures_of_ours_are_failures() -> None:
    assert failures({"200": 1, "404": 1, "503": 9, "429": 1, "500": 2, "no answer": 3}) == {"500": 2}


def test_isbns_are_valid_and_different() -> None:
    found = isbns_from(2_000, 500)
    assert len(set(found)) == 500
    assert all(9_780_000_000_000 < isbn < 9_800_000_000_000 for isbn in found)


def test_the_options() -> None:
    options = program.parse(["--jobs", "50", "--every", "3"])
    assert (options.jobs, options.every, options.fresh, options.page) == (50, 3.0, False, False)


def test_outcomes_are_read_as_they_were_written(tmp_path: Path) -> None:
    outcome = storm_outcome(progress(), [])
    path = report.write_outcome(outcome, tmp_path)
    assert isinstance(outcome, Outcome)
    assert "200: 9" in path.read_text()
