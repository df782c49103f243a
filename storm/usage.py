"""Memory of processes, by what each has for itself and its share of what it has with others (Linux)."""

from collections.abc import Callable
from contextlib import suppress

from bench.usage import PROC


def memory_of_group(leader: int) -> int:
    """Bytes of the process group of a leader."""
    return _memory_where(lambda parent, group: group == leader)


def memory_of_server(postmaster: int) -> tuple[int, int]:
    """Bytes of PostgreSQL's processes, and of what they share: its cache, which grows with the data to its bound."""

    def fits(parent: int, group: int) -> bool:
        return parent == postmaster

    cache = _memory(postmaster, "Pss_Shmem") + _memory_where(fits, "Pss_Shmem")
    return _memory(postmaster) + _memory_where(fits) - cache, cache


def _memory_where(fits: Callable[[int, int], bool], name: str = "Pss") -> int:
    """Bytes of all processes that fit, by their parent and their group."""
    total = 0
    for entry in PROC.glob("[0-9]*"):
        with suppress(OSError, IndexError):
            parts = (entry / "stat").read_text().rpartition(") ")[2].split()
            if fits(int(parts[1]), int(parts[2])):
                total += _memory(int(entry.name), name)
    return total


def _memory(pid: int, name: str = "Pss") -> int:
    """Bytes of that name of one process; of one that is gone, or that may not be looked into, none."""
    with suppress(OSError):
        for line in (PROC / str(pid) / "smaps_rollup").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024
    return 0
