"""The server's processes. Ids are reused, so a living id alone says nothing: what the process is, counts."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

_PROC = Path("/proc")


def is_postmaster(pid: int, cluster: Path) -> bool:
    """Whether the process lives (a zombie does not) and is the PostgreSQL of this cluster."""
    return b"postgres -D " + os.fsencode(cluster) in _command(pid)


def _command(pid: int) -> bytes:
    if pid <= 0:
        return b""
    if _PROC.joinpath("self").exists():
        with contextlib.suppress(OSError):
            return (_PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ")
        return b""
    done = subprocess.run(  # noqa: S603
        ["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, check=False
    )
    return done.stdout


def server_processes(cluster: Path) -> Iterator[int]:
    """The ids of living PostgreSQL processes that work in this cluster (Linux; none elsewhere)."""
    for entry in _PROC.glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if entry.joinpath("comm").read_bytes().startswith(b"postgres"):
                state = entry.joinpath("stat").read_bytes().rpartition(b") ")[2][:1]
                if state != b"Z" and entry.joinpath("cwd").readlink() == cluster:
                    yield int(entry.name)


def accepts(path: Path) -> bool:
    """Whether somebody listens on this Unix socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(1)
        try:
            client.connect(str(path))
        except (BlockingIOError, TimeoutError):  # its queue is full: it lives
            return True
        except OSError:
            return False
    return True


def wait_until(done: Callable[[], bool], seconds: float) -> bool:
    """Whether it got done within so many seconds; asked fifty times a second."""
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def end_orphans(cluster: Path) -> None:
    """End what a killed server left: its processes notice soon, but not in the middle of a long statement."""
    for order in (None, signal.SIGQUIT, signal.SIGKILL):
        for pid in server_processes(cluster) if order else ():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, order or 0)
        if wait_until(lambda: not any(server_processes(cluster)), 2):
            return


def shut_down(pid: int, cluster: Path, seconds: float) -> bool:
    """Whether the server is gone: its open transactions rolled back, a last checkpoint written."""
    with contextlib.suppress(ProcessLookupError):
        if is_postmaster(pid, cluster):
            os.kill(pid, signal.SIGINT)
    return wait_until(lambda: not is_postmaster(pid, cluster), seconds)
