"""Every third bench runs at its smallest size and says what it should: part one."""

from pathlib import Path

import pytest

from tests.bench.running import bench_dir, check_part

__all__ = ["bench_dir"]


@pytest.mark.slow
@pytest.mark.usefixtures("bench_dir")
def test_every_bench_runs(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    check_part(0, tmp_path, capfd)
