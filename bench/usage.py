"""Processor time and disk reads of the PostgreSQL server, its ended processes included (Linux)."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")
TICK = os.sysconf("SC_CLK_TCK")


def server_cpu(postmaster: int) -> float:
    """Seconds of processor time that the server has used since it started."""
    own = sum(_times(postmaster)[:4])
    return (own + sum(sum(_times(pid)[:2]) for pid in _children(postmaster))) / TICK


def server_reads(postmaster: int) -> int:
    """Bytes that the server's living processes have caused to be read from disk."""
    total = 0
    for pid in [postmaster, *_children(postmaster)]:
        with suppress(OSError):
            lines = (PROC / str(pid) / "io").read_text().splitlines()
            total += next(int(line.split()[1]) for line in lines if line.startswith("read_bytes"))
    return total


def peak_memory() -> int:
    """The most bytes that this process has had in memory."""
    lines = (PROC / "self" / "status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024


def _stat(pid: int) -> list[str]:
    return (PROC / str(pid) / "stat").read_text().rpartition(") ")[2].split()


def _times(pid: int) -> list[int]:
    """utime, stime, cutime, cstime in ticks; zeros for a process that is gone."""
    with suppress(OSError):
        return [int(text) for text in _stat(pid)[11:15]]
    return [0, 0, 0, 0]


def _children(parent: int) -> Iterator[int]:
    for entry in PROC.glob("[0-9]*"):
        with suppress(OSError):
            if int(_stat(int(entry.name))[1]) == parent:
                yield int(entry.name)
