"""Memory of processes, by what each has for itself and its share of what it has with others (Linux)."""

from collections.abc import Callable
from contextlib import suppress

from bench.usage import PROC


def memory_of_group(leader: int) -> int:
    """Bytes of the process group of a leader."""
    return _memory_where(lambda parent, group: group == leader)


def memory_of_server(postmaster: int) -> int:
    """Bytes of PostgreSQL."""
    return _memory(postmaster) + _memory_where(lambda parent, group: parent == postmaster)


def _memory_where(fits: Callable[[int, int], bool]) -> int:
    """Bytes of all processes that fit, by their parent and their group."""
    total = 0
    for entry in PROC.glob("[0-9]*"):
        with suppress(OSError, IndexError):
            parts = (entry / "stat").read_text().rpartition(") ")[2].split()
            if fits(int(parts[1]), int(parts[2])):
                total += _memory(int(entry.name))
    return total


def _memory(pid: int) -> int:
    """Bytes of one process; of one that is gone, or that may not be looked into, none."""
    with suppress(OSError):
        for line in (PROC / str(pid) / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0
