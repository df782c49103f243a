"""Runs benches at their smallest size, and looks at what they say."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from bench import __main__ as program
from bench import wrk
from bench.result import Result

# in a file each, so that they run side by side: those that draw ISBNs need ten thousand editions, loaded once
DRAWN = ("load", "lookup", "batch", "write", "during_load", "cold", "client", "sync")
OTHERS = tuple(name for name in program.NAMES if name not in DRAWN)


@pytest.fixture
def bench_dir(open_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ALEXANDRIA_BENCH_DIR", str(open_dir / "bench"))
    return open_dir / "bench"


def check_part(names: Sequence[str], size: int, folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Nothing; these benches run, on data of their own."""
    code = program.main([*names, "--quick", "--editions", str(size), "--results", str(folder), "--page"])
    output, errors = capfd.readouterr()
    assert code == 0, output + errors
    found = {path.stem: path.read_bytes() for path in (folder / "quick").glob("*.json")}
    assert set(found) == {f"{name}-{size}" for name in names}
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
