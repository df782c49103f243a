"""Runs benches at their smallest size, and looks at what they say."""

from pathlib import Path

import msgspec
import pytest

from bench import __main__ as program
from bench import wrk
from bench.result import Result

PARTS = 3  # each in a file of its own, so that they run side by side


@pytest.fixture
def bench_dir(open_disk_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ALEXANDRIA_BENCH_DIR", str(open_disk_dir / "bench"))
    return open_disk_dir / "bench"


def check_part(part: int, folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Nothing; every third bench runs, on data of their own."""
    names = program.NAMES[part::PARTS]
    code = program.main([*names, "--quick", "--editions", "10000", "--results", str(folder), "--page"])
    output, errors = capfd.readouterr()
    assert code == 0, output + errors
    found = {path.stem: path.read_bytes() for path in (folder / "quick").glob("*.json")}
    assert set(found) == {f"{name}-10000" for name in names}
    for text in found.values():
        check(msgspec.json.decode(text, type=Result))
    assert "docs/benchmarks.md" not in errors, "quick results are no measurements"


def check(result: Result) -> None:
    assert result.quick
    assert result.failed == ""
    assert result.command.startswith(f".venv/bin/python -m bench {result.bench} ")
    assert result.date
    assert result.seconds > 0
    assert result.machine["processors"]
    assert result.versions["python"]
    assert result.bench == "generator" or result.settings["fsync"] == "on"
    assert result.notes or wrk.missing()
    assert result.figures
    for figure in result.figures:
        assert figure.met is None, "a quick run judges nothing"
        if figure.value is None:
            assert figure.note == f"skipped: {wrk.missing()}"
        else:
            assert figure.value >= 0
            assert figure.low is None or figure.high is None or figure.low <= figure.value <= figure.high
