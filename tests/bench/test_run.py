"""What is kept of a run; the page is written between its markers."""

from pathlib import Path

import msgspec
import pytest

from bench import __main__ as program
from bench import report, result
from bench.result import Figure, Result
from tests.bench.running import bench_dir

__all__ = ["bench_dir"]


def test_a_bench_that_raises_is_told_and_keeps_nothing(
    bench_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail(size: int, quick: bool) -> Result:
        raise RuntimeError("no disk")

    monkeypatch.setattr("bench.generator.run", fail)
    assert program.main(["generator", "--quick", "--results", str(tmp_path)]) == 1
    assert "RuntimeError: no disk" in capfd.readouterr().out
    assert list(tmp_path.rglob("*.json")) == []


def a_result(**others: object) -> Result:
    figures = [
        Figure(name="rate", value=61_234.5, unit="editions/s", low=60_000, high=62_000, goal="≥ 60,000", met=True),
        Figure(name="other", value=None, unit="ms", goal="≤ 1", note="skipped: no tool"),
    ]
    made = Result(bench="load", title="Loading", size=5, quick=False, command="make", figures=figures, notes=["Why."])
    return msgspec.structs.replace(made, **others)


def test_the_page_is_rewritten_between_its_markers_only(tmp_path: Path) -> None:
    page = tmp_path / "benchmarks.md"
    page.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n")
    for _ in range(2):
        report.write_page(page, [a_result()])
    text = page.read_text()
    assert text.startswith(f"before\n{report.BEGIN}\n")
    assert text.endswith(f"{report.END}\nafter\n")
    assert "old" not in text
    assert text.count("| rate | 61,234 editions/s | 60,000–62,000 |  | ≥ 60,000 | yes |") == 1
    assert "| other (skipped: no tool) | – |  |  | ≤ 1 | not judged |" in text


def test_what_was_not_measured_again_stays_on_the_page(tmp_path: Path) -> None:
    page = tmp_path / "benchmarks.md"
    page.write_text(f"{report.BEGIN}\n{report.END}\n")
    report.write_page(page, [a_result(size=7, title="Larger"), a_result()])
    first = page.read_text()
    report.write_page(page, [a_result(title="Again")])
    assert page.read_text() == first.replace("## Loading,", "## Again,")
    report.write_page(page, [])
    assert page.read_text() == first.replace("## Loading,", "## Again,")


def test_every_measurement_that_is_kept_is_on_the_page() -> None:
    text = program.PAGE.read_text(encoding="utf-8")
    found = result.read_results(program.RESULTS)
    assert found
    for each in found:
        assert f"<!-- {each.bench}-{each.size} -->\n## {each.title}, {each.size:,} editions\n\n{each.date}, " in text


def test_the_real_page_has_the_markers() -> None:
    text = program.PAGE.read_text(encoding="utf-8")
    assert text.index(report.BEGIN) < text.index(report.END)


def test_quick_results_are_kept_apart(tmp_path: Path) -> None:
    result.write_result(tmp_path, a_result(quick=True))
    result.write_result(tmp_path, a_result(size=7))
    assert [found.size for found in result.read_results(tmp_path)] == [7]


def test_percentiles_are_of_the_values_themselves() -> None:
    values = list(range(1, 101))
    assert result.percentile(values, 0.5) == 50
    assert result.percentile(values, 0.95) == 95
    assert result.percentile([3.0], 0.99) == 3.0
