"""Progress: a bar on a terminal, a few lines elsewhere."""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from alexandria.cli import progress
from alexandria.mirror.report import Progress
from tests.cli.conftest import COMMAND, Program


def test_lines_are_few_and_tell_every_stage(capsys: pytest.CaptureFixture[str]) -> None:
    with progress.LoadProgress() as bar:
        for step in range(1, 1001):
            bar(Progress("reading", step * 1_000_000, 1_000_000_000, step * 2000))
        bar(Progress("making indexes", 1_000_000_000, 1_000_000_000, 2_000_000))
    out, err = capsys.readouterr()
    assert out == ""
    assert [line.split(":")[0] for line in err.splitlines()] == ["reading", "making indexes"]
    assert "of 1.0 GB" in err


def test_the_time_left_is_told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    with progress.LoadProgress() as bar:
        for _ in range(60):
            now += 1
            bar(Progress("reading", int((now - 1000) * 10_000_000), 10_000_000_000, int((now - 1000) * 50_000)))
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 6
    assert lines[-1].endswith("10.0 MB/s, 2,550,000 lines, 50,000/s, 5 %, about 16 min left")


def test_what_was_before_a_stage_is_no_measure_of_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    with progress.Bar("starting") as bar:
        now += 500
        for done in (600, 610):  # of 1000: an earlier run did the rest
            now += 10
            bar.show("going on", done, 1000, "")
    assert capsys.readouterr().err.splitlines() == ["going on: ", "going on: , 61 %, about 6 min left"]


def test_a_terminal_gets_a_bar(program: Program, tmp_path: Path) -> None:
    leader, follower = os.openpty()
    process = subprocess.Popen(
        [*COMMAND, "sample", "dump", "--editions", "500", "--out", str(tmp_path / "dump"), "--json"],
        env={**program.environ, "TERM": "xterm"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=follower,
    )
    os.close(follower)
    shown = b"".join(_read_all(leader))
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    assert sum(json.loads(out)["lines"].values()) > 500
    assert b"records" in shown
    assert b"\x1b[" in shown


def _read_all(leader: int) -> Iterator[bytes]:
    try:
        while True:
            yield os.read(leader, 1 << 16)
    except OSError:  # the last program closed the terminal
        os.close(leader)
