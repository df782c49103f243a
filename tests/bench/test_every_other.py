"""Every bench runs at its smallest size and says what it should: the others."""

from pathlib import Path

import pytest

from tests.bench.running import OTHERS, bench_dir, check_part

__all__ = ["bench_dir"]


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.usefixtures("bench_dir")
def test_every_bench_runs(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    check_part(OTHERS, 2_000, tmp_path, capfd)
