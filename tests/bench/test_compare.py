"""What got slower between two runs is told, and nothing else."""

from pathlib import Path

import msgspec
import pytest

from bench import compare, ratios, result
from bench.result import Figure, Result


def a_result(*figures: Figure, bench: str = "lookup") -> Result:
    return Result(bench=bench, title="Lookups", size=5, quick=False, command="make", figures=list(figures))


def rate(value: float, **others: object) -> Figure:
    return msgspec.structs.replace(Figure(name="rate", value=value, unit="lookups/s"), **others)


def taken(value: float, **others: object) -> Figure:
    return msgspec.structs.replace(Figure(name="p99", value=value, unit="ms"), **others)


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        (rate(100), rate(50), "slower"),
        (rate(100), rate(200), "faster"),
        (rate(100), rate(95), "as before"),
        (taken(10), taken(20), "slower"),
        (taken(20), taken(10), "faster"),
        (taken(20), taken(21), "as before"),
        (rate(100, low=40, high=120), rate(60, low=50, high=70), "as before"),  # rounds among one another
        (rate(100, low=90, high=120), rate(60, low=50, high=70), "slower"),
        (rate(100, ratio=0.8, ratio_to="pgbench"), rate(50, ratio=0.8, ratio_to="pgbench"), "as before"),
        (rate(100, ratio=0.8, ratio_to="pgbench"), rate(100, ratio=0.4, ratio_to="pgbench"), "slower"),
        (rate(100, ratio=0.8, ratio_to="pgbench"), rate(50, ratio=0.8, ratio_to="COPY"), "slower"),
        (rate(90, unit="%", goal="≥ 80"), rate(45, unit="%", goal="≥ 80"), "slower"),
    ],
)
def test_a_verdict(before: Figure, after: Figure, verdict: str) -> None:
    [change] = compare.compare([a_result(before)], [a_result(after)])
    assert change.verdict(compare.TOLERANCE) == verdict


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (a_result(rate(100)), a_result(taken(100))),  # another figure
        (a_result(rate(100)), a_result(rate(50), bench="batch")),  # another bench
        (a_result(rate(100)), a_result(Figure(name="rate", value=None, unit="lookups/s"))),  # skipped
        (a_result(Figure(name="n", value=1, unit="rows")), a_result(Figure(name="n", value=9, unit="rows"))),
    ],
)
def test_what_cannot_be_compared_is_left_out(before: Result, after: Result) -> None:
    assert list(compare.compare([before], [after])) == []


def test_folders_and_files_are_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    path = result.write_result(old, a_result(rate(100), taken(10)))
    slower = result.write_result(new, a_result(rate(50), taken(10)))
    for arguments in ([old, new], [path, slower], [old, slower]):
        assert compare.main(list(map(str, arguments))) == 1
        told = capsys.readouterr().out
        assert "2 figures are in both; 1 got slower" in told
        assert "100.0 lookups/s" in told
        assert "p99" not in told
    assert compare.main([str(new), str(old)]) == 0
    assert compare.main([str(old), str(new), "--tolerance", "1.1"]) == 0


@pytest.mark.parametrize("content", [None, "", "{}", "no JSON"])
def test_what_is_no_result_is_told(tmp_path: Path, content: str | None, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "lookup-5.json"
    if content is not None:
        path.write_text(content)
    assert compare.main([str(path), str(tmp_path)]) == 2
    assert "lookup-5.json" in capsys.readouterr().err


def test_nothing_in_common_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = [result.write_result(tmp_path / bench, a_result(rate(1), bench=bench)) for bench in ("lookup", "batch")]
    assert compare.main(list(map(str, paths))) == 2
    assert "no bench of the same name and size" in capsys.readouterr().err


def test_the_picture_has_a_bar_for_each_ratio() -> None:
    shown = ratios.picture(
        [a_result(rate(9, ratio=0.5, ratio_to="a < b", met=False), taken(3), taken(8, ratio=2.0, ratio_to="pgbench"))]
    )
    assert shown.count('height="14"') == 2
    assert "0.50 × a &lt; b" in shown
    assert f'fill="{ratios.COLOURS[False]}"' in shown
