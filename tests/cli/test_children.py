"""Supervision, with small children."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from alexandria.api import server
from alexandria.cli import children
from alexandria.cli.children import CHILDREN, Child, ChildFailed, Children, pause_after
from alexandria.queue import worker
from tests.cli.conftest import wait_for

STUBBORN = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if not os.fork():
    open(sys.argv[1], "w").write(f"{os.getppid()} {os.getpid()}\\n")
time.sleep(60)
"""
TIED = """
import os, sys, time
from alexandria.cli.children import tie_to_parent
tie_to_parent()
pid = os.fork()
if pid:
    open(sys.argv[1], "w").write(f"{os.getpid()} {pid}\\n")
time.sleep(60)
"""


@dataclass(frozen=True)
class Script(Child):
    """A child that is no command of ours."""

    def command(self) -> list[str]:
        return [sys.executable, "-c", *self.arguments]


def _alive(pids: list[int]) -> list[int]:
    return [pid for pid in pids if Path(f"/proc/{pid}").exists() and " Z " not in Path(f"/proc/{pid}/stat").read_text()]


def _pids(file: Path) -> list[int]:
    return [int(word) for word in file.read_text().split()] if file.exists() else []


def test_the_children_are_data() -> None:
    assert [child.name for child in CHILDREN] == ["api", "worker", "scheduler"]
    assert all("--tied" in child.command() for child in CHILDREN)


def test_whoever_hands_back_what_it_has_is_given_the_time() -> None:
    assert max(worker.GRACE, server.GRACE) + 2 < children.GRACE < 15, "and containers are given fifteen seconds"


def test_pauses_grow_to_half_a_minute() -> None:
    assert [pause_after(deaths) for deaths in range(1, 8)] == [1, 2, 4, 8, 16, 30, 30]
    assert pause_after(5000) == 30


def test_one_that_never_starts_is_given_up(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(children, "pause_after", lambda deaths: 0.01)
    family = Children([Script("poet", ("raise SystemExit(3)",))], os.environ)
    with family, pytest.raises(ChildFailed, match="poet does not start"):
        wait_for(lambda: family.check(), "it is given up")
    assert "poet ended (exit 3); starting it again in 0 s" in capfd.readouterr().err


def test_a_minute_alive_makes_up_for_earlier_deaths(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "pause_after", lambda deaths: 0.01)
    monkeypatch.setattr(children, "STEADY", 0.0)
    keeper = children.Keeper(Script("poet", ("raise SystemExit(3)",)), os.environ)
    starts: list[int] = []
    monkeypatch.setattr(children, "note", lambda text: starts.append(keeper.deaths))
    keeper.start()
    wait_for(lambda: len(starts) > 5, "several deaths")
    keeper.ask_to_stop()
    keeper.join(time.monotonic() + 60)
    assert set(starts) == {1}


def test_a_stubborn_one_is_killed_with_all_it_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "GRACE", 0.3)
    file = tmp_path / "pids"
    with Children([Script("mule", (STUBBORN, str(file)))], os.environ):
        pids = wait_for(lambda: len(_pids(file)) == 2 and _pids(file), "it runs")
        assert _alive(pids) == pids
    wait_for(lambda: not _alive(pids), "they are gone")


@pytest.mark.parametrize("with_main", [False, True], ids=["supervisor", "supervisor and main process"])
def test_the_pipe_ends_forked_processes_too(tmp_path: Path, with_main: bool) -> None:
    file = tmp_path / "pids"
    process = subprocess.Popen([sys.executable, "-c", TIED, str(file)], stdin=subprocess.PIPE, process_group=0)
    assert process.stdin
    try:
        pids = wait_for(lambda: len(_pids(file)) == 2 and _pids(file), "it runs")
        if with_main:
            os.kill(process.pid, signal.SIGKILL)
        process.stdin.close()
        process.wait(60)
        wait_for(lambda: not _alive(pids), "both are gone")
    finally:
        children.kill_group(process.pid)
